"""The closing equation: every line of a statement and every row of ours is accounted for, once.

Counted anew from the tables, not from what the comparison wrote: it would show a line that was
lost. The same text runs on SQLite and PostgreSQL; names in it come from our own models only.
"""
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from django.db import connection

from payments.kernel.checking import one_moment
from payments.kernel.clock import day_bounds
from payments.reconciliation.models import (
    Bill,
    BillLine,
    ReconciliationCase,
    RecordKind,
    SettlementBatch,
)
from payments.reconciliation.ours import OWN_ROWS, OwnRows
from payments.reconciliation.worksheet import has_contract_fee, instant, kinds_compared

_LINES: Final = BillLine._meta.db_table  # noqa: SLF001 - Django documents it
_BILLS: Final = Bill._meta.db_table  # noqa: SLF001
_CASES: Final = ReconciliationCase._meta.db_table  # noqa: SLF001
_BATCHES: Final = SettlementBatch._meta.db_table  # noqa: SLF001
# A case that ended by itself no longer speaks for its line: the line agrees now.
_SPEAKS: Final = "(c.state <> 'closed' OR c.resolution IN ('decided', 'returned'))"

Sum = tuple[int, int]  # how many, and minor units


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One direction for one kind of record: the whole, and the parts it must consist of."""

    whole: Sum = (0, 0)
    matched: Sum = (0, 0)
    elsewhere: Sum = (0, 0)
    open: Sum = (0, 0)
    pooled: Sum = (0, 0)
    hung: Sum = (0, 0)
    decided: Sum = (0, 0)

    @property
    def left(self) -> Sum:
        """What nobody accounts for: nothing, or the day does not close."""
        parts = (
            self.matched,
            self.elsewhere,
            self.open,
            self.pooled,
            self.hung,
            self.decided,
        )
        count = self.whole[0] - sum(part[0] for part in parts)
        return count, self.whole[1] - sum(part[1] for part in parts)

    @property
    def holds(self) -> bool:
        """Tell whether the parts make the whole, in number and in money."""
        return self.left == (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEquation:
    """Both directions of one statement, by kind of record; shares also by who receives them.

    `bill` has what the statement says, `ours` what our rows of that day say. Amounts count whatever
    became of the record, in minor units.
    """

    account_code: str
    day: date
    kind: str
    version: int
    bill: dict[str, Side] = field(default_factory=dict)
    ours: dict[str, Side] = field(default_factory=dict)
    receivers: dict[str, Side] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Tell whether every direction, kind and receiver adds up."""
        sides = [*self.bill.values(), *self.ours.values(), *self.receivers.values()]
        return all(side.holds for side in sides)

    def as_figures(self) -> dict[str, Any]:
        """Return the figures as they are kept when a statement is closed."""
        figures = asdict(self)
        return {**figures, "day": self.day.isoformat(), "holds": self.holds}


def day_equation(account_code: str, day: date, kind: str) -> DayEquation | None:
    """Return the equation of the statement that counts; None where none was read yet."""
    rows = Bill.objects.select_related("account").filter(is_current=True)
    bill = rows.filter(account_code=account_code, day=day, kind=kind).first()
    return None if bill is None else equation_of(bill)


def equation_of(bill: Bill) -> DayEquation:
    """Return the closing equation of one statement."""
    with one_moment():
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            _rows("SET LOCAL statement_timeout = '120s'", ())
        kinds = sorted({*kinds_compared(bill), *bill.totals})
        return DayEquation(
            account_code=bill.account_code,
            day=bill.day,
            kind=bill.kind,
            version=bill.version,
            bill={kind: _bill_side(bill, kind) for kind in kinds},
            ours={kind: _our_side(bill, kind) for kind in kinds if kind in OWN_ROWS},
            receivers=_receivers(bill),
        )


def _rows(sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def _bill_side(bill: Bill, kind: str) -> Side:
    totals = bill.totals.get(kind, {})
    whole = (int(totals.get("count", 0)), int(totals.get("amount", 0)))
    parts = {"whole": whole, "matched": _matched(bill, kind).get("", (0, 0))}
    parts |= _in_cases(bill, kind).get("", {})
    return Side(**parts)


def _by_party(rows: list[tuple[Any, ...]], *, is_split: bool) -> dict[str, Sum]:
    """Sum rows of (party, count, minor) under each party, or all under one name."""
    sums: dict[str, Sum] = {}
    for party, count, minor in rows:
        name = party if is_split else ""
        before = sums.get(name, (0, 0))
        sums[name] = (before[0] + int(count), before[1] + int(minor or 0))
    return sums


def _matched(bill: Bill, kind: str, *, by_party: bool = False) -> dict[str, Sum]:
    if kind == RecordKind.SETTLEMENT:
        sql, values = _booked_batches(bill)
    elif kind in OWN_ROWS:
        sql, values = _agreeing_lines(bill, kind)
    elif has_contract_fee(bill):
        return {}
    else:  # Fees by themselves are booked with the whole statement's.
        sql = f"""SELECT l.party, COUNT(*), SUM(l.amount_minor) FROM {_LINES} l
            WHERE l.bill_id = %s AND l.kind = %s GROUP BY l.party"""
        values = (bill.pk, kind)
    return _by_party(_rows(sql, values), is_split=by_party)


def _agreeing_lines(bill: Bill, kind: str) -> tuple[str, tuple[Any, ...]]:
    own = OWN_ROWS[kind]
    sql = f"""SELECT l.party, COUNT(*), SUM(l.amount_minor)
        FROM {_LINES} l JOIN {own.table} o ON {own.number} = l.own_no {own.joined}
        WHERE l.bill_id = %s AND l.kind = %s AND {own.merchant} = %s AND ({_agrees(own)})
          AND NOT EXISTS (SELECT 1 FROM {_CASES} c WHERE c.line_id = l.id AND {_SPEAKS})
        GROUP BY l.party"""
    return sql, (bill.pk, kind, bill.merchant)


def _agrees(own: OwnRows) -> str:
    done_there = f"""l.outcome = 'succeeded' AND {own.is_done}
        AND l.amount_minor = {own.amount} AND l.currency = {own.currency}"""
    not_there = f"NOT {own.is_lasting}"
    if not own.may_come_back:
        not_there += f""" OR EXISTS (
            SELECT 1 FROM {_LINES} t WHERE t.bill_id = l.bill_id AND t.own_no = l.own_no
              AND t.kind = l.kind AND t.outcome = 'succeeded')"""
    return f"({done_there}) OR (l.outcome <> 'succeeded' AND ({not_there}))"


def _booked_batches(bill: Bill) -> tuple[str, tuple[Any, ...]]:
    sql = f"""SELECT l.party, COUNT(*), SUM(l.amount_minor)
        FROM {_LINES} l JOIN {_BATCHES} b ON b.merchant = %s AND b.batch_no = l.acquirer_no
          AND b.net_minor = l.amount_minor AND b.booked_at IS NOT NULL
        WHERE l.bill_id = %s AND l.kind = %s
          AND NOT EXISTS (SELECT 1 FROM {_CASES} c WHERE c.line_id = l.id AND {_SPEAKS})
        GROUP BY l.party"""
    return sql, (bill.merchant, bill.pk, RecordKind.SETTLEMENT)


_BUCKETS: Final = {"found": "open", "open": "open", "proposed": "open", "pooled": "pooled"}


def _in_cases(bill: Bill, kind: str, *, by_party: bool = False) -> dict[str, dict[str, Sum]]:
    """What stands in cases of this statement's own lines, by how far they are."""
    rows = _rows(
        f"""SELECT l.party, c.state, COUNT(*), SUM(l.amount_minor)
        FROM {_CASES} c JOIN {_LINES} l ON l.id = c.line_id
        WHERE l.bill_id = %s AND l.kind = %s AND {_SPEAKS}
        GROUP BY l.party, c.state""",
        (bill.pk, kind),
    )
    return _bucketed([(party if by_party else "", *rest) for party, *rest in rows])


def _bucketed(rows: list[tuple[Any, ...]]) -> dict[str, dict[str, Sum]]:
    found: dict[str, dict[str, Sum]] = {}
    for name, state, count, minor in rows:
        bucket = _BUCKETS.get(state, "hung" if state == "hung" else "decided")
        sums = found.setdefault(name, {})
        before = sums.get(bucket, (0, 0))
        sums[bucket] = (before[0] + int(count), before[1] + int(minor or 0))
    return found


def _our_side(bill: Bill, kind: str) -> Side:
    """Our rows that came true on this day: in this bill, in another day's, or in a case."""
    own = OWN_ROWS[kind]
    start, end = day_bounds(bill.day)
    rows = _rows(
        f"""SELECT place, COUNT(*), SUM(minor) FROM (
          SELECT {own.amount} AS minor, CASE
            WHEN EXISTS (SELECT 1 FROM {_LINES} t WHERE t.bill_id = %s
              AND t.own_no = {own.number} AND t.kind = %s) THEN 'matched'
            WHEN EXISTS (SELECT 1 FROM {_LINES} t JOIN {_BILLS} b ON b.id = t.bill_id
              WHERE t.own_no = {own.number} AND t.kind = %s AND t.outcome = 'succeeded'
                AND b.is_current AND b.merchant = %s) THEN 'elsewhere'
            ELSE COALESCE((SELECT MIN(c.state) FROM {_CASES} c
              WHERE c.own_no = {own.number} AND c.record_kind = %s AND c.line_id IS NULL
                AND {_SPEAKS}), 'lost')
          END AS place
          FROM {own.table} o {own.joined}
          WHERE {own.done_at} >= %s AND {own.done_at} < %s AND {own.is_lasting}
            AND {own.merchant} = %s AND {own.amount} > 0
        ) w GROUP BY place""",
        (bill.pk, kind, kind, bill.merchant, kind, instant(start), instant(end), bill.merchant),
    )
    whole = (sum(int(row[1]) for row in rows), sum(int(row[2] or 0) for row in rows))
    parts: dict[str, Sum] = {"whole": whole}
    for place, count, minor in rows:
        if place == "lost":
            continue
        is_found = place in {"matched", "elsewhere"}
        bucket = (
            place if is_found else _BUCKETS.get(place, "hung" if place == "hung" else "decided")
        )
        before = parts.get(bucket, (0, 0))
        parts[bucket] = (before[0] + int(count), before[1] + int(minor or 0))
    return Side(**parts)


def _receivers(bill: Bill) -> dict[str, Side]:
    """The shares of a statement receiver by receiver: paid to each, less taken back."""
    if bill.kind != Bill.Kind.SPLIT:
        return {}
    sides: dict[str, dict[str, Sum]] = {}
    for kind in (RecordKind.SPLIT, RecordKind.SPLIT_RETURN):
        sign = 1 if kind == RecordKind.SPLIT else -1
        whole = _rows(
            f"""SELECT party, COUNT(*), SUM(amount_minor) FROM {_LINES}
            WHERE bill_id = %s AND kind = %s GROUP BY party""",
            (bill.pk, kind),
        )
        parts = [("whole", _by_party(whole, is_split=True))]
        parts.append(("matched", _matched(bill, kind, by_party=True)))
        for bucket, sums in parts:
            for party, (count, minor) in sums.items():
                _add(sides.setdefault(party, {}), bucket, (count, sign * minor))
        for party, buckets in _in_cases(bill, kind, by_party=True).items():
            for bucket, (count, minor) in buckets.items():
                _add(sides.setdefault(party, {}), bucket, (count, sign * minor))
    return {party: Side(**sums) for party, sums in sorted(sides.items())}


def _add(sums: dict[str, Sum], bucket: str, more: Sum) -> None:
    before = sums.get(bucket, (0, 0))
    sums[bucket] = (before[0] + more[0], before[1] + more[1])
