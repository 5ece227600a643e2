"""Money from a bank or an authority: matched with its claims, entered or found in a statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from mall.claims.errors import (
    ReceiptDoesNotFitError,
    ReceiptKnownError,
    SecondPersonNeededError,
)
from mall.claims.models import SubsidyClaim, SubsidyReceipt
from mall.claims.services.drafting import record
from mall.claims.services.settling import settle_if_paid, take_part
from payments.api import (
    IllegalTransitionError,
    Money,
    advance,
    now,
    receive_subsidy,
    transact,
    use_bank_line,
)

log = structlog.get_logger(__name__)
Status = SubsidyReceipt.Status
# A claim's key and what of the money is meant for it, in fen.
Wish = Sequence[tuple[int, int]]


@transact()
def propose_receipt(  # noqa: PLR0913 - what the bank's paper says, each by its name
    *,
    giver: str,
    campaign: str,
    receipt_no: str,
    day: date,
    minor: int,
    by: str,
    wish: Wish = (),
    reason: str = "",
) -> SubsidyReceipt:
    """Enter a giver's payment by hand (negative: ours to it); another person confirms it.

    `wish` says which claims it pays; without it the oldest that are due. ReceiptKnownError.
    """
    return _write(
        giver=giver,
        campaign=campaign,
        receipt_no=receipt_no,
        day=day,
        amount_minor=minor,
        wish=[list(part) for part in wish],
        reason=reason[:200],
        proposed_by=by[:150],
    )


@transact()
def confirm_receipt(receipt: SubsidyReceipt, *, by: str) -> SubsidyReceipt:
    """Book a payment another person entered.

    SecondPersonNeededError, IllegalTransitionError, ReceiptDoesNotFitError.
    """
    if not by or by == receipt.proposed_by:
        raise SecondPersonNeededError(receipt=receipt.receipt_no)
    return _book(receipt, by=by)


@transact()
def refuse_receipt(receipt: SubsidyReceipt, *, by: str) -> SubsidyReceipt:
    """Refuse a payment another person entered; nothing is booked. As confirm_receipt."""
    if not by or by == receipt.proposed_by:
        raise SecondPersonNeededError(receipt=receipt.receipt_no)
    _decide(receipt, Status.REFUSED, by=by)
    return receipt


@transact()
def match_bank_line(
    key: int, *, giver: str, campaign: str, by: str, wish: Wish = ()
) -> SubsidyReceipt:
    """Take a booking of our bank's own statement as a giver's payment, and book it.

    The bank's file is the proof, so no second person is needed. BankLineTakenError,
    ReceiptKnownError, ReceiptDoesNotFitError.
    """
    line = use_bank_line(key, used_for=f"subsidy:{giver}"[:80])
    receipt = _write(
        giver=giver,
        campaign=campaign,
        receipt_no=line.bank_ref,
        day=line.day,
        amount_minor=line.amount.minor,
        bank_line=line.key,
        wish=[list(part) for part in wish],
        reason=line.memo[:200],
        proposed_by=by[:150],
    )
    return _book(receipt, by=by)


def plan(*, giver: str, minor: int) -> list[tuple[int, int]]:
    """Return which claims a payment would pay when nobody says: what we owe first, then the oldest.

    Claim's key and fen; what is left over is no claim's.
    """
    claims = SubsidyClaim.objects.filter(giver=giver, status__in=SubsidyClaim.OPEN)
    due = [(claim.pk, claim.due_minor) for claim in claims.order_by("month", "pk")]
    parts = [(key, owed) for key, owed in due if owed < 0] if minor > 0 else []
    left = minor - sum(owed for _key, owed in parts)
    if minor < 0:
        return _plan_giving_back(due, minor)
    for key, owed in due:
        part = min(owed, left)
        if part > 0:
            parts.append((key, part))
            left -= part
    return parts


def _plan_giving_back(due: Sequence[tuple[int, int]], minor: int) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    left = minor
    for key, owed in due:
        part = max(owed, left)
        if part < 0:
            parts.append((key, part))
            left -= part
    return parts


def _write(**fields: Any) -> SubsidyReceipt:
    try:
        with transaction.atomic():
            return SubsidyReceipt.objects.create(proposed_at=now(), **fields)
    except IntegrityError:
        raise ReceiptKnownError(receipt_no=fields["receipt_no"]) from None


def _decide(receipt: SubsidyReceipt, to: str, *, by: str) -> None:
    if not advance(receipt, SubsidyReceipt.EDGES, to, decided_by=by[:150], decided_at=now()):
        raise IllegalTransitionError(to=to)


def _book(receipt: SubsidyReceipt, *, by: str) -> SubsidyReceipt:
    _decide(receipt, Status.CONFIRMED, by=by)
    wish = [(int(key), int(minor)) for key, minor in receipt.wish]
    wish = wish or plan(giver=receipt.giver, minor=receipt.amount_minor)
    over = receipt.amount_minor - sum(minor for _key, minor in wish)
    owed = _pay(receipt, wish, by=by)
    _keep_credit(receipt, over)
    receive_subsidy(
        giver=receipt.giver,
        receipt_no=receipt.receipt_no,
        amount=Money(receipt.amount_minor),
        owed=[(campaign, Money(minor)) for campaign, minor in owed.items()],
        advance=(receipt.campaign, Money(over)) if over else None,
    )
    log.info("subsidy.received", receipt=receipt.receipt_no, minor=receipt.amount_minor, by=by)
    return receipt


def _pay(receipt: SubsidyReceipt, wish: Wish, *, by: str) -> dict[str, int]:
    """Let the receipt pay its claims; return what of it each campaign gets (fen)."""
    rows = SubsidyClaim.objects.select_for_update(no_key=True).order_by("pk")
    claims = {claim.pk: claim for claim in rows.filter(pk__in=[key for key, _minor in wish])}
    owed: dict[str, int] = {}
    for key, minor in sorted(wish):
        claim = claims.get(key)
        if claim is None or claim.giver != receipt.giver:
            raise ReceiptDoesNotFitError(claim=key, minor=minor)
        take_part(claim, receipt, minor)
        owed[claim.campaign] = owed.get(claim.campaign, 0) + minor
        record(claim, "received", by=by, note=f"{receipt.receipt_no}: {Money(minor).major}")
        settle_if_paid(claim)
    return owed


def _keep_credit(receipt: SubsidyReceipt, over: int) -> None:
    """Keep what no claim took as the giver's credit, or give back what it has left of it.

    ReceiptDoesNotFitError where more goes back than there is.
    """
    if over > 0:
        rows = SubsidyReceipt.objects.filter(pk=receipt.pk)
        rows.update(over_minor=over, left_minor=over)
        receipt.refresh_from_db()
        return
    left = -over
    credits_ = SubsidyReceipt.objects.filter(
        giver=receipt.giver, campaign=receipt.campaign, left_minor__gt=0
    )
    for credit in credits_.order_by("pk").select_for_update(no_key=True):
        minor = min(credit.left_minor, left)
        rows = SubsidyReceipt.objects.filter(pk=credit.pk, left_minor__gte=minor)
        left -= minor * rows.update(left_minor=F("left_minor") - minor)
    if left:
        raise ReceiptDoesNotFitError(receipt=receipt.receipt_no, minor=over)
