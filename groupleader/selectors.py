"""Reading what a leader earns: sums by state, the fortnight's curve, her lines and statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext

from groupleader.models import (
    CommissionAccrual,
    Leader,
    SettlementStatement,
    SupplierAccount,
    SupplierDue,
)
from payments.api import business_date, day_bounds

Status = CommissionAccrual.Status
STATES = (
    Status.ESTIMATED,
    Status.FROZEN,
    Status.AVAILABLE,
    Status.IN_STATEMENT,
    Status.PAID,
)


@dataclass(frozen=True, slots=True)
class StateSum:
    """How much is in one state."""

    status: str
    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CurveDay:
    """What one Shanghai day brought, and where it lies on the drawing."""

    day: date
    amount_minor: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The last fortnight's commission as a line ready to be drawn."""

    days: Sequence[CurveDay]
    width: int
    height: int

    @property
    def line(self) -> str:
        """Return the line's path."""
        return "M" + " L".join(f"{day.x},{day.y}" for day in self.days)

    @property
    def area(self) -> str:
        """Return the path of what lies under the line."""
        return f"{self.line} L{self.days[-1].x},{self.height} L{self.days[0].x},{self.height} Z"

    @property
    def sum_minor(self) -> int:
        """Return what the days brought together."""
        return sum(day.amount_minor for day in self.days)


def sums_by_state(leader: Leader) -> list[StateSum]:
    """Return how much is estimated, frozen, available, in a statement and paid; one query."""
    found = dict(
        CommissionAccrual.objects.filter(leader=leader)
        .order_by()
        .values_list("status")
        .annotate(Sum("amount_minor"))
    )
    return [StateSum(state.value, str(state.label), found.get(state, 0)) for state in STATES]


def curve(leader: Leader, *, days: int = 14, width: int = 340, height: int = 110) -> Curve:
    """Return what each of the last days brought, today last; one query."""
    today = business_date()
    first = today - timedelta(days=days - 1)
    sums = dict(
        CommissionAccrual.objects.filter(leader=leader, accrued_at__gte=day_bounds(first)[0])
        .order_by()
        .annotate(day=TruncDate("accrued_at", tzinfo=get_default_timezone()))
        .values_list("day")
        .annotate(Sum("amount_minor"))
    )
    amounts = [sums.get(first + timedelta(days=nth), 0) for nth in range(days)]
    top = max(*amounts, 1)
    step = (width - 20) / (days - 1)
    return Curve(
        [
            CurveDay(
                first + timedelta(days=nth),
                amount,
                round(10 + nth * step),
                round((height - 4) - (height - 16) * max(amount, 0) / top),
            )
            for nth, amount in enumerate(amounts)
        ],
        width,
        height,
    )


def accruals_of(leader: Leader, *, status: str = "") -> QuerySet[CommissionAccrual]:
    """Return a leader's lines, newest first, of one state where it is named."""
    lines = CommissionAccrual.objects.filter(leader=leader).select_related("terms", "statement")
    return lines.filter(status=status) if status in Status.values else lines


def statements_of(leader: Leader) -> QuerySet[SettlementStatement]:
    """Return a leader's issued statements, newest first."""
    return SettlementStatement.objects.filter(leader=leader).exclude(
        status=SettlementStatement.Status.DRAFT
    )


def line_of(statement: SettlementStatement, accrual_id: int | None) -> CommissionAccrual | None:
    """Return one line of a statement, or None for another's."""
    if accrual_id is None:
        return None
    return statement.accruals.select_related("terms").filter(pk=accrual_id).first()


def open_dues_minor(account: SupplierAccount) -> int:
    """Return what a supplier is owed that no statement holds yet (fen)."""
    lines = account.dues.filter(statement__isnull=True)
    return lines.aggregate(sum=Sum("amount_minor"))["sum"] or 0


@dataclass(frozen=True, slots=True)
class Subtotal:
    """Lines of one kind together (fen)."""

    label: str
    count: int
    minor: int


def subtotals_of(statement: SettlementStatement) -> list[Subtotal]:
    """Return a supplier's lines by kind, and the corrections; two queries."""
    found = {
        kind: (count, minor)
        for kind, count, minor in statement.dues.order_by()
        .values_list("kind")
        .annotate(n=Count("pk"), sum=Sum("amount_minor"))
    }
    rows = [Subtotal(str(kind.label), *found[kind]) for kind in SupplierDue.Kind if kind in found]
    corrections = statement.corrections.aggregate(n=Count("pk"), sum=Sum("amount_minor"))
    if corrections["n"]:
        rows.append(Subtotal(gettext("Corrections"), corrections["n"], corrections["sum"]))
    return rows


def silence_ends(statement: SettlementStatement) -> date | None:
    """Return the day on which silence counts as yes, while the leader is being asked."""
    if statement.status not in SettlementStatement.ASKED or statement.asked_at is None:
        return None
    return business_date(
        statement.asked_at + timedelta(days=settings.LINLI_SETTLEMENT_SILENCE_DAYS)
    )
