"""The treasurer: shares of what was collected go to the supplier, and kindness costs something."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from django.db import transaction

from mall.config.simulation.trace import Trace
from mall.ordering.models import OrderFulfilment, Status
from payments.acquiring.errors import AcquirerError
from payments.api import (
    Funder,
    LinliError,
    Money,
    RefundStage,
    ShareWish,
    TenderPart,
    payment_view,
    request_refund,
    request_split,
)
from payments.models import SplitReceiver
from payments.services.receivers import register_receiver

RECEIVERS: Final = ("SUPPLIER0001", "SUPPLIER0002")
VISITS_MAX: Final = 9
SHARE_PERCENT: Final = 12
_PAUSE_SECONDS: Final = 4 * 3600.0


@dataclass
class Treasurer:
    """Shares collected orders' money out, and gives a little back now and then."""

    dice: Random
    trace: Trace
    name: str = "treasurer"
    visits: int = 0

    def visit(self) -> float | None:
        """Do what is next; return seconds until the next visit."""
        self.visits += 1
        try:
            self._do()
        except (LinliError, AcquirerError) as refusal:
            self.trace.tell(self.name, f"is refused: {type(refusal).__name__}")
        return None if self.visits >= VISITS_MAX else _PAUSE_SECONDS

    def _do(self) -> None:
        known = set(
            SplitReceiver.objects.filter(status="active").values_list("receiver", flat=True)
        )
        for receiver in RECEIVERS:
            if receiver not in known:
                self.trace.step(self.name, f"registers {receiver}")
                register_receiver(account_code="sandbox", receiver=receiver, name="安溪供销社")
                return
        collected = OrderFulfilment.objects.filter(status__in=[Status.COLLECTED, Status.CLOSED])
        for order in collected.order_by("pk"):
            self._share(order)
            if self.dice.random() < 0.2:
                self._be_kind(order)

    @transaction.atomic
    def _share(self, order: OrderFulfilment) -> None:
        line = order.lines.order_by("pk")[0]
        captured = payment_view(order.payment_no).amount.minor
        minor = min(line.cost_minor // 2, captured * SHARE_PERCENT // 100)
        wishes = [
            ShareWish(
                share_key=f"{order.order_no}:{receiver}",
                receiver=receiver,
                amount=Money(minor),
                account="2201",
                party=f"supplier:{line.supplier_id}",
            )
            for receiver in RECEIVERS
        ]
        self.trace.step(self.name, f"shares {minor} twice of {order.order_no}")
        request_split(
            payment_no=order.payment_no, split_key=order.order_no, shares=wishes, is_last=True
        )

    @transaction.atomic
    def _be_kind(self, order: OrderFulfilment) -> None:
        minor = self.dice.choice((100, 500, order.payable_minor * 4 // 5))
        self.trace.step(self.name, f"gives {minor} back for {order.order_no}")
        request_refund(
            payment_no=order.payment_no,
            refund_key=f"kindness:{order.order_no}:{self.visits}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="goodwill",
            stage=RefundStage.GOODWILL,
            reference=order.order_no,
        )
