"""Judging what an acquirer said about an errand: what happened, whether it fits, what changes.

Pure: it reads a row and a statement; nothing is written here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from payments.acquiring.contract import (
    Advice,
    Failure,
    Outcome,
    RefundResult,
    SplitResult,
    SplitReturnResult,
    TransferResult,
)
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.models.errands import Errand
from payments.services.errand_machines import ErrandEvent
from payments.services.schedule import VISIBILITY_WINDOW, next_try_at

Answer = RefundResult | TransferResult | SplitResult | SplitReturnResult

WAIT_AFTER_REFUSAL: Final = timedelta(minutes=10)
REFUSALS_MAX: Final = 20
_FINAL: Final = {Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CLOSED, Outcome.ABNORMAL}
_NO: Final = {Outcome.FAILED, Outcome.CLOSED, Outcome.ABNORMAL}
_EVENTS: Final = {
    Outcome.SUCCEEDED: ErrandEvent.SUCCESS,
    Outcome.PENDING: ErrandEvent.WAITING,
    Outcome.REQUIRES_ACTION: ErrandEvent.CONFIRM_WANTED,
    Outcome.FAILED: ErrandEvent.REFUSAL,
    Outcome.CLOSED: ErrandEvent.CLOSED,
    Outcome.ABNORMAL: ErrandEvent.ABNORMAL,
}


def event_of(errand: Errand, result: Answer) -> ErrandEvent | None:
    """Say which event a statement is; None for one that says nothing."""
    if result.outcome == Outcome.NOT_FOUND:
        return absence_of(errand)
    if isinstance(result, SplitResult) and result.outcome in _FINAL and result.shares:
        return _event_of_shares(result)
    if result.outcome in _NO and _is_for_now(errand, result.failure):
        return ErrandEvent.REFUSAL_FOR_NOW
    return _EVENTS.get(result.outcome)


def absence_of(errand: Errand) -> ErrandEvent:
    """Say what "unknown to me" means: too early to tell, or it never arrived."""
    is_early = errand.sent_at is not None and now() - errand.sent_at < VISIBILITY_WINDOW
    return ErrandEvent.NOT_FOUND_YET if is_early else ErrandEvent.NOT_FOUND


def _event_of_shares(result: SplitResult) -> ErrandEvent:
    paid = [share.outcome == Outcome.SUCCEEDED for share in result.shares]
    if any(share.outcome not in _FINAL for share in result.shares):
        return ErrandEvent.WAITING
    if all(paid):
        return ErrandEvent.SUCCESS
    return ErrandEvent.PART_SUCCESS if any(paid) else ErrandEvent.REFUSAL


def _is_for_now(errand: Errand, failure: Failure | None) -> bool:
    """Tell whether the refusal was for now only (our balance there is too low, for example)."""
    is_for_now = failure is not None and failure.advice == Advice.RETRY_LATER
    return is_for_now and errand.status == "sent" and errand.tries < REFUSALS_MAX


def mismatch_of(
    result: RefundResult | TransferResult | SplitReturnResult, *, merchant_id: str, asked: Money
) -> str:
    """Name what differs from what we asked for: amount, currency, merchant; "" if nothing does.

    A success must name amount and merchant; other answers must not contradict them.
    """
    is_success = result.outcome == Outcome.SUCCEEDED
    if (result.merchant_id or is_success) and result.merchant_id != merchant_id:
        return "merchant"
    if result.amount is None:
        return "amount" if is_success else ""
    if result.amount.currency != asked.currency:
        return "currency"
    return "amount" if result.amount != asked else ""


def changes_of(event: ErrandEvent, result: Answer) -> dict[str, Any]:
    """Return the columns that change with the state."""
    at = now()
    if event in {ErrandEvent.WAITING, ErrandEvent.CONFIRM_WANTED}:
        return {"next_action_at": next_try_at(0), "tries": 0}
    if event == ErrandEvent.NOT_FOUND:
        return {"next_action_at": at}
    if event == ErrandEvent.REFUSAL_FOR_NOW:
        return {"next_action_at": at + WAIT_AFTER_REFUSAL}
    changes: dict[str, Any] = {"done_at": at, "next_action_at": None}
    if event in {ErrandEvent.SUCCESS, ErrandEvent.PART_SUCCESS}:
        return {**changes, "failure_code": "", "failure_message": ""}
    failure = result.failure
    return {
        **changes,
        "failure_code": failure.code[:64] if failure else "refused",
        "failure_message": failure.message[:500] if failure else "",
    }
