"""Keeping evidence: what an acquirer said, before and beside what we make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from payments.acquiring.contract import (
    AgreementResult,
    PayResult,
    RefundResult,
    TransferResult,
)
from payments.acquiring.masking import redacted
from payments.kernel.clock import now
from payments.models import AcquirerAccount, ChannelFact, Notification

Result = PayResult | RefundResult | TransferResult | AgreementResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One statement of an acquirer and where we heard it; only authentic ones get this far."""

    source: str
    account: AcquirerAccount
    result: Result
    notification: Notification | None = None


def own_number(result: Result) -> str:
    """Return the number of ours a result is about."""
    if isinstance(result, PayResult):
        return result.payment_no
    if isinstance(result, RefundResult):
        return result.refund_no
    if isinstance(result, TransferResult):
        return result.transfer_no
    return result.agreement_no


def acquirers_number(result: Result) -> str:
    """Return the acquirer's own number in a result; an agreement's token is not one."""
    if isinstance(result, PayResult):
        return result.acquirer_no
    if isinstance(result, RefundResult):
        return result.acquirer_refund_no
    if isinstance(result, TransferResult):
        return result.acquirer_transfer_no
    return ""


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
    amount = None if isinstance(result, AgreementResult) else result.amount
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
