"""The list of what banks gave otherwise than quoted, as staff see it."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from mall.accounts.models import User
from mall.ordering.differences import NoWordError, note_difference
from mall.ordering.models import DiscountDifference, OrderDiscount, OrderFulfilment
from payments.api import Funder, Money, TenderPart
from tests.factories.groups import make_person
from tests.mall.ordering.discounted import paid, place_with_everything
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
LIST = "/admin/ordering/discountdifference/"


@pytest.fixture
def boss(acquirer) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", "boss@example.com", "x"))
    return client


def an_order(name: str, code: str, given: int | None) -> OrderFulfilment:
    """An order whose bank was to give 16.00 and gave so much."""
    resident = make_person(name)
    make_offer(code=code, decided_by="bank")
    basket = fill_worked(make_worked_group(), resident)
    order = place(basket, resident, way=give_card(resident).agreement_no, payable=19200)
    row = order.discounts.get()
    parts = [TenderPart(funder=Funder.BANK, ref=f"CCB:{row.source_no}", amount=Money(given or 0))]
    return paid(order, *parts) if given else paid(order)


def shown(client: Client, **query: str) -> list[str]:
    rows = client.get(LIST, query).context["cl"].result_list
    return [row.order.order_no for row in rows]


def test_it_shows_only_what_differs_and_finds_it_by_kind(boss):
    an_order("王阿姨", "ccb-200-16", 1600)
    less = an_order("李小娟", "ccb-200-16-b", 700)
    nothing = an_order("赵大爷", "ccb-200-16-c", None)
    place_with_everything(resident=make_person("陈姐"), code="ours")

    assert shown(boss) == [nothing.order_no, less.order_no]
    assert shown(boss, how="less") == [less.order_no]
    assert shown(boss, how="nothing") == [nothing.order_no]
    assert shown(boss, how="more") == shown(boss, how="unquoted") == []
    assert shown(boss, q=less.order_no) == [less.order_no]


def test_a_word_is_written_down_with_who_said_it(boss):
    order = an_order("王阿姨", "ccb-200-16", 700)
    row = DiscountDifference.objects.get(order=order)
    page = f"{LIST}{row.pk}/change/"
    assert "−¥9" in boss.get(page).content.decode()

    boss.post(page, {"note": "银行活动当日只减7元"})

    row.refresh_from_db()
    assert (row.note, row.noted_by.username, row.noted_at is not None) == (
        "银行活动当日只减7元",
        "boss",
        True,
    )
    assert (row.estimated_minor, row.actual_minor) == (1600, 700)


def test_what_agrees_is_not_noted_and_nothing_is_noted_without_a_word(boss):
    row = OrderDiscount.objects.get(order=an_order("王阿姨", "ccb-200-16", 1600))
    by = User.objects.get(username="boss")

    assert not note_difference(discount_id=row.pk, by=by, note="?")
    with pytest.raises(NoWordError):
        note_difference(discount_id=row.pk, by=by, note=" ")


def test_several_are_marked_and_taken_along_as_a_file(boss):
    order = an_order("王阿姨", "ccb-200-16", 700)
    chosen = {"_selected_action": [str(DiscountDifference.objects.get().pk)]}

    boss.post(LIST, {"action": "mark_noted", **chosen})
    csv = b"".join(boss.post(LIST, {"action": "as_csv", **chosen}).streaming_content).decode()
    book = boss.post(LIST, {"action": "as_workbook", **chosen})

    assert DiscountDifference.objects.get().noted_by.username == "boss"
    assert f"{order.order_no},{order.payment_no}" in csv
    assert "16.00,7.00,-9.00" in csv
    sheet = load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    assert sheet.cell(2, 1).value == order.order_no


def test_whoever_may_only_look_cannot_say_a_word(boss):
    order = an_order("王阿姨", "ccb-200-16", 700)
    row = DiscountDifference.objects.get(order=order)
    guest = User.objects.create_user("guest", password="x", is_staff=True)
    client = Client()
    client.force_login(guest)

    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}{row.pk}/change/", {"note": "x"}).status_code == 403
    row.refresh_from_db()
    assert row.noted_at is None


def test_the_orders_page_says_who_pays_for_what_is_off(boss):
    order = paid(place_with_everything(resident=make_person("王阿姨")))

    page = boss.get(f"/admin/ordering/orderfulfilment/{order.pk}/change/").content.decode()

    for text in ("春季消费券", "GOV-HZ:spring", "¥15", "满200减16", "CCB:ccb-200-16"):
        assert text in page
