"""A voucher, points and a bank offer on one order: held, used and given back together."""

from __future__ import annotations

import pytest

from mall.ordering.discounts import discounts_of
from mall.ordering.ending import cancel_order, cancel_paid_order
from mall.ordering.errors import PriceChangedError
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.paying import change_way
from mall.ordering.pricing import Wish
from mall.ordering.ways import give_up
from mall.promotions.models import BankOffer
from mall.vouchers.models import Voucher, VoucherUse
from payments.api import Money, attempts, payment_view
from payments.models import OutboxEvent
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import give_points, make_programme
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import (
    back,
    discounts,
    fresh,
    funders,
    make_voucher_of_three,
    money_comes,
    paid,
    place_with_everything,
    points_of,
    tenders,
)
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def wang():
    return make_person("王阿姨")


def test_each_discount_looks_at_what_the_one_before_left(wang):
    order = place_with_everything(resident=wang)

    assert (order.goods_minor, order.discount_minor, order.payable_minor) == (20800, 5100, 15700)
    assert list(discounts(order).values()) == [(3000, None), (500, None), (1600, None)]
    assert funders(order) == {
        ("government", "GOV-HZ:spring"): 1500,
        ("platform", "spring"): 900,
        ("supplier", "supplier:1"): 600,
        ("platform", "points"): 500,
        ("bank", "CCB:ccb-200-16"): 1200,
        ("platform", "ccb-200-16"): 400,
    }
    lines = list(LineFulfilment.objects.filter(order=order).order_by("pk"))
    for line in lines:
        rows = list(line.discounts.all())
        assert line.offer_share_minor == sum(row.minor for row in rows)
        own = [row.minor for row in rows if row.funder not in {"bank", "government"}]
        assert line.own_share_minor == sum(own)
    assert sum(line.commission_base_minor for line in lines) == 20800 - 900 - 600 - 500 - 400


def test_the_payment_has_each_funder_and_label_once(wang):
    order = place_with_everything(resident=wang)

    assert tenders(order) == funders(order)
    assert payment_view(order.payment_no).amount == Money(15700)


def test_everything_is_held_until_it_is_paid_and_then_used(wang):
    order = place_with_everything(resident=wang)
    assert (Voucher.objects.get().state, points_of(wang.pk)) == ("locked", 0)
    assert BankOffer.objects.get().reserved_count == 1

    order = paid(order)

    assert Voucher.objects.get().state == "used"
    assert BankOffer.objects.get().used_minor == 1600
    assert list(discounts(order).values()) == [(3000, 3000), (500, 500), (1600, 1600)]
    shown = discounts_of(order.pk)
    assert [(each.source, each.minor) for each in shown] == [
        ("voucher", 3000),
        ("points", 500),
        ("offer", 1600),
    ]


def test_an_order_that_is_cancelled_gives_everything_back_once(wang):
    order = place_with_everything(resident=wang)

    cancel_order(order_no=order.order_no, resident_id=wang.pk)
    give_up(order.order_no)  # a job that comes a second time

    assert (Voucher.objects.get().state, points_of(wang.pk)) == ("held", 500)
    assert VoucherUse.objects.get().state == "released"
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.reserved_minor, offer.used_count) == (0, 0, 0)


def test_a_paid_order_that_is_cancelled_returns_every_funders_part(wang):
    order = paid(place_with_everything(resident=wang))

    for _ in range(2):
        cancel_paid_order(order_no=order.order_no, resident_id=wang.pk)

    assert back(order) == {("payer", ""): 15700, **funders(order)}
    assert funders(order, "returned_minor") == funders(order)
    assert (Voucher.objects.get().state, points_of(wang.pk)) == ("returned", 500)
    assert BankOffer.objects.get().used_count == 0


def test_another_way_keeps_voucher_and_points_and_leaves_the_offer(wang):
    order = place_with_everything(resident=wang)
    voucher = Voucher.objects.get()

    change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way="cashier", voucher_no=voucher.voucher_no, points=500),
        expected_payable=Money(17300),
    )

    order = fresh(order)
    assert (order.payable_minor, order.discount_minor) == (17300, 3500)
    assert [use.state for use in VoucherUse.objects.all()] == ["locked"]
    assert points_of(wang.pk) == 0
    assert BankOffer.objects.get().reserved_count == 0
    assert OrderDiscount.objects.count() == 2
    assert tenders(order) == funders(order)


def test_another_way_without_them_frees_voucher_and_points(wang):
    order = place_with_everything(resident=wang)

    change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way="cashier", voucher_no="none"),
        expected_payable=Money(20800),
    )

    assert (Voucher.objects.get().state, points_of(wang.pk)) == ("held", 500)
    assert not LineDiscount.objects.exists()


def test_late_money_of_an_attempt_from_before_the_new_price_goes_back(wang):
    order = place_with_everything(resident=wang)
    change_way(
        order_no=order.order_no,
        resident_id=wang.pk,
        wish=Wish(way=order.agreement_no, voucher_no="none"),
        expected_payable=Money(19200),
    )

    first = attempts(order.order_no)[-1].payment_no
    assert first != fresh(order).payment_no
    money_comes(first)

    assert payment_view(first).application == "surplus"
    assert fresh(order).status == "pending_payment"


def test_a_voucher_that_went_meanwhile_refuses_with_every_new_figure(wang):
    voucher = make_voucher_of_three(wang)
    basket = fill_worked(make_worked_group(), wang)
    Voucher.objects.update(state="expired")

    with pytest.raises(PriceChangedError) as refused:
        place(basket, wang, wish=Wish(way="cashier", voucher_no=voucher.voucher_no), payable=17800)

    assert refused.value.data == {
        "goods_minor": 20800,
        "voucher_minor": 0,
        "points_minor": 0,
        "offer_minor": 0,
        "discount_minor": 0,
        "payable_minor": 20800,
        "was_minor": 17800,
    }
    assert not OrderFulfilment.objects.exists()


def test_points_beyond_what_goes_are_left_out(wang):
    make_programme(most_percent=10)
    give_points(wang, 5000)

    order = place(
        fill_worked(make_worked_group(), wang),
        wang,
        wish=Wish(way="cashier", points=5000),
        payable=18720,
    )

    assert points_of(wang.pk) == 5000 - 2080
    assert discounts(order) == {"2080": (2080, None)}


def test_a_voucher_never_makes_the_bank_offer_worse(wang):
    """10.00 off would bring 208.00 below the 200.00 that save 16.00."""
    make_voucher_of_three(wang, discount_minor=1000)
    make_offer()
    card = give_card(wang)
    group = make_worked_group()

    by_card = place(fill_worked(group, wang), wang, wish=Wish(way=card.agreement_no), payable=19200)
    by_cashier = place(fill_worked(group, wang), wang, wish=Wish(way="cashier"), payable=19800)

    assert [row.source for row in by_card.discounts.all()] == ["offer"]
    assert [row.source for row in by_cashier.discounts.all()] == ["voucher"]


def test_the_facts_tell_goods_discounts_and_what_the_payer_gave(wang):
    order = paid(place_with_everything(resident=wang))

    payload = OutboxEvent.objects.get(fact="order.paid").payload

    told = ("goods_minor", "discount_minor", "payable_minor", "payer_minor", "is_tied")
    assert [payload[name] for name in told] == [20800, 5100, 15700, 15700, True]
    assert payload["paid_at"] == order.paid_at.isoformat()
    voucher, _points, offer = payload["discounts"]
    assert (voucher["source"], voucher["actual_minor"], len(voucher["funders"])) == (
        "voucher",
        3000,
        3,
    )
    assert offer["funders"][0] == {
        "funder": "bank",
        "ref": "CCB:ccb-200-16",
        "minor": 1200,
        "returned_minor": 0,
    }
    assert sum(line["value_minor"] for line in payload["lines"]) == 20800 - 2400
