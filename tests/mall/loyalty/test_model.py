"""Any order of earning, holding, spending, releasing, refunds and days that pass: points add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mall.loyalty import earning, invariants
from mall.loyalty.errors import NotEnoughPointsError
from mall.loyalty.expiry import expire_due
from mall.loyalty.models import PointsAccount
from mall.loyalty.posting import account_of
from mall.loyalty.programme import expiry_of
from mall.loyalty.spending import give_back, hold, mark_spent, release
from payments.api import business_date, travelling
from tests.factories.groups import make_person
from tests.mall.loyalty.model import Bill, Book
from tests.mall.loyalty.rules import broken, collected, make_programme

_START = datetime(2026, 11, 22, 4, tzinfo=UTC)
_WORTH = 3
_pick = st.integers(0, 10_000)


class Points(RuleBasedStateMachine):
    """One resident, played on the database and on paper."""

    def __init__(self) -> None:
        super().__init__()
        self.undo_everything = transaction.atomic()
        self.undo_everything.__enter__()
        self.at, self.orders, self.book = _START, 0, Book()
        with travelling(self.at):
            self.programme = make_programme(worth_minor_per_point=_WORTH, expiry_months=1)
            self.resident = make_person()
            account_of(self.resident.pk)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo_everything.__exit__(None, None, None)

    @property
    def today(self):
        return business_date(self.at)

    def number(self) -> str:
        self.orders += 1
        return f"M{self.orders}"

    def some(self, table: dict, pick: int, *, where=lambda each: True) -> str | None:
        names = [name for name, each in table.items() if where(each)]
        return names[pick % len(names)] if names else None

    @rule(paid=st.integers(0, 30_000))
    def collect(self, paid: int) -> None:
        order = self.number()
        with travelling(self.at):
            points = collected(self.resident, order, paid, paid_on=self.today)
        assert points == paid // 100
        lot = self.book.add(points, expiry_of(self.programme, self.today)) if points else None
        self.book.bills[order] = Bill(paid, points, lot)

    @rule(pick=_pick)
    def hear_of_a_collection_again(self, pick: int) -> None:
        order = self.some(self.book.bills, pick, where=lambda bill: bill.stands)
        if order:
            with travelling(self.at):
                assert collected(self.resident, order, 99_999) == 0

    @rule(pick=_pick, part=st.integers(1, 30_000))
    def refund(self, pick: int, part: int) -> None:
        order = self.some(self.book.bills, pick, where=lambda bill: bill.stands)
        if order is None:
            return
        with travelling(self.at):
            earning.refund(order_no=order, payer_minor=part, because=f"R{self.number()}")
        self.book.refund(order, part, self.today)

    @rule(pick=_pick)
    def undo_a_hand_over(self, pick: int) -> None:
        order = self.some(self.book.bills, pick, where=lambda bill: bill.stands)
        if order is None:
            return
        with travelling(self.at):
            earning.undo(order)
            earning.undo(order)
        bill = self.book.bills[order]
        bill.stands = False
        self.book.take_back(bill, 0, self.today)

    @rule(pick=_pick)
    def hand_over_again(self, pick: int) -> None:
        order = self.some(self.book.bills, pick, where=lambda bill: not bill.stands)
        if order is None:
            return
        bill = self.book.bills[order]
        paid = bill.base - bill.back
        with travelling(self.at):
            points = collected(self.resident, order, paid)
        lot = self.book.add(points, expiry_of(self.programme, self.today)) if points else None
        self.book.bills[order] = Bill(paid, points, lot)

    @rule(points=st.integers(1, 400))
    def hold_points(self, points: int) -> None:
        order = self.number()
        good = self.book.good(self.today)
        with travelling(self.at):
            if points > good:
                with pytest.raises(NotEnoughPointsError):
                    hold(resident_id=self.resident.pk, order_no=order, points=points)
                return
            hold(resident_id=self.resident.pk, order_no=order, points=points)
            hold(resident_id=self.resident.pk, order_no=order, points=points)
        self.book.hold(order, points, worth=_WORTH, today=self.today)

    @rule(pick=_pick)
    def spend(self, pick: int) -> None:
        if order := self.some(self.book.held, pick, where=lambda use: not use.is_spent):
            mark_spent(order)
            self.book.held[order].is_spent = True

    @rule(pick=_pick)
    def release_points(self, pick: int) -> None:
        order = self.some(self.book.held, pick, where=lambda use: not use.is_spent)
        if order is None:
            return
        with travelling(self.at):
            release(order)
            release(order)
        self.book.release(order, self.today)

    @rule(pick=_pick, part=st.integers(1, 1200))
    def refund_the_discount(self, pick: int, part: int) -> None:
        order = self.some(self.book.held, pick, where=lambda use: use.is_spent)
        if order is None:
            return
        use = self.book.held[order]
        minor = min(part, use.points * use.worth - use.gone_back)
        with travelling(self.at):
            give_back(order_no=order, amount_minor=minor)
        self.book.give_back(order, minor, self.today)

    @rule(days=st.sampled_from([1, 5, 20, 40]))
    def days_pass(self, days: int) -> None:
        self.at += timedelta(days=days)

    @precondition(lambda self: self.book.lots)
    @rule()
    def the_job_runs(self) -> None:
        with travelling(self.at):
            expire_due(100)
        self.book.expire(self.today)

    @invariant()
    def the_database_says_what_the_paper_says(self) -> None:
        account = PointsAccount.objects.get(resident=self.resident)
        assert (account.balance, account.debt) == (self.book.balance, self.book.debt)
        assert broken(invariants.check) == []


def play(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Points,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )


@pytest.mark.django_db
def test_any_order_of_events_adds_up():
    play(examples=20, steps=25)


@pytest.mark.nightly
@pytest.mark.django_db
def test_any_order_of_many_events_adds_up():
    play(examples=300, steps=60)
