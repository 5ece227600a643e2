"""The settlement run: the last statement of everybody it is due for; again it makes none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

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
from groupleader.services.issuing import Party, cut_statement, open_minor
from groupleader.services.periods import Period, last_period
from payments.api import now

_CHUNK: Final = 200


def cut_due(limit: int) -> dict[str, int]:
    """Make at most `limit` statements of periods that are over; report what was done.

    Whoever was not settled for several periods gets one statement, of the last of them: it takes in
    all that is free up to its end. What is not above zero is carried over. Lines stay in the
    database: a statement takes them in by one UPDATE.
    """
    counts = {"cut": 0, "carried_over": 0}
    for party, period in _waiting(now()):
        if counts["cut"] >= limit:
            break
        if open_minor(party, period) <= 0:
            counts["carried_over"] += 1
            continue
        try:
            cut_statement(party=party, period=period)
            counts["cut"] += 1
        except NothingToSettleError:
            counts["carried_over"] += 1
    return counts


def _waiting(at: datetime) -> Iterator[tuple[Party, Period]]:
    """Yield who has free lines of a period that is over and no statement of it yet."""
    for kind in SettlementPeriod.values:
        period = last_period(kind, at)
        leaders = _settled(Leader.objects.all(), kind, settings.LINLI_SETTLEMENT_PERIOD)
        yield from ((leader, period) for leader in _due(leaders, "leader", period))
        suppliers = _settled(
            SupplierAccount.objects.filter(is_settled=True),
            kind,
            settings.LINLI_SUPPLIER_SETTLEMENT_PERIOD,
        )
        yield from ((supplier, period) for supplier in _due(suppliers, "supplier", period))


def _settled(parties: QuerySet[Any], kind: str, usual: str) -> QuerySet[Any]:
    own = Q(settlement_period=kind)
    return parties.filter(own | Q(settlement_period="") if kind == usual else own)


def _due(parties: QuerySet[Any], column: str, period: Period) -> Iterator[Any]:
    """Yield parties by their number, a chunk at a time: cutting one changes no other's place."""
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
    made = SettlementStatement.objects.filter(**mine, period=period.label)
    due = parties.filter(
        Exists(lines.filter(**mine)) | Exists(corrections.filter(**mine)), ~Exists(made)
    ).order_by("pk")
    last = 0
    while chunk := list(due.filter(pk__gt=last)[:_CHUNK]):
        yield from chunk
        last = chunk[-1].pk
