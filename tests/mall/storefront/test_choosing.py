"""Choosing at the checkout: card, voucher, points, offer; each change is priced by the server."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from mall.ordering.models import OrderFulfilment, Status
from mall.promotions.lifecycle import pause
from mall.promotions.models import BankOffer
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill, fill_worked, give_card, make_worked_group
from tests.mall.promotions.offers import make_offer
from tests.mall.storefront.purse import give_purse, give_voucher, make_batch

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def resident(acquirer):
    return make_person("李小娟", phone="+8613912341234")


@pytest.fixture
def client(resident) -> Client:
    client = Client()
    client.force_login(resident)
    return client


@pytest.fixture
def group():
    return make_worked_group()


def checkout_url(group) -> str:
    return f"/g/{group.share_code}/checkout/"


def quoted(client: Client, group, **wish: str):
    return client.get(f"{checkout_url(group)}quote/", wish, **HTMX).context


def sums(context) -> dict[str, int]:
    return {line.label: line.minor for line in context["money_lines"]}


def form_of(page) -> dict[str, list[str]]:
    """The fields a browser would send back from the page, hidden ones and chosen ones."""
    html = page.content.decode()
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        is_choice = found.get("type") in {"radio", "checkbox"}
        if "name" not in found or (is_choice and " checked" not in tag):
            continue
        fields.setdefault(found["name"], []).append(found.get("value", ""))
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def test_every_part_of_the_price_names_who_pays_it(client, group, resident):
    make_offer()
    give_card(resident)
    give_purse(resident)
    fill_worked(group, resident)

    context = quoted(client, group, way="", use_points="on")
    page = client.get(checkout_url(group))
    context = quoted(client, group, way=_card(page), use_points="on", voucher_no="best")

    assert sums(context) == {
        "商品": 20800,
        "春季消费券": -500,
        "300 点积分": -300,
        "满200减16": -1600,
    } or (list(sums(context).values()) == [20800, -500, -300, -1600])
    assert context["payable_minor"] == 18400
    who = [line.who for line in context["money_lines"]]
    assert who[0] == ""
    assert all(who[1:])


def _card(page) -> str:
    return next(way.value for way in page.context["ways"] if len(way.value) > 12)


def test_the_best_voucher_is_chosen_for_her_and_another_or_none_by_her(client, group, resident):
    fill_worked(group, resident)
    small = give_voucher(resident, make_batch())
    give_voucher(resident, make_batch(code="spring-9", name="大额券", discount_minor=900))

    best = quoted(client, group, way="cashier", voucher_no="best")
    other = quoted(client, group, way="cashier", voucher_no=small)
    none = quoted(client, group, way="cashier", voucher_no="none")

    assert [context["payable_minor"] for context in (best, other, none)] == [19900, 20300, 20800]
    assert [row.name for row in best["vouchers"] if row.best] == ["大额券"]
    assert not any(row.best for row in other["vouchers"])
    assert other["vouchers"][0].value == "best"  # the way back to "choose for me"


def test_a_voucher_that_does_not_go_says_why_and_cannot_be_chosen(client, group, resident):
    fill(group, resident, first=1)
    give_voucher(resident, make_batch())

    (row, none) = quoted(client, group, way="cashier", voucher_no="best")["vouchers"]

    assert row.disabled
    assert row.hint
    assert none.checked


def test_points_go_by_a_switch_and_fewer_by_a_number(client, group, resident):
    give_purse(resident)
    fill_worked(group, resident)

    off = quoted(client, group, way="cashier", voucher_no="none")
    on = quoted(client, group, way="cashier", voucher_no="none", use_points="on")
    fewer = quoted(client, group, way="cashier", voucher_no="none", use_points="on", points="120")

    assert [each["payable_minor"] for each in (off, on, fewer)] == [20800, 20500, 20680]
    assert (on["points"].used, on["points"].wanted) == (300, None)
    assert (fewer["points"].used, fewer["points"].wanted) == (120, 120)


def test_one_of_a_cards_offers_is_chosen_or_none_of_them(client, group, resident):
    make_offer()
    make_offer(code="ccb-8", name="满100减8", threshold_minor=10000, discount_minor=800)
    card = give_card(resident).agreement_no
    fill_worked(group, resident)

    best = quoted(client, group, way=card)
    other = quoted(client, group, way=card, offer_code=f"{card}:ccb-8")
    kept = quoted(client, group, way=card, offer_code=f"{card}:none")
    of_another_card = quoted(client, group, way=card, offer_code="A0:ccb-8")

    assert [each["payable_minor"] for each in (best, other, kept)] == [19200, 20000, 20800]
    assert of_another_card["payable_minor"] == 19200
    rows = next(way for way in best["ways"] if way.checked).offers
    assert [(row.name, row.saving_minor) for row in rows][:2] == [
        ("满200减16", 1600),
        ("满100减8", 800),
    ]


def test_where_the_bank_decides_all_is_asked_and_the_rest_is_only_expected(client, group, resident):
    make_offer(decided_by=BankOffer.DecidedBy.BANK)
    card = give_card(resident).agreement_no
    fill_worked(group, resident)

    page = client.get(checkout_url(group))

    assert page.context["payable_minor"] == 20800
    assert page.context["about_minor"] == 1600
    html = page.content.decode()
    assert "208.00" in html
    assert 'name="expected_payable" value="19200"' in html
    row = next(way for way in page.context["ways"] if way.value == card)
    assert (row.saving_minor, bool(row.about_text)) == (0, True)


def test_without_scripts_a_button_works_the_amount_out_and_keeps_what_she_typed(
    client, group, resident
):
    make_offer()
    give_card(resident)
    fill_worked(group, resident)
    page = client.get(checkout_url(group))
    fields = form_of(page) | {"way": ["cashier"], "remark": ["放门口"], "requote": ["1"]}

    again = client.post(checkout_url(group), fields)

    assert again.status_code == 200
    assert again.context["payable_minor"] == 20800
    assert again.context["changes"] == []
    assert 'value="放门口"' in again.content.decode()
    assert not OrderFulfilment.objects.exists()


def test_a_price_that_changed_shows_every_part_before_and_now_and_asks_again(
    client, group, resident
):
    offer = make_offer()
    give_card(resident)
    give_purse(resident)
    fill_worked(group, resident)
    page = client.get(checkout_url(group))
    seen = form_of(page) | {"use_points": ["on"]}
    page = client.post(checkout_url(group), seen | {"requote": ["1"]})
    assert page.context["payable_minor"] == 18400
    pause(offer)

    refused = client.post(checkout_url(group), form_of(page))

    assert refused.status_code == 422
    changes = {row.label: (row.before_minor, row.now_minor) for row in refused.context["changes"]}
    assert list(changes.values()) == [(1600, 0), (18400, 20000)]
    assert not OrderFulfilment.objects.exists()
    assert refused.context["points"].is_on  # nothing of her wish is lost

    confirmed = client.post(checkout_url(group), form_of(refused))

    order = OrderFulfilment.objects.get()
    assert confirmed.status_code == 302
    assert (order.status, order.payable_minor) == (Status.PENDING_PAYMENT, 20000)


def test_what_she_chose_is_what_is_placed(client, group, resident):
    make_offer()
    give_card(resident)
    voucher_no = give_purse(resident)
    fill_worked(group, resident)
    page = client.get(checkout_url(group))
    page = client.post(
        checkout_url(group), form_of(page) | {"use_points": ["on"], "requote": ["1"]}
    )

    client.post(checkout_url(group), form_of(page))

    order = OrderFulfilment.objects.get()
    rows = list(
        order.discounts.order_by("pk").values_list("source", "source_no", "estimated_minor")
    )
    assert rows == [
        ("voucher", voucher_no, 500),
        ("points", "300", 300),
        ("offer", "ccb-200-16", 1600),
    ]
    assert order.payable_minor == 18400


def test_the_pay_page_keeps_what_was_placed_and_prices_another_wish_anew(client, group, resident):
    make_offer()
    give_card(resident)
    give_purse(resident)
    fill_worked(group, resident)
    page = client.get(checkout_url(group))
    client.post(checkout_url(group), form_of(page))
    order = OrderFulfilment.objects.get()
    pay_url = f"/orders/{order.order_no}/pay/"
    assert order.payable_minor == 18700

    page = client.get(pay_url)
    quote = client.get(f"{pay_url}quote/", {"way": "cashier", "voucher_no": "none"}, **HTMX)

    assert page.context["payable_minor"] == 18700
    assert [row.name for row in page.context["vouchers"] if row.checked] == ["春季消费券"]
    assert quote.context["payable_minor"] == 20800
    assert len(page.context["money_lines"]) == 3


def test_the_orders_page_shows_each_discount_with_its_funder(client, group, resident):
    make_offer()
    give_card(resident)
    give_purse(resident)
    fill_worked(group, resident)
    client.post(checkout_url(group), form_of(client.get(checkout_url(group))))
    order = OrderFulfilment.objects.get()

    page = client.get(f"/orders/{order.order_no}/")

    lines = page.context["money_lines"]
    assert [line.minor for line in lines] == [20800, -500, -1600]
    assert all(line.who for line in lines[1:])
    assert page.context["total_minor"] == 18700


def test_whoever_ties_a_card_first_finds_her_wish_and_her_words_again(client, group, resident):
    give_purse(resident)
    fill_worked(group, resident)
    page = client.get(checkout_url(group))
    wish = {"way": ["new_card"], "voucher_no": ["none"], "use_points": ["on"], "remark": ["放门口"]}

    away = client.post(checkout_url(group), form_of(page) | wish)
    back = parse_qs(urlsplit(away.url).query)["next"][0]
    give_card(resident)
    make_offer()
    again = client.get(back)

    assert again.context["payable_minor"] == 20800 - 300 - 1600
    assert 'value="放门口"' in again.content.decode()
