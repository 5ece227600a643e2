"""Whatever sequence of cases, shortages, weights and refunds: everybody gets exactly his part."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from typing import Final

import pytest
from django.db import transaction

from mall.aftersales.compensating import give_goodwill
from mall.aftersales.deciding import approve, confirm, reject
from mall.aftersales.models import AfterSalesCase, Bearer
from mall.aftersales.worth import Claimed, left_of
from mall.fulfilment.collecting import collect_order
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, LineFulfilment, Status
from mall.ordering.returning import give_back, return_all
from payments.api import LinliError, RefundStage
from tests.factories.groups import make_person
from tests.mall.aftersales.complaining import (
    arrived_order,
    complain,
    fresh,
    lines_of,
    make_staff,
)
from tests.mall.ordering.discounted import back, funders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

PAID: Final = 15700
ALL: Final = 20800
BEFORE: Final = RefundStage.BEFORE_PICKUP


class Life:
    """One order's life at random: what happens to it, and what must be true after each step."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.order = arrived_order(everything=True, resident=make_person("王阿姨"))
        self.gave = funders(self.order)
        staff = ("decide_aftersalescase", "confirm_aftersalescase", "compensate_aftersalescase")
        self.staff = [make_staff("客服甲", *staff), make_staff("客服乙", *staff)]
        self.steps = 0

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.one()
            self.must_hold()
        self.give_the_rest()
        assert back(self.order) == {("payer", ""): PAID, **self.gave}
        assert sum(back(self.order).values()) == ALL

    def one(self) -> None:
        acts: list[Callable[[], None]] = [self.case, self.case, self.fen_off, self.pieces]
        acts += [self.goodwill] if self.steps else [self.collect]
        self.steps += 1
        # More than is left is refused, and nothing was written.
        with contextlib.suppress(LinliError, ValueError):
            self.dice.choice(acts)()

    def case(self) -> None:
        number = self.dice.randrange(3)
        left = left_of(self.lines()[number])
        if self.dice.random() < 0.5 and left.quantity:
            asked = {"quantity": self.dice.randint(1, left.quantity)}
        else:
            asked = {"minor": self.dice.randint(1, max(1, left.payer_minor))}
        case = complain(fresh(self.order), line=number, why="wrong-goods", **asked)
        staff, bearer = self.staff[0], self.dice.choice(list(Bearer.values))
        if self.dice.random() < 0.2:
            reject(case_no=case.case_no, by=staff, role="mall", text="看不出")
            AfterSalesCase.objects.filter(pk=case.pk).update(kind="other")
            return
        claimed = None
        if self.dice.random() < 0.3:
            claimed = Claimed(payer_minor=self.dice.randint(1, max(1, case.asked_minor)))
        approve(case_no=case.case_no, by=staff, role="mall", claimed=claimed, bearer=bearer)
        case.refresh_from_db()
        if case.needs_second:
            confirm(case_no=case.case_no, by=self.staff[1])

    def fen_off(self) -> None:
        line = self.dice.choice(self.lines())
        self.give(Gone(line_id=line.pk, off_minor=self.dice.randint(1, 900)), LineBack.Why.WEIGHT)

    def pieces(self) -> None:
        line = self.dice.choice(self.lines())
        self.give(Gone(line_id=line.pk, quantity=1), LineBack.Why.SHORTAGE)

    def goodwill(self) -> None:
        case = AfterSalesCase.objects.order_by("?").first()
        if case is not None:
            minor = self.dice.randint(1, 400)
            give_goodwill(
                case_no=case.case_no,
                by=self.staff[0],
                payer_minor=minor,
                reason="抱歉",
                key=f"g{self.steps}",
            )

    def collect(self) -> None:
        if fresh(self.order).status == Status.ARRIVED:
            collect_order(order_no=self.order.order_no, by=self.order.leader)

    def give(self, gone: Gone, why: str) -> None:
        order = fresh(self.order)
        is_taken = order.status == Status.COLLECTED
        stage = RefundStage.AFTER_PICKUP if is_taken else BEFORE
        with transaction.atomic():
            give_back(order, [gone], key=f"s{self.steps}", why=why, stage=stage)

    def give_the_rest(self) -> None:
        order = fresh(self.order)
        is_something_left = any(line.refunded_minor < line.value_minor for line in self.lines())
        if order.status == Status.ARRIVED and is_something_left and self.dice.random() < 0.5:
            with transaction.atomic():
                return_all(order, why=LineBack.Why.STAFF)
            return
        for line in self.lines():
            left = line.quantity - line.refunded_quantity
            off = line.value_minor - line.refunded_minor
            if left or off:
                gone = Gone(line_id=line.pk, quantity=left, off_minor=0 if left else off)
                self.steps += 1
                self.give(gone, LineBack.Why.SHORTAGE)

    def must_hold(self) -> None:
        got = back(self.order)
        assert got["payer", ""] <= PAID
        assert all(got[key] <= minor for key, minor in self.gave.items())
        for line in self.lines():
            kept = line.discounts.all()
            assert sum(row.returned_minor for row in kept) == line.returned_share_minor
        backs = LineBack.objects.filter(line__order=self.order)
        assert sum(row.value_minor for row in backs) == sum(got.values())
        waiting = AfterSalesCase.objects.filter(order=self.order, status__in=AfterSalesCase.OPEN)
        assert fresh(self.order).window_held == waiting.exists()

    def lines(self) -> list[LineFulfilment]:
        return lines_of(self.order)


@pytest.mark.parametrize("seed", [1, 3])
def test_a_few_lives(seed):
    Life(seed).run(steps=6)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_many_lives():
    for seed in range(int(os.environ.get("LIVES", "200"))):
        with transaction.atomic():
            Life(seed).run(steps=20)
            transaction.set_rollback(True)
