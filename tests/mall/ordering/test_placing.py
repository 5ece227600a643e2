"""Placing an order: what it takes, what it costs, and what refuses it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from oscar.apps.order.models import Order
from oscar.apps.partner.models import StockRecord

from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.errors import BasketGoneError, CutOffError
from mall.groupbuy.models import GroupBuyItem
from mall.groupbuy.shoppers import Shopper
from mall.ordering.errors import (
    CheckoutKeyError,
    EmptyBasketError,
    LimitError,
    PriceChangedError,
    SoldOutError,
    WayRefusedError,
)
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status, StockReservation
from mall.ordering.pricing import Wish
from mall.pickup.errors import LeaderOnHolidayError, PointClosedError
from mall.promotions.errors import OfferUsedUpError
from mall.promotions.models import BankOffer
from payments.api import Money, business_date, payment_view
from payments.models import OutboxEvent, Payment
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.mall.loyalty.rules import give_points, make_programme
from tests.mall.ordering.shopping import fill, fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer
from tests.mall.vouchers.batches import make_batch, make_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer; nothing here is sent to it."""


@pytest.fixture
def wang():
    return make_person("王阿姨")


@pytest.fixture
def group():
    return make_worked_group()


def stock_of(item: GroupBuyItem) -> tuple[int, int, int, int]:
    """In stock, allocated, held, sold."""
    item = GroupBuyItem.objects.select_related("stockrecord").get(pk=item.pk)
    record = item.stockrecord
    return record.num_in_stock, record.num_allocated or 0, item.held, item.sold


def nothing_happened() -> bool:
    return not (
        Order.objects.exists()
        or OrderFulfilment.objects.exists()
        or Payment.objects.exists()
        or OutboxEvent.objects.filter(fact__startswith="order.").exists()
        or StockRecord.objects.filter(num_allocated__gt=0).exists()
        or GroupBuyItem.objects.filter(held__gt=0).exists()
        or BankOffer.objects.filter(reserved_count__gt=0).exists()
    )


def test_the_worked_example_is_placed_to_the_fen(wang, group):
    make_offer()
    card = give_card(wang)

    order = place(fill_worked(group, wang), wang, way=card.agreement_no, payable=19200)

    assert order.status == Status.PENDING_PAYMENT
    assert (order.goods_minor, order.discount_minor, order.payable_minor) == (20800, 1600, 19200)
    shares = list(LineFulfilment.objects.values_list("offer_share_minor", flat=True))
    assert shares == [231, 754, 615]
    payment = payment_view(order.payment_no)
    assert payment.amount == Money(19200)
    assert [(str(t.funder), t.ref, t.amount.minor) for t in payment.tenders] == [
        ("payer", "", 19200),
        ("bank", "CCB:ccb-200-16", 1600),
    ]
    assert stock_of(item_of(group, 2)) == (100, 2, 2, 0)
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.reserved_minor) == (1, 1600)


def test_oscar_sees_the_same_order(wang, group):
    order = place(fill_worked(group, wang), wang)

    seen = Order.objects.get()
    assert (seen.number, seen.status, str(seen.total_incl_tax)) == (
        order.order_no,
        "pending_payment",
        "208.00",
    )
    assert seen.number.startswith("M")
    assert len(seen.number) == 20
    assert [(line.quantity, str(line.line_price_incl_tax)) for line in seen.lines.all()] == [
        (1, "30.00"),
        (2, "98.00"),
        (1, "80.00"),
    ]
    basket = seen.basket
    assert basket.status == "Submitted"


def test_the_fact_carries_what_commission_looks_at(wang, group):
    make_offer()
    card = give_card(wang)
    order = place(fill_worked(group, wang), wang, way=card.agreement_no, payable=19200)

    payload = OutboxEvent.objects.get(fact="order.placed").payload

    assert payload["order_no"] == order.order_no
    assert (payload["leader_id"], payload["resident_id"]) == (group.leader_id, wang.pk)
    assert [
        (line["quantity"], line["value_minor"], line["cost_minor"]) for line in payload["lines"]
    ] == [(1, 3000, 2400), (2, 9800, 7840), (1, 8000, 6400)]
    assert all(line["category_ids"] for line in payload["lines"])


def test_a_discount_the_mall_shares_lowers_the_base_of_commission(wang, group):
    make_offer(funding=[{"funder": "bank", "percent": 75}, {"funder": "platform", "percent": 25}])
    card = give_card(wang)

    order = place(fill_worked(group, wang), wang, way=card.agreement_no, payable=19200)

    tenders = payment_view(order.payment_no).tenders
    assert [(str(t.funder), t.ref, t.amount.minor) for t in tenders] == [
        ("payer", "", 19200),
        ("bank", "CCB:ccb-200-16", 1200),
        ("platform", "ccb-200-16", 400),
    ]
    own = list(LineFulfilment.objects.values_list("own_share_minor", flat=True))
    assert sum(own) == 400
    payload = OutboxEvent.objects.get(fact="order.placed").payload
    assert sum(line["value_minor"] for line in payload["lines"]) == 20400


def test_the_same_basket_again_is_the_same_order(wang, group):
    basket = fill_worked(group, wang)

    first = place(basket, wang, key="k1")
    same_key = place(basket, wang, key="k1")
    other_tab = place(basket, wang, key="k2")

    assert first.pk == same_key.pk == other_tab.pk
    assert Payment.objects.count() == 1
    assert stock_of(item_of(group, 2)) == (100, 2, 2, 0)


def test_a_checkout_key_is_good_for_one_basket(wang, group):
    place(fill_worked(group, wang), wang, key="k1")
    another = fill(group, wang, first=1)

    with pytest.raises(CheckoutKeyError):
        place(another, wang, key="k1", payable=3000)

    assert OrderFulfilment.objects.count() == 1


def test_a_changed_amount_is_shown_and_nothing_is_written(wang, group):
    offer = make_offer()
    card = give_card(wang)
    basket = fill_worked(group, wang)
    make_offer(code="used-up", total_limit=1, used_count=1)
    BankOffer.objects.filter(pk=offer.pk).update(state=BankOffer.State.PAUSED)

    with pytest.raises(PriceChangedError) as refused:
        place(basket, wang, way=card.agreement_no, payable=19200)

    assert refused.value.data == {
        "goods_minor": 20800,
        "voucher_minor": 0,
        "points_minor": 0,
        "offer_minor": 0,
        "discount_minor": 0,
        "payable_minor": 20800,
        "was_minor": 19200,
    }
    assert nothing_happened()
    assert place(basket, wang, way=card.agreement_no, payable=20800).payable_minor == 20800


def test_a_resident_has_the_offer_once_a_day(wang, group):
    make_offer(resident_day_limit=1)
    card, other = give_card(wang), give_card(wang)
    place(fill_worked(group, wang), wang, way=card.agreement_no, payable=19200)

    with pytest.raises(PriceChangedError) as refused:
        place(fill_worked(group, wang), wang, way=other.agreement_no, payable=19200)

    assert refused.value.data["payable_minor"] == 20800


def test_what_is_sold_out_is_named_with_what_is_left(wang):
    plan = make_item_plan(make_product("荔枝", stock=3), price_minor=10400)
    group = make_open_group(items=[plan])
    basket = fill(group, wang, first=4)

    with pytest.raises(SoldOutError) as refused:
        place(basket, wang, payable=41600)

    assert refused.value.data["items"] == [
        {"item_id": item_of(group).pk, "wanted": 4, "left": 3, "title": "荔枝"}
    ]
    assert nothing_happened()
    basket.refresh_from_db()
    assert basket.is_live


def test_the_quota_counts_as_the_stock_does(wang):
    group = make_worked_group(quota=1)

    with pytest.raises(SoldOutError) as refused:
        place(fill(group, wang, first=2, second=1), wang, payable=10900)

    assert [(row["left"], row["wanted"]) for row in refused.value.data["items"]] == [(1, 2)]
    assert nothing_happened()


def test_a_limit_per_resident_holds_over_several_orders(wang):
    group = make_worked_group(limit_per_resident=2)
    place(fill(group, wang, first=1), wang, payable=3000)

    with pytest.raises(LimitError) as refused:
        place(fill(group, wang, first=2), wang, payable=6000)

    assert refused.value.data["items"][0]["left"] == 1
    place(fill(group, wang, first=1), wang, payable=3000)
    li = make_person("李小娟")
    assert place(fill(group, li, first=2), li, payable=6000).goods_minor == 6000


def test_the_cut_off_is_half_open(wang, group):
    closes_at = group.group_buy.closes_at
    in_time, too_late = fill(group, wang, first=1), None

    with time_machine.travel(closes_at - timedelta(milliseconds=1), tick=False):
        order = place(in_time, wang, payable=3000)
        too_late = fill(group, wang, first=1)
    with time_machine.travel(closes_at, tick=False), pytest.raises(CutOffError):
        place(too_late, wang, payable=3000)

    assert OrderFulfilment.objects.get() == order
    assert order.expires_at <= group.group_buy.pay_until


def test_an_order_is_to_be_paid_before_the_grace_ends(wang, group):
    group.group_buy.grace_minutes = 5
    group.group_buy.save()
    basket = fill(group, wang, first=1)

    with time_machine.travel(group.group_buy.closes_at - timedelta(minutes=1), tick=False):
        order = place(basket, wang, payable=3000)

    assert order.expires_at == group.group_buy.closes_at + timedelta(minutes=5)


def test_a_closed_point_takes_no_orders(wang, group):
    basket = fill(group, wang, first=1)
    point = group.pickup_point
    point.is_open = False
    point.save()

    with pytest.raises(PointClosedError):
        place(basket, wang, payable=3000)

    point.is_open = True
    point.save()
    point.breaks.create(first_day=business_date(), last_day=business_date())
    with pytest.raises(LeaderOnHolidayError):
        place(basket, wang, payable=3000)
    assert nothing_happened()


def test_somebody_elses_basket_is_not_ordered(wang, group):
    with pytest.raises(BasketGoneError):
        place(fill(group, make_person("李小娟"), first=1), wang, payable=3000)

    assert nothing_happened()


def test_an_empty_basket_is_no_order(wang, group):
    with pytest.raises(EmptyBasketError):
        place(fill(group, wang), wang, payable=0)


def test_somebody_elses_card_is_refused(wang, group):
    card = give_card(make_person("李小娟"))

    with pytest.raises(WayRefusedError):
        place(fill_worked(group, wang), wang, way=card.agreement_no)

    assert nothing_happened()


def test_the_last_use_taken_between_quote_and_order_refuses_it(wang, group):
    offer = make_offer(resident_total_limit=1)
    card = give_card(wang)
    offer.slots.create(
        subject=f"card:{card.fingerprint}", period="all", slot=0, limit=1, reservation=_use(offer)
    )
    BankOffer.objects.update(state=BankOffer.State.PAUSED)  # behind the cached book's back

    with pytest.raises((OfferUsedUpError, PriceChangedError)):
        place(fill_worked(group, wang), wang, way=card.agreement_no, payable=19200)

    assert not OrderFulfilment.objects.exists()


def _use(offer):
    other = make_person("赵大爷")
    return offer.reservations.create(
        order_no="M0",
        resident=other,
        agreement_no="A0",
        business_date=business_date(),
        discount_minor=1600,
        state="released",
        reserved_at="2026-11-22T00:00:00Z",
    )


def test_every_line_holds_its_stock_once(wang, group):
    order = place(fill_worked(group, wang), wang)

    held = StockReservation.objects.filter(line__order=order.pk)
    assert sorted(held.values_list("quantity", "state")) == [(1, "held"), (1, "held"), (2, "held")]


@pytest.mark.parametrize("count", [1, 10])
def test_placing_takes_at_most_49_queries(wang, count, django_assert_max_num_queries):
    """Whatever is in the basket; 40 of them were there before discounts had rows of their own."""
    make_offer(resident_day_limit=1, card_day_limit=1, day_limit=100, budget_minor=1_000_000)
    make_programme()
    card = give_card(wang)
    group, basket = _goods(wang, count)
    _first_of_the_day(group)

    with django_assert_max_num_queries(49):
        order = place(basket, wang, way=card.agreement_no, payable=20800 * count - 1600)

    assert order.lines.count() == count


@pytest.mark.parametrize("vouchers", [1, 12])
def test_a_voucher_and_points_take_at_most_20_more(wang, vouchers, django_assert_max_num_queries):
    make_offer(resident_day_limit=1, card_day_limit=1, day_limit=100, budget_minor=1_000_000)
    make_programme()
    give_points(wang, 100)
    for number in range(vouchers):
        make_voucher(wang, make_batch(discount_minor=1000 - number))
    card = give_card(wang)
    group, basket = _goods(wang, 10)
    _first_of_the_day(group)

    with django_assert_max_num_queries(68):
        order = place(
            basket,
            wang,
            wish=Wish(way=card.agreement_no, points=100),
            payable=208000 - 1000 - 100 - 1600,
        )

    assert order.discounts.count() == 3


def _goods(wang, count):
    plans = [make_item_plan(make_product(f"菜 {n}"), price_minor=20800) for n in range(count)]
    group = make_open_group(items=plans)
    basket = basket_for(shopper=Shopper(user=wang), group_id=group.pk)
    for position in range(1, count + 1):
        save_line(basket_id=basket.basket_id, item=item_of(group, position), quantity=1)
    return group, basket


def _first_of_the_day(group) -> None:
    """Somebody who has read the offers and opened the day."""
    li = make_person("李小娟")
    first = basket_for(shopper=Shopper(user=li), group_id=group.pk)
    save_line(basket_id=first.basket_id, item=item_of(group), quantity=1)
    place(first, li, way=give_card(li).agreement_no, payable=19200)
