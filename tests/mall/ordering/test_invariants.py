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
    LineFulfilment,
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


def test_sound_books_break_no_rule(order):
    assert broken() == set()
    assert sum(result.rows for result in invariants.check()) > 20


@pytest.mark.parametrize(
    ("code", "damage"),
    [
        ("S2", lambda: GroupBuyItem.objects.update(held=0)),
        ("S2", lambda: _stock("num_allocated = 0")),
        ("S3", lambda: StockReservation.objects.update(state="released")),
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
        ("D4", lambda: BankOffer.objects.update(threshold_minor=30000)),
        ("D6", lambda: LineFulfilment.objects.update(refunded_quantity=1)),
    ],
)
def test_a_broken_rule_is_found(order, code, damage):
    damage()

    assert code in broken()


def _stock(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE partner_stockrecord SET {change}")  # noqa: S608 - a test's own text
