"""A village of four leaders: its clock, its neighbours' orders, and its bank at the other end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from django.db import transaction

from groupleader.handlers import COMMISSION, PAYOUT, SETTLEMENT
from groupleader.models import Leader
from groupleader.services.keeping import agree_with_keeper
from groupleader.services.payees import change_payee
from payments.acquiring.contract import Outcome, TransferRef, TransferResult
from payments.api import deliver_pending, now, publish, travelling
from payments.jobs import run_transfers
from payments.models import AcquirerAccount, OutboxDelivery, Transfer
from payments.services.facts import apply_channel_fact
from tests.acquirer import SandboxAcquirer
from tests.groupleader.making import line, make_leader, make_user
from tests.groupleader.model.accountant import Accountant
from tests.groupleader.model.papers import KEEPER, REFERRED, Order, Person
from tests.waiting import until

OURS = (COMMISSION, PAYOUT, SETTLEMENT)
REGIMES = ("platform_cumulative", "per_payment", "business_entity", "platform_cumulative")
PERIODS = ("day", "week", "half_month", "month")
SMALL_POINT = 77
# Ten days before a year ends: months and years begin anew soon.
START = datetime(2026, 12, 21, 4, tzinfo=UTC)
# How an account ends tells the bank what to do with a transfer.
MISTYPED = 2  # whose account was written down wrongly
GOOD, BAD = "9558800000000123", "9558800000000404"


class Village:
    """People and goods as our services see them, and beside them the accountant."""

    def __init__(self, acquirer: SandboxAcquirer) -> None:
        """Four leaders: taxed and settled differently; the last keeps a point and brought one in.

        Finance has three people. Everybody has an account, one of them a wrong one.
        """
        self.acquirer = acquirer
        self.adapter = acquirer.adapter()
        self.at = START
        self.numbers = 0
        self.bank_had = self.bank_balance()
        with travelling(self.at):
            self.leaders = [
                make_leader(f"团长{n}", payee=False, tax_regime=regime, settlement_period=period)
                for n, (regime, period) in enumerate(zip(REGIMES, PERIODS, strict=True))
            ]
            keeper, referred = self.leaders[KEEPER], self.leaders[REFERRED]
            Leader.objects.filter(pk=referred.pk).update(invited_by=keeper)
            Leader.objects.update(created_at=self.at)
            for n, leader in enumerate(self.leaders):
                account = BAD if n == MISTYPED else GOOD
                change_payee(leader=leader, bank="工商银行", holder=leader.name, account=account)
            agree_with_keeper(
                point_ref=str(SMALL_POINT), point_name="小店", keeper=keeper, share=Decimal("0.2")
            )
            self.neighbour = make_user("邻居")
            self.staff = [make_user(f"财务{n}", is_staff=True) for n in range(3)]
        self.books = Accountant([Person(*each) for each in zip(REGIMES, PERIODS, strict=True)])

    def number(self) -> int:
        """Return a number nothing had before."""
        self.numbers += 1
        return self.numbers

    def do(self, act: Callable[[], Any]) -> Any:
        """Let something happen now, by the village's clock, and everybody hear of it."""
        with travelling(self.at + timedelta(seconds=1)):
            try:
                return act()
            finally:
                _spare_others()
                deliver_pending(500)
                self.at = now()

    def wait(self, time: timedelta) -> None:
        """Let time pass; nothing happens by itself."""
        self.at += time

    # Orders, as the mall tells of them

    def place(self, leader: int, values: list[int], *, is_small_point: bool) -> Order:
        """Tell that a neighbour ordered goods of these values."""
        order_no = f"M{self.number():019d}"
        goods = [(f"{order_no}-{n}", value) for n, value in enumerate(values)]
        is_kept = is_small_point and leader != KEEPER
        self.books.place(order_no, leader, goods, is_kept)
        order = self.books.orders[order_no]
        self.tell(order, "order.placed", pickup_point_id=SMALL_POINT if is_small_point else 7)
        return order

    def tell(self, order: Order, fact: str, **more: Any) -> datetime:
        """Tell a fact of an order through the outbox; return the instant it names."""
        payload = {
            "order_no": order.order_no,
            "group_id": 1,
            "leader_id": self.leaders[order.leader].user_id,
            "resident_id": self.neighbour.pk,
            "lines": [line(each.line_id, each.value, cost_minor=0) for each in order.lines],
        }
        key = f"{fact}:{order.order_no}:{self.number()}"

        def told() -> datetime:
            at = now()
            with transaction.atomic():
                said = payload | {"at": at.isoformat()} | more
                publish(fact, key=key, aggregate=order.order_no, payload=said)
            return at

        at: datetime = self.do(told)
        assert not OutboxDelivery.objects.filter(consumer__in=OURS).exclude(status="done").exists()
        return at

    # The bank, asked and heard by itself: what it says is what happened to the money

    def bank_balance(self) -> int:
        """Return what the bank says is on our account there (fen)."""
        said = requests.get(f"{self.acquirer.admin_url}/_books", timeout=10).json()
        return int(said["balance_minor"])

    def at_bank(self, transfer_no: str) -> TransferResult:
        """Ask the bank itself about a transfer."""
        return self.adapter.query_transfer(TransferRef(transfer_no))

    def bank_works(self) -> None:
        """Let the bank end what it was asked for, and our jobs ask until nothing is open."""
        for _round in range(8):
            open_ones = Transfer.objects.filter(status__in=["approved", *Transfer.ASKABLE])
            numbers = list(open_ones.values_list("transfer_no", flat=True))
            if not numbers:
                return
            until(lambda asked=numbers: not any(map(self._is_pending, asked)), every=0.2)
            self.wait(timedelta(seconds=90))
            self.do(lambda: run_transfers(100))
        raise AssertionError(f"still open after eight rounds: {numbers}")

    def _is_pending(self, transfer_no: str) -> bool:
        return self.at_bank(transfer_no).outcome == Outcome.PENDING

    def bank_sends_back(self, transfer_no: str) -> None:
        """The payee's bank returns money it had taken; we hear of it."""
        self.acquirer.told(f"/_sim/return-transfer/{transfer_no}")
        account = AcquirerAccount.objects.get()
        result = self.at_bank(transfer_no)
        self.do(lambda: apply_channel_fact(source="query", account=account, result=result))


def _spare_others() -> None:
    """These orders are made up: who would look them up elsewhere is not told."""
    made_up = OutboxDelivery.objects.filter(status="pending", event__aggregate__startswith="M0")
    made_up.exclude(consumer__in=OURS).update(status="done", done_at=now())
