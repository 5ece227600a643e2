"""Deciding a case: approve whole or in part, offer another amount, pass on, reject, appeal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from mall.accounts.models import User
from mall.aftersales import allowances
from mall.aftersales.asking import give_count_back
from mall.aftersales.errors import (
    CaseGoneError,
    CaseOpenError,
    NotAppealableError,
    NotYourTurnError,
    ReasonMissingError,
)
from mall.aftersales.holding import hold_window, let_window_go
from mall.aftersales.models import AfterSalesCase, CaseStep, Role
from mall.aftersales.outcomes import (
    NOTHING_DECIDED,
    decision_of,
    mark_approved,
    times_rejected,
    told_of,
)
from mall.aftersales.paying import pay
from mall.aftersales.people import CONFIRM, locked_case, require_turn
from mall.aftersales.story import record, tell
from mall.aftersales.worth import Claimed
from payments.api import SecondPersonError, advance, now, transact

EDGES = AfterSalesCase.EDGES
Passed = AfterSalesCase.Passed
Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn
What = CaseStep.What
_PAID = (Status.REFUNDING, Status.REFUNDED)


@transact()
def approve(
    *,
    case_no: str,
    by: User,
    role: str,
    claimed: Claimed | None = None,
    bearer: str = "",
    note: str = "",
) -> AfterSalesCase:
    """Approve what was asked, or ``claimed`` instead; above the limit a second person confirms.

    The mall may name another ``bearer`` than the reason's. The same person's approval again
    returns the case. NotYourTurnError, OverLimitError (leaders), AskedTooMuchError, CaseGoneError.
    """
    case, order = locked_case(case_no, by=by, role=role)
    if case.decided_by_id == by.pk and case.status in {Status.APPROVED, *_PAID}:
        return case
    require_turn(case, by=by, role=role)
    found = decision_of(case, order, claimed, by=by, role=role, bearer=bearer)
    counted_on = None
    if role == Role.LEADER:
        minor = found["value_minor"]
        counted_on = allowances.take(by, allowances.What.CASES, minor)
    mark_approved(case, note=note, counted_on=counted_on, **found)
    record(case, What.APPROVED, role=role, by=by, minor=case.given_minor, note=note)
    if not case.needs_second:
        pay(case, order)
    return case


@transact()
def confirm(*, case_no: str, by: User) -> AfterSalesCase:
    """Let a large approval be paid, as its second person.

    SecondPersonError for whoever approved it, NotYourTurnError, AskedTooMuchError where so much is
    not left any more, CaseGoneError without the right.
    """
    case, order = locked_case(case_no, by=by, role=Role.MALL)
    _require_second(case, by)
    if case.status in _PAID and case.confirmed_by_id == by.pk:
        return case
    rows = AfterSalesCase.objects.filter(pk=case.pk, status=Status.APPROVED, turn=Turn.SECOND)
    if not rows.update(confirmed_by=by):
        raise NotYourTurnError(status=case.status)
    case.refresh_from_db()
    record(case, What.CONFIRMED, role=Role.MALL, by=by)
    pay(case, order)
    return case


@transact()
def send_back(*, case_no: str, by: User, note: str) -> AfterSalesCase:
    """Do not confirm a large approval: the mall decides anew. Errors as in confirm()."""
    case, _order = locked_case(case_no, by=by, role=Role.MALL)
    if not note.strip():
        raise ReasonMissingError
    if by.pk != case.decided_by_id:
        _require_second(case, by)
    if case.status == Status.APPROVED:
        give_count_back(case)
    due_at = now() + timedelta(hours=settings.LINLI_CASE_MALL_HOURS)
    changes = {**NOTHING_DECIDED, "turn": Turn.MALL, "due_at": due_at, "ended_at": None}
    if not advance(case, EDGES, Status.REQUESTED, came_from=[Status.APPROVED], **changes):
        raise NotYourTurnError(status=case.status)
    record(case, What.SENT_BACK, role=Role.MALL, by=by, note=note.strip())
    return case


@transact()
def reject(*, case_no: str, by: User, role: str, text: str) -> AfterSalesCase:
    """Reject a case, in words; again by the same person it changes nothing.

    ReasonMissingError, NotYourTurnError, CaseGoneError.
    """
    if not text.strip():
        raise ReasonMissingError
    case, order = locked_case(case_no, by=by, role=role)
    if case.status == Status.REJECTED and case.decided_by_id == by.pk:
        return case
    require_turn(case, by=by, role=role)
    at = now()
    advance(
        case,
        EDGES,
        Status.REJECTED,
        turn=Turn.NOBODY,
        due_at=None,
        decision_text=text.strip()[:300],
        decided_by=by,
        decided_by_leader=role == Role.LEADER,
        decided_at=at,
        ended_at=at,
    )
    record(case, What.REJECTED, role=role, by=by, note=text.strip())
    let_window_go(order)
    tell(case, "decided", turn=times_rejected(case), **told_of(case, "rejected"))
    return case


@transact()
def offer(*, case_no: str, by: User, role: str, claimed: Claimed, text: str) -> AfterSalesCase:
    """Offer the resident another amount, and say why; she accepts or declines.

    A leader's offer counts against her limit at once. Errors as in approve(), ReasonMissingError.
    """
    if not text.strip():
        raise ReasonMissingError
    case, order = locked_case(case_no, by=by, role=role)
    require_turn(case, by=by, role=role)
    found = decision_of(case, order, claimed, by=by, role=role, bearer="")
    counted_on = None
    if role == Role.LEADER:
        counted_on = allowances.take(by, allowances.What.CASES, found["value_minor"])
    until = now() + timedelta(hours=settings.LINLI_CASE_OFFER_HOURS)
    AfterSalesCase.objects.filter(pk=case.pk, status=Status.REQUESTED, turn=case.turn).update(
        **found,
        turn=Turn.RESIDENT,
        due_at=until,
        counted_on=counted_on,
        decision_text=text.strip()[:300],
    )
    case.refresh_from_db()
    step = record(case, What.OFFERED, role=role, by=by, minor=case.given_minor, note=text.strip())
    tell(case, "offered", turn=step.pk, payer_minor=case.given_minor, until=until.isoformat())
    return case


@transact()
def accept_offer(*, case_no: str, by: User) -> AfterSalesCase:
    """Take what was offered; again it changes nothing.

    NotYourTurnError, AskedTooMuchError where so much is not left any more, CaseGoneError.
    """
    case, order = locked_case(case_no, by=by, role=Role.RESIDENT)
    if case.status in {Status.APPROVED, *_PAID} and case.steps.filter(what=What.ACCEPTED).exists():
        return case
    if not case.is_offered:
        raise NotYourTurnError(status=case.status)
    record(case, What.ACCEPTED, role=Role.RESIDENT, by=by, minor=case.given_minor)
    mark_approved(
        case,
        note=case.decision_text,
        counted_on=case.counted_on,
        needs_second=case.needs_second,
        decided_at=now(),
    )
    if not case.needs_second:
        pay(case, order)
    return case


@transact()
def decline_offer(*, case_no: str, by: User) -> AfterSalesCase:
    """Decline what was offered: the mall decides. NotYourTurnError, CaseGoneError."""
    case, _order = locked_case(case_no, by=by, role=Role.RESIDENT)
    if not case.is_offered:
        raise NotYourTurnError(status=case.status)
    record(case, What.DECLINED, role=Role.RESIDENT, by=by)
    to_the_mall(case, because=Passed.DECLINED)
    return case


@transact()
def pass_on(*, case_no: str, by: User, note: str = "") -> AfterSalesCase:
    """Let the mall decide a case of a leader's; again it changes nothing. NotYourTurnError."""
    case, _order = locked_case(case_no, by=by, role=Role.LEADER)
    if case.turn == Turn.MALL and case.passed == Passed.LEADER:
        return case
    require_turn(case, by=by, role=Role.LEADER)
    record(case, What.PASSED, role=Role.LEADER, by=by, note=note.strip())
    to_the_mall(case, because=Passed.LEADER)
    return case


@transact()
def appeal(*, case_no: str, by: User, text: str) -> AfterSalesCase:
    """Ask the mall to look again at what a leader rejected: once, in time, in words.

    NotAppealableError, ReasonMissingError, CaseGoneError; CaseOpenError while another is open.
    """
    if not text.strip():
        raise ReasonMissingError
    case, order = locked_case(case_no, by=by, role=Role.RESIDENT)
    if not may_appeal(case):
        raise NotAppealableError
    others = AfterSalesCase.objects.filter(line=case.line_id, status__in=AfterSalesCase.OPEN)
    if others.exists():
        raise CaseOpenError
    at = now()
    changes: dict[str, Any] = {
        "turn": Turn.MALL,
        "passed": Passed.APPEAL,
        "appealed_at": at,
        "due_at": at + timedelta(hours=settings.LINLI_CASE_MALL_HOURS),
        "ended_at": None,
    }
    if not advance(case, EDGES, Status.REQUESTED, came_from=[Status.REJECTED], **changes):
        raise NotAppealableError
    record(case, What.APPEALED, role=Role.RESIDENT, by=by, note=text.strip())
    hold_window(order)
    tell(case, "passed", turn="appeal", passed=case.passed)
    return case


def may_appeal(case: AfterSalesCase) -> bool:
    """Tell whether a leader's rejection can still be appealed."""
    if case.status != Status.REJECTED or not case.decided_by_leader or case.decided_at is None:
        return False
    until = case.decided_at + timedelta(hours=settings.LINLI_CASE_APPEAL_HOURS)
    return case.appealed_at is None and now() < until


def to_the_mall(case: AfterSalesCase, *, because: str) -> None:
    """Let the mall decide an open case; in a transaction, its order locked."""
    give_count_back(case)
    due_at = now() + timedelta(hours=settings.LINLI_CASE_MALL_HOURS)
    rows = AfterSalesCase.objects.filter(pk=case.pk, status=Status.REQUESTED, turn=case.turn)
    rows.update(**NOTHING_DECIDED, turn=Turn.MALL, passed=because, due_at=due_at)
    case.refresh_from_db()
    # Once for an offer that was declined, once more for the next: the steps tell them apart.
    turn = f"{because}:{case.steps.count()}"
    tell(case, "passed", turn=turn, passed=case.passed)


def _require_second(case: AfterSalesCase, by: User) -> None:
    if not by.has_perm(CONFIRM):
        raise CaseGoneError(case_no=case.case_no)
    if by.pk in {case.decided_by_id, case.resident_id}:
        raise SecondPersonError(case_no=case.case_no)
