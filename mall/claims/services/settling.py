"""What pays a claim: parts of receipts, credit from before; and what follows once it is paid."""

from __future__ import annotations

from django.db.models import F

from mall.claims.errors import ReceiptDoesNotFitError
from mall.claims.models import ClaimLine, LineDispute, ReceiptPart, SubsidyClaim, SubsidyReceipt
from mall.claims.services.drafting import record
from payments.api import (
    Money,
    advance,
    mark_unpaid_subsidy,
    now,
    post_subsidy_advance_used,
    settle_subsidy_month,
)

Status = SubsidyClaim.Status
State = LineDispute.State


def take_part(
    claim: SubsidyClaim, receipt: SubsidyReceipt, minor: int, *, is_advance: bool = False
) -> None:
    """Let a part of a receipt pay a claim, never more than is due. In a transaction.

    ReceiptDoesNotFitError where it is more, or of the other sign.
    """
    rows = SubsidyClaim.objects.filter(pk=claim.pk, status__in=SubsidyClaim.OPEN)
    due = F("amount_minor") - F("disputed_minor") - F("received_minor")
    rows = rows.alias(due=due)
    rows = rows.filter(due__gte=minor) if minor > 0 else rows.filter(due__lte=minor)
    if not minor or not rows.update(received_minor=F("received_minor") + minor):
        raise ReceiptDoesNotFitError(claim=claim.claim_no, minor=minor)
    ReceiptPart.objects.create(
        receipt=receipt, claim=claim, minor=minor, is_advance=is_advance, at=now()
    )
    claim.refresh_from_db()


def use_credit(claim: SubsidyClaim) -> int:
    """Pay a claim out of what its giver has paid in advance for its campaign.

    Return how much, in fen. In a transaction, the claim locked.
    """
    used = 0
    credits_ = SubsidyReceipt.objects.filter(
        giver=claim.giver,
        campaign=claim.campaign,
        status=SubsidyReceipt.Status.CONFIRMED,
        left_minor__gt=0,
    )
    for receipt in credits_.order_by("pk").select_for_update(no_key=True):
        minor = min(receipt.left_minor, claim.due_minor)
        if minor <= 0 or claim.parts.filter(receipt=receipt, is_advance=True).exists():
            continue
        rows = SubsidyReceipt.objects.filter(pk=receipt.pk, left_minor__gte=minor)
        if not rows.update(left_minor=F("left_minor") - minor):
            continue
        take_part(claim, receipt, minor, is_advance=True)
        post_subsidy_advance_used(
            claim_no=claim.claim_no,
            receipt_no=receipt.receipt_no,
            giver=claim.giver,
            campaign=claim.campaign,
            amount=Money(minor),
        )
        record(claim, "credit_used", note=f"{receipt.receipt_no}: {Money(minor).major}")
        used += minor
    return used


def settle_if_paid(claim: SubsidyClaim) -> None:
    """Move a claim to paid or paid in part, as what came says. In a transaction, it is locked.

    Once paid, what comes back of its month's discounts must go back to the giver.
    """
    if claim.status not in SubsidyClaim.OPEN:
        return
    if claim.due_minor == 0:
        advance(claim, SubsidyClaim.EDGES, Status.PAID, paid_at=now())
        record(claim, "paid")
        settle_subsidy_month(
            giver=claim.giver,
            campaign=claim.campaign,
            month=claim.month,
            claim_no=claim.claim_no,
        )
        _mark_paid_late(claim)
    elif claim.received_minor and claim.status != Status.PART_PAID:
        advance(claim, SubsidyClaim.EDGES, Status.PART_PAID)
        record(claim, "part_paid")


def mark_line(line: ClaimLine, claim: SubsidyClaim, state: str) -> None:
    """Note what the giver did not pay for; a voucher redeemed at a merchant's has no payment."""
    if line.order_no:
        mark_unpaid_subsidy(
            payment_no=line.subject_no, giver=claim.giver, campaign=claim.campaign, state=state
        )


def _mark_paid_late(claim: SubsidyClaim) -> None:
    """What was disputed before and is paid now counts as paid from here on."""
    for line in claim.lines.filter(kind=ClaimLine.Kind.AGAIN).exclude(dispute__state__in=_UNPAID):
        mark_line(line, claim, "paid")
    for dispute in claim.disputes.filter(state=State.WITHDRAWN).select_related("line"):
        mark_line(dispute.line, claim, "paid")


_UNPAID = (State.OPEN, State.AGAIN, State.CLAIMED, State.BORNE)
