"""Making a statement: all that is free up to a period's end, less tax and deductions; once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError
from django.db.models import Sum

from groupleader.errors import NothingToSettleError
from groupleader.models import (
    CommissionAccrual,
    Correction,
    Leader,
    SettlementStatement,
    SupplierAccount,
    SupplierDue,
)
from groupleader.services.deducting import take_deductions
from groupleader.services.history import record
from groupleader.services.periods import Period
from groupleader.services.taxes import TaxRegime, compute_tax
from groupleader.services.years import income_so_far
from payments.api import advance, business_date, new_number, now, transact

log = structlog.get_logger(__name__)
Status = SettlementStatement.Status
Party = Leader | SupplierAccount


def whose(party: Party) -> dict[str, Party]:
    """Return the column a party stands in, for filters and new rows."""
    return {"leader" if isinstance(party, Leader) else "supplier": party}


def cut_statement(*, party: Party, period: Period, by: Any = None) -> SettlementStatement:
    """Put all that is free up to the period's end into a statement and issue it.

    Cut again for the same period it is the first statement. NothingToSettleError where the sum is
    not above zero: it is carried over.
    """
    try:
        return _cut(party=party, period=period, by=by)
    except IntegrityError:
        return SettlementStatement.objects.get(**whose(party), period=period.label)


@transact()
def _cut(*, party: Party, period: Period, by: Any) -> SettlementStatement:
    # Two statements of one party must not both read the year's income without the other.
    party = type(party).objects.select_for_update(no_key=True).get(pk=party.pk)
    mine = SettlementStatement.objects.filter(**whose(party))
    found = mine.filter(period=period.label).first()
    if found is not None:
        return found
    statement = SettlementStatement.objects.create(
        **whose(party),
        statement_no=new_number("S"),
        period=period.label,
        since=mine.order_by("-until").values_list("until", flat=True).first(),
        until=period.until,
        tax_regime=party.tax_regime,
        created_at=now(),
    )
    lines, corrections = _free(party, period)
    if isinstance(party, Leader):
        lines.update(status=CommissionAccrual.Status.IN_STATEMENT, statement=statement)
    else:
        lines.update(statement=statement)
    corrections.update(statement=statement)
    record(statement, "cut", by=by)
    _issue(statement)
    log.info("statement.cut", statement_no=statement.statement_no, period=period.label)
    return statement


def _free(party: Party, period: Period) -> tuple[Any, Any]:
    """Return the lines and the corrections that no statement holds and this period takes."""
    corrections = Correction.objects.filter(
        **whose(party),
        status=Correction.Status.APPROVED,
        statement__isnull=True,
        decided_at__lt=period.until,
    )
    if isinstance(party, Leader):
        lines: Any = CommissionAccrual.objects.filter(
            leader=party,
            status=CommissionAccrual.Status.AVAILABLE,
            available_at__lt=period.until,
        )
    else:
        lines = SupplierDue.objects.filter(
            supplier=party, statement__isnull=True, due_at__lt=period.until
        )
    return lines, corrections


def _sum(rows: Any) -> int:
    return rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _issue(statement: SettlementStatement) -> None:
    """Freeze the amounts: gross is the sum of the lines, tax is counted on the year so far."""
    lines = statement.accruals if statement.leader_id else statement.dues
    gross = _sum(lines) + _sum(statement.corrections)
    if gross <= 0:
        raise NothingToSettleError(gross_minor=gross)
    at = now()
    tax = _tax(statement, gross, at=at)
    deductions = take_deductions(statement, left_minor=gross - tax)
    advance(
        statement,
        SettlementStatement.EDGES,
        Status.ISSUED,
        gross_minor=gross,
        tax_minor=tax,
        deductions_minor=deductions,
        net_minor=gross - tax - deductions,
        tax_date=business_date(at),
        issued_at=at,
        asked_at=at,
    )
    record(statement, "issued")


def _tax(statement: SettlementStatement, gross_minor: int, *, at: datetime) -> int:
    if statement.leader is None:
        return 0
    today = business_date(at)
    regime = TaxRegime(statement.tax_regime)
    so_far = income_so_far(statement.leader, regime=regime, day=today)
    return compute_tax(gross_minor, regime=regime, day=today, so_far=so_far)
