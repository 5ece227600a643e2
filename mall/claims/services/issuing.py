"""Issuing a claim: one person checks it, another issues it; then it is frozen and numbered."""

from __future__ import annotations

from typing import Final

import structlog
from django.db import IntegrityError, transaction

from mall.claims.errors import (
    ClaimDiffersError,
    DisputesOpenError,
    MonthNotOverError,
    NotADraftError,
    NotCheckedError,
    SecondPersonNeededError,
)
from mall.claims.models import ClaimLine, LineDispute, SubsidyClaim
from mall.claims.months import last_of
from mall.claims.services.drafting import (
    claims_again_what_waits,
    fingerprint,
    month_in_books,
    record,
)
from mall.claims.services.settling import settle_if_paid, use_credit
from payments.api import (
    IllegalTransitionError,
    Money,
    advance,
    last_sealed_day,
    now,
    post_subsidy_set_off,
    transact,
)

log = structlog.get_logger(__name__)
Status = SubsidyClaim.Status
_TRIES: Final = 20


@transact()
def check_claim(claim: SubsidyClaim, *, by: str) -> SubsidyClaim:
    """Say that a draft is right: another person may issue it now.

    ClaimDiffersError where its lines are not what the books say, NotADraftError once it is issued.
    """
    claim = _locked(claim)
    _refuse_what_differs(claim)
    rows = SubsidyClaim.objects.filter(pk=claim.pk, status=Status.DRAFT)
    rows.update(prepared_by=by[:150], prepared_at=now())
    claim.refresh_from_db()
    record(claim, "checked", by=by)
    return claim


@transact()
def issue_claim(claim: SubsidyClaim, *, by: str) -> SubsidyClaim:
    """Freeze a checked claim, give it its number and put it into the books as owed.

    What must go back of discounts that were paid for is deducted in it, and what the giver paid in
    advance pays it. NotCheckedError, SecondPersonNeededError, ClaimDiffersError (it names the
    journals), MonthNotOverError while the month's last day is not sealed, NotADraftError.
    """
    claim = _locked(claim)
    if not claim.prepared_by:
        raise NotCheckedError(claim=str(claim))
    if not by or by == claim.prepared_by:
        raise SecondPersonNeededError(claim=str(claim))
    _refuse_what_differs(claim)
    sealed = last_sealed_day()
    if sealed is None or sealed < last_of(claim.month):
        raise MonthNotOverError(month=str(claim.month))
    _freeze(claim, by=by)
    post_subsidy_set_off_if_any(claim)
    _claim_disputes(claim)
    record(claim, "issued", by=by, note=claim.claim_no)
    use_credit(claim)
    settle_if_paid(claim)
    log.info("claim.issued", claim_no=claim.claim_no, minor=claim.amount_minor, by=by)
    return claim


@transact()
def send_claim(claim: SubsidyClaim, *, by: str, note: str = "") -> SubsidyClaim:
    """Note that the claim went to the bank, and how. IllegalTransitionError unless issued."""
    claim = _locked(claim)
    if not advance(
        claim,
        SubsidyClaim.EDGES,
        Status.SENT,
        sent_at=now(),
    ):
        raise IllegalTransitionError(to=Status.SENT)
    record(claim, "sent", by=by, note=note)
    return claim


@transact()
def close_claim(claim: SubsidyClaim, *, by: str) -> SubsidyClaim:
    """Close a claim that is paid. DisputesOpenError, IllegalTransitionError."""
    claim = _locked(claim)
    if claim.disputes.filter(state=LineDispute.State.OPEN).exists():
        raise DisputesOpenError(claim_no=claim.claim_no)
    if not advance(claim, SubsidyClaim.EDGES, Status.CLOSED, closed_at=now()):
        raise IllegalTransitionError(to=Status.CLOSED)
    record(claim, "closed", by=by)
    return claim


def post_subsidy_set_off_if_any(claim: SubsidyClaim) -> None:
    """Deduct in the books what lay in 2131 for the claim's own lines."""
    if claim.to_return_minor:
        post_subsidy_set_off(
            claim_no=claim.claim_no,
            giver=claim.giver,
            campaign=claim.campaign,
            to_return=Money(claim.to_return_minor),
        )


def _locked(claim: SubsidyClaim) -> SubsidyClaim:
    return SubsidyClaim.objects.select_for_update(no_key=True).get(pk=claim.pk)


def _claim_disputes(claim: SubsidyClaim) -> None:
    """Mark what is claimed again as claimed here; refuse where another claim was faster."""
    waiting = LineDispute.objects.filter(
        state=LineDispute.State.AGAIN, claim__giver=claim.giver, claim__campaign=claim.campaign
    )
    claimed = waiting.update(state=LineDispute.State.CLAIMED, again_in=claim)
    if claimed != claim.lines.filter(kind=ClaimLine.Kind.AGAIN).count():
        raise ClaimDiffersError(journals=[])


def _refuse_what_differs(claim: SubsidyClaim) -> None:
    """Refuse a draft that is not what the books, or the disputes to be claimed again, say now."""
    if claim.status != Status.DRAFT:
        raise NotADraftError(claim_no=claim.claim_no)
    said = month_in_books(claim)
    is_equal = claim.is_equal and said == (claim.ledger_minor, claim.ledger_legs)
    if not is_equal or not claims_again_what_waits(claim):
        raise ClaimDiffersError(
            journals=[found["ref"] for found in claim.differences],
            books_minor=said[0],
            lines_minor=claim.amount_minor - claim.again_minor,
        )


def _freeze(claim: SubsidyClaim, *, by: str) -> None:
    """Move the draft to issued under the next free number of its giver and month."""
    sha256 = fingerprint(claim)
    stem = f"{claim.giver[:40]}-{claim.month:%Y%m}"
    taken = SubsidyClaim.objects.filter(claim_no__startswith=f"{stem}-").count()
    for number in range(taken + 1, taken + 1 + _TRIES):
        try:
            with transaction.atomic():
                is_moved = advance(
                    claim,
                    SubsidyClaim.EDGES,
                    Status.ISSUED,
                    claim_no=f"{stem}-{number:02d}",
                    sha256=sha256,
                    issued_by=by[:150],
                    issued_at=now(),
                )
        except IntegrityError:
            if number == taken + _TRIES:
                raise
            continue
        if not is_moved:
            raise NotADraftError(claim=str(claim))
        return
