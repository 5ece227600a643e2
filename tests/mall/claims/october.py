"""Discounts of a bank in October, as the small bank's own services book them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import time_machine
from django.db import transaction

from mall.claims.invariants import check
from mall.claims.models import SubsidyClaim
from mall.claims.services.drafting import draft_claim
from mall.claims.services.issuing import check_claim, issue_claim
from payments.api import Funder, Money, RefundStage, TenderPart, request_refund, seal_due
from payments.models import Payment
from tests.payments.desk import hear, open_payment, success

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)
GIVER, CAMPAIGN = "CCB", "minus16"
_orders = itertools.count(1)


@contextmanager
def on(month: int, day: int, hour: int = 4, *, year: int = 2026) -> Iterator[None]:
    """Let it be noon of a day (of 2026) in Shanghai."""
    with time_machine.travel(datetime(year, month, day, hour, tzinfo=UTC), tick=False):
        yield


def tenders(payer: int, bank: int, ref: str = "CCB:minus16") -> list[TenderPart]:
    """The payer's part and the bank's."""
    parts = [
        TenderPart(funder=Funder.PAYER, amount=Money(payer)),
        TenderPart(funder=Funder.BANK, ref=ref, amount=Money(bank)),
    ]
    return [part for part in parts if part.amount]


def paid(payer: int = 19200, bank: int = 1600, *, ref: str = "CCB:minus16") -> Payment:
    """An order paid with a bank's discount."""
    order = f"M{next(_orders):06d}"
    view = open_payment(order, tenders=tenders(payer, bank, ref))
    row = Payment.objects.get(payment_no=view.payment_no)
    hear(row, "notify", success(row, amount=Money(payer), acquirer_no=f"A{order}"))
    return row


def refund(
    payment: Payment, payer: int, bank: int, *, ref: str = "CCB:minus16", after=False
) -> str:
    """Goods came back: so much to the resident, so much to her bank."""
    stage = RefundStage.AFTER_PICKUP if after else RefundStage.BEFORE_PICKUP
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=f"{payment.payment_no}-{payer}-{bank}-{next(_orders)}",
            tenders=tenders(payer, bank, ref),
            reason="shortage",
            stage=stage,
        )
    return view.refund_no


def seal() -> None:
    """Close every day that is over."""
    seal_due(10_000)


def issued(month: date = OCTOBER, *, giver: str = GIVER, campaign: str = CAMPAIGN) -> SubsidyClaim:
    """A claim checked by one person and issued by another, its month closed."""
    seal()
    claim = draft_claim(giver=giver, campaign=campaign, month=month)
    check_claim(claim, by="clerk")
    return issue_claim(claim, by="chief")


def broken() -> list[str]:
    """What rules of claims are broken; orders of these tests are payments' references only."""
    return [
        f"{found.code} {found.subject}: {found.detail}"
        for result in check()
        for found in result.violations
        if "no order" not in found.detail
    ]
