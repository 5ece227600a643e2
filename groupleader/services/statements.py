"""Settlement statements: cut, issued, confirmed or disputed, approved; closed ones never change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Min, Sum

from groupleader.errors import (
    NothingToSettleError,
    OwnStatementError,
    ReasonMissingError,
    SecondPersonNeededError,
)
from groupleader.models import (
    CommissionAccrual,
    Leader,
    SettlementStatement,
    StatementEvent,
)
from groupleader.models.parties import PayeeAccount
from groupleader.services.periods import Period
from groupleader.services.taxes import IncomeSoFar, TaxRegime, compute_tax
from payments.api import (
    IllegalTransitionError,
    Money,
    advance,
    business_date,
    new_number,
    now,
    post_statement_closed,
    transact,
)

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status


def cut_statement(*, leader: Leader, period: Period, by: Any = None) -> SettlementStatement:
    """Put all that is available up to the period's end into a statement and issue it.

    Cut again for the same period it is the first statement. NothingToSettleError where the sum is
    not above zero: it is carried over.
    """
    try:
        return _cut(leader=leader, period=period, by=by)
    except IntegrityError:
        return SettlementStatement.objects.get(leader=leader, period=period.label)


@transact()
def _cut(*, leader: Leader, period: Period, by: Any) -> SettlementStatement:
    # Two statements of one person must not both read the year's income without the other.
    leader = Leader.objects.select_for_update(no_key=True).get(pk=leader.pk)
    found = SettlementStatement.objects.filter(leader=leader, period=period.label).first()
    if found is not None:
        return found
    statement = SettlementStatement.objects.create(
        statement_no=new_number("S"),
        leader=leader,
        period=period.label,
        until=period.until,
        tax_regime=leader.tax_regime,
        created_at=now(),
    )
    CommissionAccrual.objects.filter(
        leader=leader,
        status=CommissionAccrual.Status.AVAILABLE,
        available_at__lt=period.until,
    ).update(status=CommissionAccrual.Status.IN_STATEMENT, statement=statement)
    record(statement, "cut", by=by)
    _issue(statement)
    log.info("statement.cut", statement_no=statement.statement_no, period=period.label)
    return statement


def _issue(statement: SettlementStatement) -> None:
    """Freeze the amounts: gross is the sum of the lines, tax is counted on the year so far."""
    gross = statement.accruals.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    if gross <= 0:
        raise NothingToSettleError(gross_minor=gross)
    at = now()
    today = business_date(at)
    tax = compute_tax(
        gross,
        regime=TaxRegime(statement.tax_regime),
        day=today,
        so_far=income_so_far(statement.leader, year=today.year, month=today.month),
    )
    advance(
        statement,
        SettlementStatement.EDGES,
        Status.ISSUED,
        gross_minor=gross,
        tax_minor=tax,
        deductions_minor=0,
        net_minor=gross - tax,
        tax_date=today,
        issued_at=at,
        asked_at=at,
    )
    record(statement, "issued")


def income_so_far(leader: Leader, *, year: int, month: int) -> IncomeSoFar:
    """Return what a leader's statements of the year gave and withheld before; months incl. this."""
    year_so_far = SettlementStatement.objects.filter(
        leader=leader, tax_date__year=year, gross_minor__isnull=False
    ).aggregate(gross=Sum("gross_minor"), tax=Sum("tax_minor"), first=Min("tax_date"))
    first = year_so_far["first"]
    return IncomeSoFar(
        gross_minor=year_so_far["gross"] or 0,
        withheld_minor=year_so_far["tax"] or 0,
        months=month - first.month + 1 if first else 1,
    )


@transact()
def confirm_statement(*, statement: SettlementStatement, by: Any = None) -> None:
    """The leader agrees (also after a dispute), or is silent: then there is no `by`.

    IllegalTransitionError unless she was asked.
    """
    came_from = list(SettlementStatement.ASKED)
    if by is not None:
        came_from.append(Status.DISPUTED)
    _move(statement, Status.CONFIRMED, "confirmed", by=by, came_from=came_from, confirmed_at=now())


@transact()
def dispute_statement(*, statement: SettlementStatement, reason: str, by: Any) -> None:
    """The leader says what is wrong; nothing is paid before it is answered."""
    reason = reason.strip()[:400]
    if not reason:
        raise ReasonMissingError
    _move(statement, Status.DISPUTED, "disputed", by=by, note=reason, dispute=reason)


@transact()
def answer_dispute(*, statement: SettlementStatement, answer: str, by: Any) -> None:
    """The operator answers; the leader is asked again and the days of silence start anew.

    The lines stay as they are: what has to be corrected comes as lines of the next statement.
    """
    if not answer.strip():
        raise ReasonMissingError
    note = answer.strip()[:400]
    _move(
        statement,
        Status.ANSWERED,
        "answered",
        by=by,
        note=note,
        came_from=[Status.DISPUTED],
        asked_at=now(),
    )


@transact()
def approve_statement(*, statement: SettlementStatement, by: Any) -> bool:
    """Approve for payment and close it in the books; False where a second person is still needed.

    Above LINLI_PAYOUT_FOUR_EYES_MINOR, or while the leader's account is newly changed, two
    different people approve. SecondPersonNeededError when the first comes twice, OwnStatementError
    for the leader herself, IllegalTransitionError unless the statement is confirmed.
    """
    statement.refresh_from_db()
    if by.pk == statement.party.user_id:
        raise OwnStatementError
    if needs_two(statement) and statement.first_approved_by_id is None:
        first = SettlementStatement.objects.filter(
            pk=statement.pk, status=Status.CONFIRMED, first_approved_by__isnull=True
        ).update(first_approved_by=by)
        if not first:
            raise IllegalTransitionError(to=Status.APPROVED)
        record(statement, "first_approval", by=by)
        return False
    if statement.first_approved_by_id == by.pk:
        raise SecondPersonNeededError
    _move(statement, Status.APPROVED, "approved", by=by, approved_by=by, approved_at=now())
    post_statement_closed(
        key=statement.statement_no,
        leader_ref=statement.leader.ref,
        statement_ref=statement.statement_no,
        gross=Money(statement.gross_minor or 0),
        net=Money(statement.net_minor or 0),
        tax=Money(statement.tax_minor or 0),
    )
    return True


def needs_two(statement: SettlementStatement) -> bool:
    """Tell whether two people have to approve this statement."""
    limit = settings.LINLI_PAYOUT_FOUR_EYES_MINOR
    return (statement.net_minor or 0) > limit or is_cooling(statement.party)


def is_cooling(party: PayeeAccount) -> bool:
    """Tell whether the account was changed less than LINLI_PAYEE_COOLING_HOURS ago."""
    hours = timedelta(hours=settings.LINLI_PAYEE_COOLING_HOURS)
    return party.payee_changed_at is not None and party.payee_changed_at > now() - hours


def record(statement: SettlementStatement, what: str, *, by: Any = None, note: str = "") -> None:
    """Write a line of the statement's history; in the transaction that makes it true."""
    with transaction.atomic():
        StatementEvent.objects.create(statement=statement, at=now(), by=by, what=what, note=note)


def _move(
    statement: SettlementStatement, to: str, what: str, *, by: Any, note: str = "", **changes: Any
) -> None:
    if not advance(statement, SettlementStatement.EDGES, to, **changes):
        raise IllegalTransitionError(to=to)
    record(statement, what, by=by, note=note)
