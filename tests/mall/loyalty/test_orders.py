"""Points and a real order: spent with it, earned when it is collected, on what she paid herself."""

from __future__ import annotations

import pytest
from django.db import transaction

from mall.fulfilment.collecting import collect_order
from mall.fulfilment.undoing import undo_collection
from mall.loyalty import invariants
from mall.loyalty.models import OrderEarning
from mall.loyalty.spending import live_use
from mall.ordering.models import LineFulfilment, Status
from mall.ordering.status import move
from payments.api import deliver_pending, publish
from tests.mall.loyalty.rules import broken, net
from tests.mall.ordering.discounted import fresh, give_back, place_with_everything, sent
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(acquirer):
    """208.00 of goods for 157.00: 500 points, a voucher and a bank offer are on it."""
    return sent(place_with_everything(make_worked_group()))


def collect(order):
    order = fresh(order)
    if order.status == Status.IN_TRANSIT:
        move(order, Status.ARRIVED)
    collect_order(order_no=order.order_no, by=order.leader)
    deliver_pending(100)


def test_a_collected_order_earns_on_what_the_payer_paid(order):
    assert (live_use(order.order_no).state, net(order.resident)) == ("spent", 0)

    collect(order)

    earning = OrderEarning.objects.get()
    assert (earning.base_minor, earning.granted, net(order.resident)) == (15_700, 157, 157)
    assert broken(invariants.check) == []


def test_what_did_not_come_earns_nothing_and_gives_its_points_back(order):
    give_back(order, first=1)
    returned = net(order.resident)
    assert returned == live_use(order.order_no).returned_points > 0

    collect(order)

    earning = OrderEarning.objects.get()
    line = LineFulfilment.objects.filter(order=order).order_by("pk").first()
    hers = line.value_minor - line.offer_share_minor
    assert earning.base_minor == 15_700 - hers
    assert net(order.resident) == returned + earning.base_minor // 100
    assert broken(invariants.check) == []


def test_a_hand_over_undone_and_done_again_earns_once(order):
    collect(order)
    undo_collection(order_no=order.order_no, by=order.leader, reason="拿错了")
    deliver_pending(100)
    assert net(order.resident) == 0
    collect(order)
    assert net(order.resident) == 157
    assert broken(invariants.check) == []


def test_money_back_after_collection_takes_its_points(order):
    collect(order)
    line = LineFulfilment.objects.filter(order=order).order_by("pk").first()
    payload = {
        "order_no": order.order_no,
        "line_id": line.pk,
        "refund_no": "R1",
        "payer_minor": 5_700,
    }
    with transaction.atomic():
        publish(
            "line.refunded",
            key="line.refunded:test",
            aggregate=order.order_no,
            payload={
                **payload,
                "quantity": 0,
                "value_minor": 0,
                "at": "2026-11-22T00:00:00+00:00",
            },
        )
    deliver_pending(100)

    assert net(order.resident) == 100
    assert broken(invariants.check) == []
