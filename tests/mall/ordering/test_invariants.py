"""Each rule finds what breaks it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from oscar.apps.order.models import Order

from mall.groupbuy.models import GroupBuyItem
from mall.ordering import invariants
from mall.ordering.models import (
    ItemAllowance,
    LineDiscount,
    LineFulfilment,
    OrderDiscount,
    OrderFulfilment,
    StockReservation,
)
from mall.promotions.models import BankOffer, OfferDay, OfferReservation
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(acquirer) -> OrderFulfilment:
    make_offer(resident_day_limit=1)
    wang = make_person("王阿姨")
    card = give_card(wang)
    basket = fill_worked(make_worked_group(), wang)
    return place(basket, wang, way=card.agreement_no, payable=19200)


def broken() -> set[str]:
    return {v.code for result in invariants.check() for v in result.violations}


def _second_offer() -> None:
    order = OrderFulfilment.objects.get()
    order.discounts.create(source="offer", source_no="another", name="another", estimated_minor=5)


def _moved_between_lines() -> None:
    for share, row in zip((1231, 354, 15), LineDiscount.objects.order_by("pk"), strict=True):
        LineDiscount.objects.filter(pk=row.pk).update(minor=share)
        LineFulfilment.objects.filter(pk=row.line_id).update(offer_share_minor=share)


def _called_off_and_kept() -> None:
    StockReservation.objects.update(state="consumed")
    OrderFulfilment.objects.update(paid_at=now(), cancel_requested_at=now())


def test_sound_books_break_no_rule(order):
    assert broken() == set()
    assert sum(result.rows for result in invariants.check()) > 20


@pytest.mark.parametrize(
    ("code", "damage"),
    [
        ("S2", lambda: GroupBuyItem.objects.update(held=0)),
        ("S2", lambda: _stock("num_allocated = 0")),
        ("S3", lambda: StockReservation.objects.update(state="released")),
        ("S5", _called_off_and_kept),
        ("S4", lambda: StockReservation.objects.update(quantity=9)),
        ("S6", lambda: ItemAllowance.objects.update(taken=0)),
        ("S7", lambda: OrderFulfilment.objects.update(placed_at=now() + timedelta(days=9))),
        ("P2", lambda: LineFulfilment.objects.update(offer_share_minor=0)),
        ("P2", lambda: Order.objects.update(total_incl_tax=1)),
        ("P4", lambda: OrderFulfilment.objects.update(paid_at=now())),
        ("P4", lambda: OrderFulfilment.objects.update(status="confirmed")),
        ("P7", lambda: Order.objects.update(status="paid")),
        ("D1", lambda: BankOffer.objects.update(reserved_count=0)),
        ("D1", lambda: OfferDay.objects.update(reserved_count=2)),
        ("D2", lambda: OfferReservation.objects.update(state="released")),
        ("D3", lambda: OfferReservation.objects.update(state="consumed")),
        ("D3", _second_offer),
        ("D4", _moved_between_lines),
        ("D5", lambda: LineFulfilment.objects.update(own_share_minor=1)),
        ("D5", lambda: LineDiscount.objects.update(returned_minor=1)),
        ("D5", lambda: OrderDiscount.objects.update(estimated_minor=1)),
        ("D5", lambda: OrderDiscount.objects.update(actual_minor=1600)),
        ("D6", lambda: LineFulfilment.objects.update(refunded_quantity=1)),
        ("D8", lambda: OrderDiscount.objects.update(source="voucher")),
        ("D8", lambda: OrderDiscount.objects.update(source="points")),
    ],
)
def test_a_broken_rule_is_found(order, code, damage):
    damage()

    assert code in broken()


def _stock(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE partner_stockrecord SET {change}")  # noqa: S608 - a test's own text
