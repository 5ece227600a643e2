"""Those who work: leaders receive and hand over, finance settles and pays leaders."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from groupleader.errors import NothingToSettleError
from groupleader.models import Leader, SettlementStatement
from groupleader.services.issuing import cut_statement
from groupleader.services.payouts import pay_statement
from groupleader.services.periods import period_now
from groupleader.services.statements import approve_statement, confirm_statement
from mall.accounts.models import User
from mall.config.simulation.trace import Trace
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.models import Arrival
from mall.fulfilment.receiving import expected_items, record_arrival
from mall.fulfilment.undoing import undo_collection
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import OrderFulfilment, Status
from payments.api import LinliError, now

VISITS_MAX: Final = 12
_HOUR: Final = 3600.0
Paper = SettlementStatement.Status


@dataclass
class Counter:
    """A leader's counter: goods come in, bags go out."""

    group: LeaderGroup
    dice: Random
    trace: Trace
    name: str
    visits: int = 0

    def visit(self) -> float | None:
        """Do what is next; return seconds until the next visit, None when all bags are gone."""
        self.visits += 1
        if self.visits > VISITS_MAX:
            return None
        self.group.refresh_from_db()
        try:
            return self._do()
        except LinliError as refusal:
            self.trace.tell(self.name, f"is refused: {refusal.code}")
            return _HOUR

    def _do(self) -> float | None:
        if self.group.state == State.FAILED:
            return None
        if self.group.state in {State.OPEN, State.CLOSED}:
            return _HOUR
        if not Arrival.objects.filter(group=self.group).exists():
            return self._receive()
        return self._hand_over()

    def _receive(self) -> float:
        mark_dispatched(group_id=self.group.pk)
        expected = expected_items(self.group.pk)
        if not expected:
            return _HOUR
        counts = {
            item: quantity - (self.dice.randint(1, quantity) if self.dice.random() < 0.3 else 0)
            for item, quantity in sorted(expected.items())
        }
        short = sum(expected.values()) - sum(counts.values())
        self.trace.step(self.name, f"receives the goods, {short} pieces short")
        record_arrival(group_id=self.group.pk, counts=counts, by=self.group.leader)
        return 2 * _HOUR

    def _hand_over(self) -> float | None:
        waiting = OrderFulfilment.objects.filter(group=self.group, status=Status.ARRIVED)
        order = waiting.order_by("pk").first()
        if order is None:
            return None if self.visits > VISITS_MAX / 2 else _HOUR
        self.trace.step(self.name, f"hands over {order.order_no}")
        collect_order(order_no=order.order_no, by=self.group.leader)
        if self.dice.random() < 0.1:
            self.trace.step(self.name, f"takes {order.order_no} back")
            undo_collection(order_no=order.order_no, by=self.group.leader, reason="错拿")
        return 600.0


@dataclass
class Finance:
    """Those who settle: cut, confirmed, approved by two where needed, paid."""

    people: tuple[User, User]
    dice: Random
    trace: Trace
    name: str = "finance"
    visits: int = field(default=0)

    def visit(self) -> float | None:
        """Do one step for each leader; return seconds until the next, None when it is done."""
        self.visits += 1
        for leader in Leader.objects.select_related("user").order_by("pk"):
            try:
                self._settle(leader)
            except LinliError as refusal:
                self.trace.tell(self.name, f"is refused: {refusal.code}")
        return None if self.visits >= 4 else 4 * _HOUR

    def _settle(self, leader: Leader) -> None:
        statement = SettlementStatement.objects.filter(leader=leader).order_by("-pk").first()
        if statement is None or statement.status == Paper.PAID:
            self._cut(leader)
        elif statement.status == Paper.ISSUED:
            confirm_statement(statement=statement, by=leader.user)
        elif statement.status == Paper.CONFIRMED:
            first, second = self.people
            if not approve_statement(statement=statement, by=first):
                approve_statement(statement=statement, by=second)
            self.trace.step(self.name, f"approves {statement.statement_no}")
        elif statement.status in {Paper.APPROVED, Paper.FAILED}:
            self.trace.step(self.name, f"pays {statement.statement_no}")
            pay_statement(statement=statement, by=self.people[0])

    def _cut(self, leader: Leader) -> None:
        try:
            statement = cut_statement(party=leader, period=period_now(now()), by=self.people[0])
        except NothingToSettleError:
            return
        self.trace.step(self.name, f"cuts {statement.statement_no}")
