"""Chinese and English: every string is translated, and no page mixes the two."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from django.core import serializers
from django.test import Client
from django.utils.translation import gettext, override, pgettext
from oscar.apps.catalogue.models import Category, Product

from groupleader.models import Leader
from mall.accounts.models import User
from mall.catalogue.models import ProductExtra
from mall.config import translations
from mall.groupbuy.models import GroupBuy
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import pay_order
from mall.pickup.models import Community, PickupPoint
from payments.models import CardAgreement
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill, fill_worked, make_worked_group, place
from tests.mall.ordering.tying import tie

FLOORS = [*translations.FLOORS]
CATALOGUES = [*FLOORS, translations.GUESTS]
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[.\d]*[sdf]|\{\w*\}|</?(?:a|em|span|strong)\b")
# What stays Chinese on an English page besides the shop's data: the name of the language itself,
# and the example of a masked name.
SAID_IN_CHINESE = {"简体中文", "李", "娟"}


def _written(place: str) -> list[Message]:
    return [m for m in translations.read_catalogue(translations.catalogue_path(place)) if m.id]


def _english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[-1]


def _chinese(message: Message) -> str:
    return message.string if isinstance(message.string, str) else message.string[0]


@pytest.mark.parametrize("floor", FLOORS)
def test_every_string_is_gathered_and_nothing_else_is_kept(floor):
    gathered = {(m.context, m.id) for m in translations.gather(floor) if m.id}

    assert {(m.context, m.id) for m in _written(floor)} == gathered, "run `make messages`"


@pytest.mark.parametrize("place", CATALOGUES)
def test_every_string_is_translated_and_none_by_a_guess(place):
    catalogue = translations.read_catalogue(translations.catalogue_path(place))

    assert translations.untranslated(catalogue) == []


@pytest.mark.parametrize("place", CATALOGUES)
def test_translations_keep_placeholders_and_marks(place):
    for message in _written(place):
        wanted, found = (
            sorted(set(PLACEHOLDER.findall(text)))
            for text in (_english(message), _chinese(message))
        )
        assert found == wanted, message.id


@pytest.mark.parametrize("place", CATALOGUES)
def test_chinese_has_chinese_punctuation(place):
    half_width = re.compile(r"[\u4e00-\u9fff][,;:?!(]|[\u4e00-\u9fff]\.$|\)[\u4e00-\u9fff]")
    wrong = [_chinese(m) for m in _written(place) if half_width.search(_chinese(m))]

    assert wrong == []


def test_the_floors_say_the_same_thing_in_the_same_words():
    said: dict[tuple[str | None, str], str] = {}
    for floor in FLOORS:
        for message in _written(floor):
            key = (message.context, _english(message))
            assert said.setdefault(key, _chinese(message)) == _chinese(message), key


@pytest.mark.parametrize("floor", FLOORS)
def test_english_is_said_as_it_was_written(floor):
    """Oscar's English catalogue would turn our baskets into carts."""
    with override("en"):
        for message in translations.gather(floor):
            if message.id and isinstance(message.id, str):
                said = pgettext(message.context, message.id) if message.context else None
                assert (said or gettext(message.id)) == message.id


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("zh-TW", "zh-hans"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR", "zh-hans"),
        ("", "zh-hans"),
    ],
)
def test_chinese_first_and_english_for_who_asks(asked, spoken):
    page = Client().get("/points/", headers={"accept-language": asked}).content.decode()

    assert f'<html lang="{spoken}"' in page


@pytest.mark.django_db
def test_the_chosen_language_outweighs_the_browsers():
    client = Client()
    client.post("/i18n/setlang/", {"language": "en", "next": "/points/"})

    page = client.get("/points/", headers={"accept-language": "zh-CN"}).content.decode()

    assert "Choose your pickup point" in page


@pytest.fixture
def pages(acquirer) -> list[tuple[Client, str]]:
    """Who looks at which address: a resident, her leader and an operator, with two orders."""
    group = make_worked_group()
    Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    resident = make_person("李小娟", phone="+8613912341234")
    card = tie(resident, acquirer)
    paid = place(fill_worked(group, resident), resident, way=card)
    pay_order(order_no=paid.order_no, resident_id=resident.pk)
    unpaid = place(fill(group, resident, first=1), resident, payable=3000)
    fill(group, resident, second=1)
    paid.refresh_from_db()
    shop = f"/g/{group.share_code}/"
    item = group.group_buy.items.first()
    return [
        *_looks(None, ["/points/", "/sign-in/", shop, f"{shop}items/{item.pk}/"]),
        *_looks(resident, ["/points/", shop, f"{shop}basket/", f"{shop}checkout/"]),
        *_looks(resident, ["/orders/", "/cards/", "/me/", f"/pay/{paid.payment_no}/result/"]),
        *_looks(resident, [f"/orders/{order.order_no}/" for order in (paid, unpaid)]),
        *_looks(resident, [f"/orders/{unpaid.order_no}/pay/", "/leader/"]),
        *_looks(group.leader, [f"/leader/{name}/" for name in ("orders", "arrivals", "scan")]),
        *_looks(group.leader, ["/leader/", "/leader/earnings/", f"/leader/groups/{group.pk}/"]),
        *_looks(group.leader, ["/leader/statements/", "/leader/account/"]),
        *_looks(User.objects.create_superuser(username="boss", password="x" * 12), ["/admin/"]),
    ]


def _looks(person: User | None, addresses: list[str]) -> Iterator[tuple[Client, str]]:
    client = Client()
    if person:
        client.force_login(person)
    return ((client, address) for address in addresses)


def _shown(client: Client, address: str, language: str) -> list[str]:
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code in {200, 403}, address
    page = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", "\n", answer.content.decode())
    told = re.findall(r'(?:aria-label|title|placeholder|alt|data-say)="([^"]*)"', page)
    return [
        html.unescape(text) for text in [*re.sub(r"(?s)<[^>]*>", "\n", page).split("\n"), *told]
    ]


@pytest.mark.django_db(transaction=True)
def test_no_sentence_of_ours_is_left_in_english_on_a_chinese_page(pages):
    sentences = [
        re.compile(rf"(?<![\w'-]){re.escape(_english(message))}(?![\w'-])")
        for place in CATALOGUES
        for message in _written(place)
        if re.search(r"[A-Za-z]+\W+[A-Za-z]+", _english(message)) and "%" not in _english(message)
    ]
    for client, address in pages:
        text = "\n".join(_shown(client, address, "zh-CN"))
        assert re.search(r"[\u4e00-\u9fff]", text), address
        assert [found[0] for each in sentences if (found := each.search(text))] == [], address


@pytest.mark.django_db(transaction=True)
def test_nothing_but_the_shops_data_is_chinese_on_an_english_page(pages):
    kinds = (Category, CardAgreement, Community, GroupBuy, Leader, OrderFulfilment, PickupPoint)
    rows = [row for kind in (*kinds, Product, ProductExtra, User) for row in kind.objects.all()]
    data = serializers.serialize("json", rows, ensure_ascii=False)
    for client, address in pages:
        for text in _shown(client, address, "en"):
            for chinese in re.findall(r"[\u4e00-\u9fff]+", text):
                assert chinese in data or chinese in SAID_IN_CHINESE, (address, text)
