"""The bank will not pay a line: why, and what becomes of it."""

from __future__ import annotations

from django.db.models import F

from mall.claims.errors import NotDisputableError, ReasonMissingError, SecondPersonNeededError
from mall.claims.models import ClaimLine, LineDispute, SubsidyClaim
from mall.claims.months import last_of
from mall.claims.services.drafting import record
from mall.claims.services.settling import mark_line, settle_if_paid
from payments.api import (
    IllegalTransitionError,
    Money,
    advance,
    keep_what_came_back,
    now,
    post_subsidy_written_off,
    transact,
)

State = LineDispute.State
Status = SubsidyClaim.Status


@transact()
def dispute_line(line: ClaimLine, *, reason: str, by: str) -> LineDispute:
    """Take a line the giver will not pay out of what its claim is due, with the giver's reason.

    The claim's own amount stays as issued. ReasonMissingError; NotDisputableError where the claim
    is not open, the line not in our favour, or less is due than the line.
    """
    if not reason.strip():
        raise ReasonMissingError
    claim = SubsidyClaim.objects.select_for_update(no_key=True).get(pk=line.claim_id)
    due = F("amount_minor") - F("disputed_minor") - F("received_minor")
    rows = SubsidyClaim.objects.filter(pk=claim.pk, status__in=SubsidyClaim.OPEN).alias(due=due)
    is_fit = line.net_minor > 0 and not LineDispute.objects.filter(line=line).exists()
    taken = rows.filter(due__gte=line.net_minor)
    if not is_fit or not taken.update(disputed_minor=F("disputed_minor") + line.net_minor):
        raise NotDisputableError(line=line.number)
    dispute = LineDispute.objects.create(
        line=line,
        claim=claim,
        minor=line.net_minor,
        reason=reason.strip()[:300],
        opened_by=by[:150],
        opened_at=now(),
    )
    mark_line(line, claim, "withheld")
    claim.refresh_from_db()
    record(claim, "disputed", by=by, note=f"{line.number}: {reason.strip()}")
    settle_if_paid(claim)
    return dispute


@transact()
def settle_dispute(dispute: LineDispute, *, to: str, by: str, settlement: str = "") -> LineDispute:
    """Say what becomes of a disputed line: claimed again, borne by the mall, or paid after all.

    SecondPersonNeededError where who entered the dispute lets the mall bear it,
    IllegalTransitionError unless it is open and the claim is not closed.
    """
    claim = SubsidyClaim.objects.select_for_update(no_key=True).get(pk=dispute.claim_id)
    if claim.status == Status.CLOSED or to not in _SETTLED:
        raise IllegalTransitionError(to=to)
    if to == State.BORNE and (not by or by == dispute.opened_by):
        raise SecondPersonNeededError(line=dispute.line.number)
    settled = LineDispute.objects.filter(pk=dispute.pk, state=State.OPEN).update(
        state=to, settled_by=by[:150], settled_at=now(), settlement=settlement.strip()[:300]
    )
    if not settled:
        raise IllegalTransitionError(to=to)
    dispute.refresh_from_db()
    if to == State.BORNE:
        _bear(dispute, claim)
    elif to == State.WITHDRAWN:
        _pay_after_all(dispute, claim)
    record(claim, f"dispute_{to}", by=by, note=f"{dispute.line.number}: {settlement.strip()}")
    return dispute


_SETTLED = (State.AGAIN, State.BORNE, State.WITHDRAWN)


def _bear(dispute: LineDispute, claim: SubsidyClaim) -> None:
    post_subsidy_written_off(
        key=f"{claim.claim_no}:{dispute.line.number}",
        giver=claim.giver,
        campaign=claim.campaign,
        amount=Money(dispute.minor),
    )
    # What came back in the month of the discount itself is no part of the line.
    keep_what_came_back(
        payment_no=dispute.line.subject_no,
        giver=claim.giver,
        campaign=claim.campaign,
        after=last_of(dispute.line.day),
    )
    mark_line(dispute.line, claim, "borne")


def _pay_after_all(dispute: LineDispute, claim: SubsidyClaim) -> None:
    rows = SubsidyClaim.objects.filter(pk=claim.pk, disputed_minor__gte=dispute.minor)
    rows.update(disputed_minor=F("disputed_minor") - dispute.minor)
    claim.refresh_from_db()
    if claim.status == Status.PAID:
        advance(claim, SubsidyClaim.EDGES, Status.PART_PAID)
