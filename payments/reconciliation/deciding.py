"""Deciding a case: one person proposes, another decides, and only then anything is booked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from payments.incidents import settle_incident
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.numbers import is_check_number
from payments.kernel.transact import transact
from payments.models import ChannelFact
from payments.reconciliation.asking import believe_line
from payments.reconciliation.bookings import book, booked_refs
from payments.reconciliation.case_steps import move, write_steps
from payments.reconciliation.models import Discrepancy, ReconciliationCase, RecordKind
from payments.reconciliation.questions import question_about

State = ReconciliationCase.State
Action = ReconciliationCase.Action
Resolution = ReconciliationCase.Resolution


class UnknownCaseError(LinliError):
    """There is no case of this number."""

    code = "unknown_case"
    http_status = 404
    message = _("There is no case of this number.")


class NotPossibleError(LinliError):
    """A case cannot be decided that way, or not now."""

    code = "case_action"
    message = _("This cannot be decided for this case now. Please reload the page.")


class TwoPeopleError(LinliError):
    """Who proposes does not decide."""

    code = "two_people"
    http_status = 403
    message = _("You proposed this yourself. A second person has to decide it.")


class ReasonMissingError(LinliError):
    """A proposal says why."""

    code = "reason_missing"
    http_status = 422
    message = _("Please write down why.")


def allowed_actions(case: ReconciliationCase) -> list[str]:
    """Return what may be proposed for a case as it stands, the usual one first."""
    if case.state == State.OPEN:
        return [str(action) for action in _for_open(case)]
    if case.state == State.HUNG:
        ends = Action.RETURN_MONEY if case.hung_minor > 0 else Action.FOUND_LATER
        return [str(ends), str(Action.WRITE_OFF), str(Action.REVERSE)]
    if case.state == State.CLOSED and case.resolution == Resolution.DECIDED:
        return [str(Action.REVERSE)] if booked_refs(case) else []
    return []


def _for_open(case: ReconciliationCase) -> Iterable[Action]:
    if case.discrepancy == Discrepancy.ORPHAN and is_check_number(case.own_no):
        return (Action.IGNORE_KNOWN, Action.HANG_UP)
    if _may_be_believed(case):
        return (Action.BELIEVE_BILL, Action.HANG_UP, Action.IGNORE_KNOWN)
    if case.discrepancy in {Discrepancy.AMOUNT, Discrepancy.FEE}:
        return (Action.ACCEPT_BILL, Action.HANG_UP, Action.IGNORE_KNOWN)
    if case.surplus_minor:
        return (Action.HANG_UP, Action.ACCEPT_BILL, Action.IGNORE_KNOWN)
    return (Action.IGNORE_KNOWN,)


def _may_be_believed(case: ReconciliationCase) -> bool:
    kinds = {RecordKind.PAY, RecordKind.REFUND, RecordKind.TRANSFER}
    is_there_only = case.discrepancy in {Discrepancy.ACQ_ONLY, Discrepancy.STATUS}
    agrees = case.bill_amount_minor == case.ours_amount_minor
    return is_there_only and agrees and case.line_id is not None and case.record_kind in kinds


@transact()
def take_case(case_no: str, *, by: str) -> ReconciliationCase:
    """Say who takes care of a case. UnknownCaseError."""
    case = _locked(case_no)
    ReconciliationCase.objects.filter(pk=case.pk).update(owner=by[:150])
    case.refresh_from_db()
    write_steps([case], "taken", came_from=case.state, by=by)
    return case


@transact()
def note_case(case_no: str, *, by: str, note: str) -> ReconciliationCase:
    """Write a remark into a case's story. UnknownCaseError, ReasonMissingError."""
    case = _locked(case_no)
    if not note.strip():
        raise ReasonMissingError
    write_steps([case], "noted", came_from=case.state, by=by, note=note)
    return case


@transact()
def propose(case_no: str, *, action: str, reason: str, by: str) -> ReconciliationCase:
    """Propose how a case is to end; another person decides.

    UnknownCaseError, ReasonMissingError, NotPossibleError where the case does not allow it.
    """
    case = _locked(case_no)
    if not reason.strip() or not by:
        raise ReasonMissingError
    if action not in allowed_actions(case):
        raise NotPossibleError(case_no=case_no, action=action)
    _step(
        case,
        State.PROPOSED,
        what="proposed",
        by=by,
        note=reason,
        action=action,
        reason=reason[:500],
        proposed_by=by[:150],
        proposed_at=now(),
        decided_by="",
        decided_at=None,
    )
    return case


@transact()
def reject(case_no: str, *, by: str, reason: str) -> ReconciliationCase:
    """Refuse a proposal, or take one's own back: the case is where it was before.

    UnknownCaseError, ReasonMissingError, NotPossibleError where nothing is proposed.
    """
    case = _locked(case_no)
    if not reason.strip():
        raise ReasonMissingError
    if case.state != State.PROPOSED:
        raise NotPossibleError(case_no=case_no)
    back = State.OPEN
    if case.hung_minor:
        back = State.HUNG
    elif case.action == Action.REVERSE:
        back = State.CLOSED
    _step(
        case,
        back,
        what="rejected",
        by=by,
        note=reason,
        action="",
        reason="",
        proposed_by="",
        proposed_at=None,
    )
    return case


@transact()
def approve(case_no: str, *, by: str) -> ReconciliationCase:
    """Decide as proposed and book it, in one transaction.

    UnknownCaseError, TwoPeopleError for the one who proposed, NotPossibleError where nothing is
    proposed.
    """
    case = _locked(case_no)
    if case.state != State.PROPOSED:
        raise NotPossibleError(case_no=case_no)
    if not by or by == case.proposed_by:
        raise TwoPeopleError(case_no=case_no)
    if case.action == Action.BELIEVE_BILL:
        _believe(case)
    overtaken = f"contradiction:case:{case.case_no}:{case.round}"
    hung = book(case, case.action)
    changes = _decided(case, hung, by)
    _step(case, _end(case, hung), what="decided", by=by, note=case.reason, **changes)
    if case.state == State.OPEN:
        settle_incident(overtaken, by=by, note=case.reason)
    if case.state == State.CLOSED:
        settle_incident(f"money_missing:{case.case_no}", by=by, note=case.reason)
    return case


def _end(case: ReconciliationCase, hung: int) -> str:
    if case.action == Action.REVERSE:
        return State.OPEN
    return State.HUNG if hung else State.CLOSED


def _decided(case: ReconciliationCase, hung: int, by: str) -> dict[str, Any]:
    changes: dict[str, Any] = {"decided_by": by[:150], "decided_at": now(), "hung_minor": hung}
    if case.action == Action.REVERSE:
        return {**changes, "round": case.round + 1, "resolution": "", "closed_at": None}
    if hung:
        return changes
    return {**changes, "resolution": Resolution.DECIDED, "closed_at": now()}


def _believe(case: ReconciliationCase) -> None:
    """Let payments hear the bill's line; what it does not believe either stays a case."""
    question = question_about(case.record_kind, case.own_no)
    fact = believe_line(case, question) if question else None
    if fact is None or fact.verdict in {
        ChannelFact.Verdict.MISMATCHED,
        ChannelFact.Verdict.ORPHANED,
    }:
        raise NotPossibleError(case_no=case.case_no, action=case.action)


def _locked(case_no: str) -> ReconciliationCase:
    rows = ReconciliationCase.objects.select_for_update(no_key=True)
    case = rows.filter(case_no=case_no).first()
    if case is None:
        raise UnknownCaseError(case_no=case_no)
    return case


def _step(
    case: ReconciliationCase, to: str, *, what: str, by: str, note: str, **changes: Any
) -> None:
    if not move(case, to, what=what, by=by, note=note, **changes):
        raise NotPossibleError(case_no=case.case_no)
