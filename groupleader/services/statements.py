"""What becomes of a statement: confirmed or disputed, answered, approved; closed ones stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum

from groupleader.errors import OwnStatementError, ReasonMissingError, SecondPersonNeededError
from groupleader.models import (
    CommissionAccrual,
    Deduction,
    SettlementStatement,
    StatementMessage,
)
from groupleader.models.parties import PayeeAccount
from groupleader.services.history import record
from groupleader.services.talking import Said, say
from payments.api import (
    IllegalTransitionError,
    Kept,
    Money,
    advance,
    now,
    post_statement_closed,
    post_supplier_statement_closed,
    transact,
)

__all__ = [
    "answer_dispute",
    "approve_statement",
    "confirm_statement",
    "dispute_statement",
    "is_cooling",
    "needs_two",
    "record",
]
Status = SettlementStatement.Status
Side = StatementMessage.Side


@transact()
def confirm_statement(
    *, statement: SettlementStatement, by: Any = None, by_supplier: str = ""
) -> None:
    """The party agrees (also after a dispute), or is silent: then there is neither name nor `by`.

    A supplier agrees through its link, under the name it gives. IllegalTransitionError unless the
    party was asked.
    """
    came_from = list(SettlementStatement.ASKED)
    if by is not None or by_supplier:
        came_from.append(Status.DISPUTED)
    _move(
        statement,
        Status.CONFIRMED,
        "confirmed",
        by=by,
        note=by_supplier,
        came_from=came_from,
        confirmed_at=now(),
    )


@transact()
def dispute_statement(
    *, statement: SettlementStatement, reason: str, by: Any, said: Said | None = None
) -> None:
    """The party says what is wrong; nothing is paid before it is answered.

    `said` tells of which line, with which papers, and under which name a supplier speaks.
    ReasonMissingError, IllegalTransitionError unless the party was asked.
    """
    reason = reason.strip()[:400]
    if not reason:
        raise ReasonMissingError
    _move(statement, Status.DISPUTED, "disputed", by=by, note=reason, dispute=reason)
    say(statement=statement, side=Side.PARTY, said=said or Said(text=reason, by=by))


@transact()
def answer_dispute(*, statement: SettlementStatement, answer: str, by: Any) -> None:
    """The operator answers; the party is asked again and the days of silence start anew.

    The lines stay as they are: what has to be corrected comes as lines of the next statement.
    OwnStatementError where somebody would answer herself, ReasonMissingError without words.
    """
    if not answer.strip():
        raise ReasonMissingError
    if by is not None and by.pk == statement.party.user_id:
        raise OwnStatementError
    _move(
        statement,
        Status.ANSWERED,
        "answered",
        by=by,
        note=answer.strip()[:400],
        came_from=[Status.DISPUTED],
        asked_at=now(),
    )
    say(statement=statement, side=Side.FINANCE, said=Said(text=answer, by=by))


@transact()
def approve_statement(*, statement: SettlementStatement, by: Any) -> bool:
    """Approve for payment and close it in the books; False where a second person is still needed.

    Above LINLI_PAYOUT_FOUR_EYES_MINOR, or while the payee's account is newly changed, two different
    people approve. What deductions leave nothing of is paid with it. SecondPersonNeededError when
    the first comes twice, OwnStatementError for the leader herself, IllegalTransitionError unless
    the statement is confirmed.
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
    # Not back from being paid: that way is for a batch nobody had in hands.
    _move(
        statement,
        Status.APPROVED,
        "approved",
        by=by,
        came_from=[Status.CONFIRMED],
        approved_by=by,
        approved_at=now(),
    )
    _close_in_the_books(statement)
    if statement.net_minor == 0:
        _move(statement, Status.PAID, "nothing_to_pay", by=None, paid_at=now())
        statement.accruals.update(status=CommissionAccrual.Status.PAID)
    return True


def _close_in_the_books(statement: SettlementStatement) -> None:
    kinds = dict(
        statement.deductions.order_by().values_list("kind").annotate(sum=Sum("amount_minor"))
    )
    kept = Kept(
        responsibility=Money(kinds.get(Deduction.Kind.CASE, 0)),
        transfer_fee=Money(kinds.get(Deduction.Kind.FEE, 0)),
        service_fee=Money(kinds.get(Deduction.Kind.SERVICE, 0)),
    )
    gross = Money(statement.gross_minor or 0)
    if statement.supplier is not None:
        post_supplier_statement_closed(
            key=statement.statement_no,
            supplier_ref=statement.party.ref,
            statement_ref=statement.statement_no,
            amount=gross,
            kept=kept,
        )
        return
    post_statement_closed(
        key=statement.statement_no,
        leader_ref=statement.party.ref,
        statement_ref=statement.statement_no,
        gross=gross,
        net=Money(statement.net_minor or 0),
        tax=Money(statement.tax_minor or 0),
        kept=kept,
    )


def needs_two(statement: SettlementStatement) -> bool:
    """Tell whether two people have to approve this statement."""
    limit = settings.LINLI_PAYOUT_FOUR_EYES_MINOR
    return (statement.net_minor or 0) > limit or is_cooling(statement.party)


def is_cooling(party: PayeeAccount) -> bool:
    """Tell whether the account was changed less than LINLI_PAYEE_COOLING_HOURS ago."""
    hours = timedelta(hours=settings.LINLI_PAYEE_COOLING_HOURS)
    return party.payee_changed_at is not None and party.payee_changed_at > now() - hours


def _move(
    statement: SettlementStatement, to: str, what: str, *, by: Any, note: str = "", **changes: Any
) -> None:
    if not advance(statement, SettlementStatement.EDGES, to, **changes):
        raise IllegalTransitionError(to=to)
    record(statement, what, by=by, note=note)
