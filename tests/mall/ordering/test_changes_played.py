"""The same by the real services: edits, the cut, a shortage, a weight, then the rest."""

from __future__ import annotations

from random import Random

import pytest
from django.db import transaction

from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.ordering.backs import Gone
from mall.ordering.changing import change_order
from mall.ordering.cutoff import finish
from mall.ordering.models import LineBack, OrderFulfilment
from mall.ordering.returning import give_back, return_all
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import back, fresh, funders, paid, place_with_everything
from tests.mall.ordering.selling import close_and_form, lines_of, paid_order
from tests.mall.ordering.shopping import make_worked_group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def some_terms(group: LeaderGroup, dice: Random) -> None:
    """Cases, a minimum, prices by quantity, as the seed has it."""
    for position in (1, 2, 3):
        item = item_of(group, position)
        lower = sorted(dice.sample(range(item.cost_minor, item.price_minor), 2), reverse=True)
        GroupBuyItem.objects.filter(pk=item.pk).update(
            tiers=[[dice.randint(2, 4), lower[0]], [dice.randint(5, 7), lower[1]]],
            case_size=dice.choice((1, 1, 2)),
            minimum_quantity=dice.choice((0, 0, 3)),
        )


def edit(order: OrderFulfilment, dice: Random) -> None:
    line = dice.choice(lines_of(order))
    left = line.quantity - line.refunded_quantity
    named = {line.pk: dice.randint(0, left)}
    if fresh(order).cancel_requested_at is None:
        change_order(order_no=order.order_no, resident_id=order.resident_id, quantities=named)


def lose(order: OrderFulfilment, dice: Random, key: str) -> None:
    """Something of it did not come, or weighs less."""
    line = dice.choice(lines_of(order))
    left = line.quantity - line.refunded_quantity
    worth = line.value_minor - line.refunded_minor
    if not left or fresh(order).cancel_requested_at is not None:
        return
    gone = Gone(line_id=line.pk, quantity=1)
    if dice.random() < 0.5 and worth > 1:
        gone = Gone(line_id=line.pk, off_minor=dice.randint(1, worth - 1))
    with transaction.atomic():
        give_back(fresh(order), [gone], key=key, why=LineBack.Why.SHORTAGE)


def play(seed: int) -> None:
    dice = Random(seed)
    group = make_worked_group()
    some_terms(group, dice)
    one = paid(place_with_everything(group, make_person("王阿姨")))
    orders = [one, paid_order(group, *(dice.randint(0, 3) for _ in range(2)), 2)]
    gave = {("payer", ""): one.payable_minor, **funders(one)}
    for _ in range(dice.randint(0, 2)):
        edit(dice.choice(orders), dice)
    close_and_form(group)
    finish(group_buy_id=group.group_buy_id)
    for n in range(dice.randint(0, 3)):
        lose(dice.choice(orders), dice, key=f"lost {seed} {n}")
    with transaction.atomic():
        return_all(fresh(one), why=LineBack.Why.STAFF)

    assert {key: minor for key, minor in back(one).items() if minor} == gave
    assert fresh(one).lines.count() == 3


@pytest.mark.parametrize("seed", range(6))
def test_after_all_of_it_everybody_has_what_he_gave(seed: int):
    play(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(6, 206))
def test_after_all_of_it_everybody_has_what_he_gave_nightly(seed: int):
    play(seed)
