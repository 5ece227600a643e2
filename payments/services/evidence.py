"""Keeping evidence: what an acquirer said, before and beside what we make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from payments.acquiring.contract import (
    AgreementResult,
    Outcome,
    PayResult,
    RefundResult,
    SplitResult,
    SplitReturnResult,
    TransferResult,
)
from payments.acquiring.masking import redacted
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.models import AcquirerAccount, ChannelFact, Notification

Result = (
    PayResult | RefundResult | TransferResult | AgreementResult | SplitResult | SplitReturnResult
)

# Where a paper carries our number and the acquirer's.
_NUMBERS: Final[dict[type, tuple[str, str]]] = {
    PayResult: ("payment_no", "acquirer_no"),
    RefundResult: ("refund_no", "acquirer_refund_no"),
    TransferResult: ("transfer_no", "acquirer_transfer_no"),
    SplitResult: ("split_no", "acquirer_split_no"),
    SplitReturnResult: ("return_no", "acquirer_return_no"),
    AgreementResult: ("agreement_no", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One statement of an acquirer and where we heard it; only authentic ones get this far."""

    source: str
    account: AcquirerAccount
    result: Result
    notification: Notification | None = None


def own_number(result: Result) -> str:
    """Return the number of ours a result is about."""
    return str(getattr(result, _NUMBERS[type(result)][0]))


def acquirers_number(result: Result) -> str:
    """Return the acquirer's own number in a result; an agreement's token is not one."""
    column = _NUMBERS[type(result)][1]
    return str(getattr(result, column)) if column else ""


def _amount_in(result: Result) -> Money | None:
    if isinstance(result, AgreementResult):
        return None
    if isinstance(result, SplitResult):
        paid = [part.amount for part in result.shares if part.outcome == Outcome.SUCCEEDED]
        return Money(sum(part.minor for part in paid), paid[0].currency) if paid else None
    return result.amount


def keep(heard: Heard, *, verdict: str, edge: str = "", **about: Any) -> ChannelFact:
    """Write a statement down, redacted, with what it is about and what we made of it.

    An answer that told a question nothing new is returned without a row: a page that asks every
    two seconds would drown the evidence.
    """
    fact = _paper(heard, verdict=verdict, edge=edge, **about)
    is_news = verdict != ChannelFact.Verdict.REPEATED or edge
    if is_news or heard.source in {ChannelFact.Source.NOTIFY, ChannelFact.Source.BILL}:
        ChannelFact.objects.bulk_create([fact])
    return fact


def _paper(heard: Heard, **about: Any) -> ChannelFact:
    result = heard.result
    amount = _amount_in(result)
    outcome = result.status if isinstance(result, AgreementResult) else result.outcome
    return ChannelFact(
        account=heard.account,
        source=heard.source,
        notification=heard.notification,
        own_no=own_number(result)[:64],
        outcome=outcome,
        acquirer_no=acquirers_number(result)[:64],
        amount_minor=None if amount is None else amount.minor,
        currency="" if amount is None else amount.currency,
        merchant_id=result.merchant_id[:64],
        payload=redacted(result.raw),
        at=now(),
        **about,
    )
