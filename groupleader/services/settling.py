"""The settlement run: the last statement of everybody it is due for; again it makes none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from groupleader.errors import NothingToSettleError
from groupleader.models import (
    CommissionAccrual,
    Correction,
    Leader,
    SettlementPeriod,
    SettlementStatement,
    SupplierAccount,
    SupplierDue,
)
from groupleader.services.issuing import cut_statement
from groupleader.services.periods import Period, last_period
from payments.api import each, now


def cut_due(limit: int) -> Counter[str]:
    """Make at most `limit` statements of periods that are over; report what was done.

    Whoever was not settled for several periods gets one statement, of the last of them: it takes in
    all that is free up to its end. What is not above zero is carried over. Lines stay in the
    database: a statement takes them in by one UPDATE. One that cannot be cut stops no other.
    """
    at = now()
    keys: list[str] = []
    carried_over = 0
    for kind, column, due in _waiting(at):
        keys += [
            f"{kind}:{column}:{pk}" for pk in due.filter(total__gt=0).values_list("pk", flat=True)
        ]
        carried_over += due.filter(total__lte=0).count()
    counts = each(keys, lambda key: _cut_one(key, at), limit=limit, done="cut")
    counts["carried_over"] += carried_over
    return counts


def still_to_cut() -> int:
    """Return how many statements of periods that are over the job has still to make."""
    return sum(due.filter(total__gt=0).count() for _kind, _column, due in _waiting(now()))


def _cut_one(key: str, at: datetime) -> str:
    kind, column, pk = key.split(":")
    parties: dict[str, Any] = {"leader": Leader, "supplier": SupplierAccount}
    try:
        cut_statement(party=parties[column].objects.get(pk=pk), period=last_period(kind, at))
    except NothingToSettleError:
        return "carried_over"
    return "cut"


def _waiting(at: datetime) -> Iterator[tuple[str, str, QuerySet[Any]]]:
    """Yield who has free lines of a period that is over and is not settled up to its end."""
    for kind in SettlementPeriod.values:
        period = last_period(kind, at)
        leaders = _settled(Leader.objects.all(), kind, settings.LINLI_SETTLEMENT_PERIOD)
        yield kind, "leader", _due(leaders, "leader", period)
        suppliers = _settled(
            SupplierAccount.objects.filter(is_settled=True),
            kind,
            settings.LINLI_SUPPLIER_SETTLEMENT_PERIOD,
        )
        yield kind, "supplier", _due(suppliers, "supplier", period)


def _settled(parties: QuerySet[Any], kind: str, usual: str) -> QuerySet[Any]:
    own = Q(settlement_period=kind)
    return parties.filter(own | Q(settlement_period="") if kind == usual else own)


def _due(parties: QuerySet[Any], column: str, period: Period) -> QuerySet[Any]:
    """Return parties by their number, with the `total` (fen) of what a statement would take in."""
    lines: QuerySet[Any] = SupplierDue.objects.filter(
        statement__isnull=True, due_at__lt=period.until
    )
    if column == "leader":
        lines = CommissionAccrual.objects.filter(
            status=CommissionAccrual.Status.AVAILABLE, available_at__lt=period.until
        )
    corrections = Correction.objects.filter(
        status=Correction.Status.APPROVED, statement__isnull=True, decided_at__lt=period.until
    )
    mine = {column: OuterRef("pk")}
    # Also whoever was settled by another kind of period, up to a later end: it waits for the next.
    settled = SettlementStatement.objects.filter(**mine, until__gte=period.until)
    owed = Exists(lines.filter(**mine)) | Exists(corrections.filter(**mine))
    total = _sum_of(lines, column) + _sum_of(corrections, column)
    due: QuerySet[Any] = parties.filter(owed, ~Exists(settled)).annotate(total=total)
    return due.order_by("pk")


def _sum_of(rows: QuerySet[Any], column: str) -> Coalesce:
    mine = rows.filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(mine.annotate(sum=Sum("amount_minor")).values("sum")), 0)
