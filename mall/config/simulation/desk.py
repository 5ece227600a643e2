"""Those who look at what no program may decide: refused refunds, held money, waiting transfers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from mall.config.simulation.trace import Trace
from payments.api import LinliError, approve_transfer, cancel_transfer
from payments.models import Payment, Refund, Transfer
from payments.services.decisions import carry_out, reject
from payments.services.held import held_money
from payments.services.proposals import (
    propose_paid_by_hand,
    propose_release,
    propose_return_of_held,
)
from payments.services.refund_desk import retry_refund

MAKER: Final = "finance"
CHECKER: Final = "admin"
_PAUSE_SECONDS: Final = 7 * 3600.0
_RETURNED: Final = Refund.Status.FAILED_AFTER_SUCCESS


@dataclass
class Desk:
    """Two people: one proposes, the other decides."""

    dice: Random
    trace: Trace
    name: str = "desk"
    visits: int = 0

    def visit(self) -> float | None:
        """Clear the desk; return seconds until the next visit."""
        self.visits += 1
        self.clear()
        return None if self.visits >= 10 else _PAUSE_SECONDS

    def clear(self) -> int:
        """Deal with everything that waits for a person; return how much was dealt with."""
        stuck = Refund.objects.filter(status__in=[*Refund.REFUSED, _RETURNED]).order_by("pk")
        works = [self._deal_with_refund(refund) for refund in stuck]
        held = Payment.objects.filter(facts__edge__in=["22", "19b"]).distinct().order_by("pk")
        works += [self._deal_with_held(payment) for payment in held]
        waiting = Transfer.objects.filter(
            status__in=[Transfer.Status.CREATED, Transfer.Status.WAIT_USER_CONFIRM]
        )
        works += [self._deal_with_transfer(transfer) for transfer in waiting.order_by("pk")]
        return sum(works)

    def _deal_with_refund(self, refund: Refund) -> int:
        number = refund.refund_no
        if refund.status != _RETURNED and self.dice.random() < 0.5:
            return self._try(f"retries {number}", lambda: retry_refund(number, by=MAKER))
        return self._decide(
            f"pays {number} by hand",
            lambda: propose_paid_by_hand(number, reason="回单 1", by=MAKER).decision_no,
        )

    def _deal_with_held(self, payment: Payment) -> int:
        number = payment.payment_no
        owed = [each for each in held_money(payment) if each.is_returnable and not each.is_decided]
        if done := sum(self._return(number, each.acquirer_no) for each in owed):
            return done
        payment.refresh_from_db()
        if payment.application != Payment.Application.HELD:
            return 0
        return self._decide(
            f"releases {number}",
            lambda: propose_release(number, reason="没有多收", by=MAKER).decision_no,
        )

    def _return(self, number: str, acquirer_no: str) -> int:
        def propose() -> str:
            made = propose_return_of_held(
                number, acquirer_no=acquirer_no, reason="重复付款", by=MAKER
            )
            return made.decision_no

        return self._decide(f"returns {acquirer_no} held for {number}", propose)

    def _deal_with_transfer(self, transfer: Transfer) -> int:
        number = transfer.transfer_no
        if transfer.status == Transfer.Status.CREATED:
            return self._try(f"approves {number}", lambda: approve_transfer(number, by=CHECKER))
        return self._try(f"cancels {number}", lambda: cancel_transfer(number, by=MAKER))

    def _decide(self, what: str, propose: Callable[[], str]) -> int:
        """Let one propose and the other carry it out; what cannot be is rejected at once."""

        def act() -> None:
            number = propose()
            try:
                carry_out(number, by=CHECKER)
            except LinliError:
                reject(number, by=CHECKER)
                raise

        return self._try(what, act)

    def _try(self, what: str, act: Callable[[], object]) -> int:
        self.trace.step(self.name, what)
        try:
            act()
        except LinliError as refusal:
            self.trace.tell(self.name, f"is refused: {refusal.code}")
            return 0
        return 1
