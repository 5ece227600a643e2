"""Fen off goods that stay: a lower tier, a lighter weight, a blemish; before and after pickup."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import transaction
from django.db.models import F

from mall.fulfilment.collecting import collect_order
from mall.ordering.backs import Gone
from mall.ordering.ending import refund_whole
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.returning import GivenBack, give_back
from mall.ordering.status import move
from payments.api import Money, RefundStage, balance
from payments.models import OutboxEvent
from tests.factories.groups import make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import back, fresh, funders, paid, place_with_everything, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def order():
    return sent(place_with_everything(resident=make_person("王阿姨")))


def lines_of(order: OrderFulfilment) -> Sequence[LineFulfilment]:
    return list(LineFulfilment.objects.filter(order=order).order_by("pk"))


def give(order: OrderFulfilment, *gone: Gone, key: str, **how: object) -> GivenBack:
    with transaction.atomic():
        return give_back(fresh(order), gone, key=key, why=LineBack.Why.WEIGHT, **how)


def handed_over(order: OrderFulfilment) -> OrderFulfilment:
    move(fresh(order), Status.ARRIVED)
    collect_order(order_no=order.order_no, by=order.leader)
    return fresh(order)


def test_fen_off_go_back_to_whoever_paid_them_and_the_pieces_stay(order):
    fish = lines_of(order)[2]

    given = give(order, Gone(line_id=fish.pk, off_minor=300, cost_minor=240), key="w1")

    got = back(order)
    assert sum(got.values()) == 300
    assert got["payer", ""] == given.payer.minor
    assert not given.is_whole
    fish.refresh_from_db()
    assert (fish.refunded_quantity, fish.refunded_minor, fish.returned_cost_minor) == (0, 300, 240)
    told = OutboxEvent.objects.get(fact="line.refunded").payload
    assert (told["quantity"], told["payer_minor"]) == (0, given.payer.minor)


def test_the_same_wish_again_is_the_same_refund(order):
    fish = lines_of(order)[2]
    gone = Gone(line_id=fish.pk, off_minor=300)

    first, second = give(order, gone, key="w1"), give(order, gone, key="w1")

    assert first == second
    assert sum(back(order).values()) == 300


def test_pieces_after_a_price_cut_are_worth_what_was_left_of_them(order):
    eggs = lines_of(order)[1]
    give(order, Gone(line_id=eggs.pk, off_minor=800), key="tier")

    give(order, Gone(line_id=eggs.pk, quantity=1), key="one")

    assert sum(back(order).values()) == 800 + (9800 - 800) // 2
    give(order, Gone(line_id=eggs.pk, quantity=1), key="other")
    eggs.refresh_from_db()
    assert (eggs.refunded_minor, eggs.returned_cost_minor) == (9800, eggs.cost_minor)


def test_whatever_went_back_before_a_cancellation_gives_back_the_rest():
    order = paid(place_with_everything(resident=make_person("王阿姨")))
    gave = funders(order)
    give(order, Gone(line_id=lines_of(order)[1].pk, quantity=1), key="edit")

    with transaction.atomic():
        refund_whole(fresh(order), because="resident")
        refund_whole(fresh(order), because="resident")

    assert back(order) == {("payer", ""): 15700, **gave}


def test_after_pickup_the_supplier_gives_his_part_back(order):
    order = handed_over(order)
    fish = lines_of(order)[2]
    supplier = f"supplier:{fish.supplier_id}"
    before = balance("2201", party=supplier)

    give(
        order,
        Gone(line_id=fish.pk, off_minor=300, cost_minor=240),
        key="w1",
        stage=RefundStage.AFTER_PICKUP,
    )

    funded = back(order)["supplier", supplier]  # his part of the voucher comes back to him
    assert balance("2201", party=supplier) - before == 240 - funded
    assert sum(back(order).values()) == 300


def test_goodwill_leaves_the_supplier_what_he_earned(order):
    order = handed_over(order)
    fish = lines_of(order)[2]
    supplier = f"supplier:{fish.supplier_id}"
    before = balance("2201", party=supplier)

    given = give(order, Gone(line_id=fish.pk, off_minor=300), key="w1", stage=RefundStage.GOODWILL)

    funded = back(order)["supplier", supplier]
    assert balance("2201", party=supplier) == before - funded
    assert Money(0) < given.payer <= Money(300)


@pytest.mark.parametrize(
    "wrong", [{"quantity": 2}, {"off_minor": 8001}, {"off_minor": -1}, {}], ids=str
)
def test_more_than_is_left_is_refused_with_nothing_written(order, wrong):
    fish = lines_of(order)[2]

    with pytest.raises(ValueError, match="go back"):
        give(order, Gone(line_id=fish.pk, **wrong), key="wrong")

    assert (back(order), LineBack.objects.count()) == ({}, 0)


def test_nothing_is_left_to_give_back_and_that_is_no_error():
    order = paid(place_with_everything(resident=make_person("王阿姨")))
    every = [
        Gone(line_id=line.pk, quantity=0, off_minor=line.value_minor) for line in lines_of(order)
    ]
    given = give(order, *every, key="all of it, and she keeps the goods")

    with transaction.atomic():
        again = refund_whole(fresh(order), because="staff")

    assert again.refund_no == given.refund_no
    assert sum(back(order).values()) == 20800
    assert not LineFulfilment.objects.exclude(refunded_quantity=F("quantity")).exists()
