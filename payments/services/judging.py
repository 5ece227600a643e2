"""Judging what an acquirer said about a payment: which edge it is, or why it is not believed.

Pure: it reads a payment's row and a statement and decides; nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from payments.acquiring.contract import Outcome, PayResult
from payments.kernel.tenders import Funder
from payments.models import ChannelFact, Payment
from payments.services.machine import Event, find_edge, named_edge
from payments.services.schedule import VISIBILITY_WINDOW

Verdict = ChannelFact.Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to make of a statement: the edge's number, where it leads, and what to write down."""

    edge: str
    to: str | None
    verdict: str
    event: Event | None = None
    reason: str = ""


def judge(payment: Payment, *, source: str, result: PayResult, at: datetime) -> Judgement:
    """Decide what a statement does to a payment in its present state."""
    if reason := mismatch(payment, result):
        number = named_edge(Event.MISMATCH).no
        return Judgement(number, None, Verdict.MISMATCHED, Event.MISMATCH, reason)
    event = _event(payment, result, at)
    if source == ChannelFact.Source.BILL and result.outcome == Outcome.NOT_FOUND:
        event = None  # what a statement leaves out is not said; the acquirer is asked (#26)
    if event is None:
        return Judgement("", None, Verdict.REPEATED)
    edge = find_edge(status=payment.status, event=event, heard=source)
    if edge is None:
        return Judgement("", None, Verdict.REPEATED)
    verdict = Verdict.REPEATED if edge.to is None else Verdict.APPLIED
    return Judgement(edge.no, edge.to, verdict, event)


def mismatch(payment: Payment, result: PayResult) -> str:
    """Name what differs: amount, currency, merchant, or the parts of it; "" if nothing does.

    A success must name amount and merchant; other answers must not contradict them.
    """
    is_success = result.outcome == Outcome.SUCCEEDED
    if (result.merchant_id or is_success) and result.merchant_id != payment.account.merchant_id:
        return "merchant"
    if result.amount is None:
        return "amount" if is_success else ""
    if result.amount.currency != payment.currency:
        return "currency"
    if result.amount.minor != payment.amount_minor:
        return "amount"
    return "" if not is_success or charged_minor(payment, result) > 0 else "tenders"


def charged_minor(payment: Payment, result: PayResult) -> int:
    """Return what the acquirer charged the payer: all, less the parts it says others gave."""
    others = (part.amount.minor for part in result.tenders if part.funder != Funder.PAYER)
    return payment.amount_minor - sum(others)


def _event(payment: Payment, result: PayResult, at: datetime) -> Event | None:
    if payment.status == Payment.Status.SUCCEEDED:
        return _event_after_success(payment, result)
    if result.outcome == Outcome.NOT_FOUND:
        return _absence(payment, at)
    return {
        Outcome.SUCCEEDED: Event.SUCCESS,
        Outcome.PENDING: Event.WAITING,
        Outcome.REQUIRES_ACTION: Event.WAITING,
        Outcome.FAILED: Event.REFUSAL,
        Outcome.CLOSED: Event.CLOSED,
    }.get(result.outcome)


def _event_after_success(payment: Payment, result: PayResult) -> Event:
    if result.outcome != Outcome.SUCCEEDED:
        return Event.DOWNGRADE
    is_other = result.acquirer_no and payment.acquirer_no not in {"", result.acquirer_no}
    return Event.OTHER_SUCCESS if is_other else Event.REPEATED_SUCCESS


def _absence(payment: Payment, at: datetime) -> Event:
    """Say what "unknown to me" means: too early to tell, never arrived, or never will."""
    if payment.sent_at is not None and at - payment.sent_at < VISIBILITY_WINDOW:
        return Event.NOT_FOUND_YET
    return Event.NOT_FOUND_TOO_LATE if at >= payment.expires_at else Event.NOT_FOUND
