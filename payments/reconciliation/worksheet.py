"""The comparison itself: a few statements over whole tables, each difference one row of a sheet.

Written as SQL because two tables of a million rows are joined here: the same text runs on SQLite
and on PostgreSQL, every value is a parameter, and names in it come from our own models only.
"""
# ruff: noqa: S608

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum

from payments.kernel.clock import day_bounds
from payments.models import JournalEntry, JournalTransaction
from payments.reconciliation.models import Bill, BillLine, Discrepancy, Finding, RecordKind
from payments.reconciliation.ours import KINDS_OF_BILL, OWN_ROWS, OwnRows
from payments.reconciliation.rules import fee_tolerance

_LINES: Final = BillLine._meta.db_table  # noqa: SLF001 - Django documents it
_BILLS: Final = Bill._meta.db_table  # noqa: SLF001
_SHEET: Final = Finding._meta.db_table  # noqa: SLF001
_JOURNALS: Final = JournalTransaction._meta.db_table  # noqa: SLF001
_LEGS: Final = JournalEntry._meta.db_table  # noqa: SLF001
# A number that appears again after so many days is looked for no more.
_DOUBLES_WITHIN: Final = timedelta(days=31)

_INSERT: Final = f"""
    INSERT INTO {_SHEET} (bill_id, line_id, discrepancy, record_kind, own_no, acquirer_no,
      related_no, party, currency, bill_amount_minor, bill_fee_minor, bill_outcome,
      ours_amount_minor, ours_fee_minor, ours_status, is_done_here, ordinal)
"""
_SAYS: Final = (
    "l.kind, l.own_no, l.acquirer_no, l.related_no, l.party, l.currency, "
    "l.amount_minor, l.fee_minor, l.outcome"
)
_NOTHING: Final = "CAST(NULL AS bigint)"
_NOT_ON_THE_SHEET: Final = (
    f"NOT EXISTS (SELECT 1 FROM {_SHEET} s WHERE s.bill_id = l.bill_id AND s.line_id = l.id)"
)


def has_contract_fee(bill: Bill) -> bool:
    """Tell whether this account's fees are booked payment by payment, at a contract's rate."""
    return bool(bill.account.settings.get("fee_rate"))


def fill_worksheet(bill: Bill) -> int:
    """Write down, anew, everything in which a statement and our rows differ. In a transaction.

    Both directions: lines without their row, and rows of the acquirer's day without their line in
    any statement. Returns how many differences there are.
    """
    Finding.objects.filter(bill=bill)._raw_delete(using="default")  # noqa: SLF001
    _let_it_take_its_time()
    _doubles(bill)
    _doubles_of_other_days(bill)
    for kind in kinds_compared(bill):
        _lines_against_rows(bill, kind)
        _rows_against_lines(bill, kind)
    if has_contract_fee(bill):
        _fees_by_themselves(bill)
    return differences_of(bill).count()


def differences_of(bill: Bill) -> QuerySet[Finding]:
    """Return the worksheet without the fen of rounding that are let pass."""
    return Finding.objects.filter(bill=bill).exclude(discrepancy=Finding.TOLERATED)


def kinds_compared(bill: Bill) -> list[str]:
    """Return the kinds of record a statement speaks of: those it should, and those it does."""
    expected = KINDS_OF_BILL[bill.kind]
    return [kind for kind in OWN_ROWS if kind in expected or kind in bill.totals]


def _let_it_take_its_time() -> None:
    if connection.vendor == "postgresql":
        _run("SET LOCAL statement_timeout = '300s'")
        _run("SET LOCAL work_mem = '64MB'")


def _run(sql: str, parameters: tuple[Any, ...] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _own_fee(bill: Bill) -> str:
    """What we booked of a fee where no row of ours is: nothing, or that we do not book by line."""
    return "0" if has_contract_fee(bill) else _NOTHING


def _doubles(bill: Bill) -> None:
    """Two successes under one number: the first is compared, the others are differences."""
    _run(
        f"""{_INSERT}
        SELECT l.bill_id, l.id, %s, {_SAYS}, {_NOTHING}, {_own_fee(bill)}, '', FALSE, n.place
        FROM (
          SELECT d.id, ROW_NUMBER() OVER (PARTITION BY d.kind, d.own_no ORDER BY d.line_no) AS place
          FROM {_LINES} d JOIN (
            SELECT kind, own_no FROM {_LINES}
            WHERE bill_id = %s AND outcome = 'succeeded' AND own_no <> ''
            GROUP BY kind, own_no HAVING COUNT(*) > 1
          ) m ON m.own_no = d.own_no AND m.kind = d.kind
          WHERE d.bill_id = %s AND d.outcome = 'succeeded'
        ) n JOIN {_LINES} l ON l.id = n.id
        WHERE n.place > 1""",
        (Discrepancy.DUP, bill.pk, bill.pk),
    )


def _doubles_of_other_days(bill: Bill) -> None:
    earlier = list(
        Bill.objects.filter(
            merchant=bill.merchant,
            is_current=True,
            day__lt=bill.day,
            day__gte=bill.day - _DOUBLES_WITHIN,
            line_count__gt=0,
        ).values_list("pk", flat=True)
    )
    if not earlier:
        return
    marks = ", ".join(["%s"] * len(earlier))
    _run(
        f"""{_INSERT}
        SELECT l.bill_id, l.id, %s, {_SAYS}, {_NOTHING}, {_own_fee(bill)}, '', FALSE, 1
        FROM {_LINES} l
        WHERE l.bill_id = %s AND l.outcome = 'succeeded' AND l.own_no <> ''
          AND EXISTS (
            SELECT 1 FROM {_LINES} e
            WHERE e.own_no = l.own_no AND e.kind = l.kind AND e.outcome = 'succeeded'
              AND e.bill_id IN ({marks}))
          AND {_NOT_ON_THE_SHEET}""",
        (Discrepancy.DUP, bill.pk, *earlier),
    )


def _lines_against_rows(bill: Bill, kind: str) -> None:
    own = OWN_ROWS[kind]
    fee, fee_join, fee_rule, tolerance = _fee_sql(bill, own)
    only_there = Discrepancy.ACQ_ONLY if kind == RecordKind.PAY else Discrepancy.STATUS
    _run(
        f"""{_INSERT}
        SELECT l.bill_id, l.id, l.discrepancy, {_SAYS}, l.ours_amount, l.ours_fee, l.ours_status,
          l.is_done, 1
        FROM (
          SELECT l.id, l.bill_id, {_SAYS}, {own.amount} AS ours_amount, {fee} AS ours_fee,
            COALESCE(o.status, '') AS ours_status, {own.is_done} AS is_done,
            CASE
              WHEN o.id IS NULL OR {own.merchant} <> %s THEN %s
              WHEN l.outcome = 'succeeded' AND NOT {own.is_done} THEN %s
              WHEN l.outcome <> 'succeeded' AND {own.is_lasting} {_unless_paid(own)} THEN %s
              WHEN l.outcome = 'succeeded'
                AND (l.amount_minor <> {own.amount} OR l.currency <> {own.currency}) THEN %s
              {fee_rule}
            END AS discrepancy
          FROM {_LINES} l
          LEFT JOIN {own.table} o ON {own.number} = l.own_no
          {own.joined}
          {fee_join}
          WHERE l.bill_id = %s AND l.kind = %s
        ) l
        WHERE l.discrepancy IS NOT NULL AND {_NOT_ON_THE_SHEET}""",
        (
            bill.merchant,
            Discrepancy.ORPHAN,
            only_there,
            Discrepancy.STATUS,
            Discrepancy.AMOUNT,
            *tolerance,
            bill.pk,
            kind,
        ),
    )


def _unless_paid(own: OwnRows) -> str:
    """An attempt of a payment may fail before another brings the money under the same number."""
    if own.may_come_back:
        return ""
    return f"""AND NOT EXISTS (
                SELECT 1 FROM {_LINES} t WHERE t.bill_id = l.bill_id AND t.own_no = l.own_no
                  AND t.kind = l.kind AND t.outcome = 'succeeded')"""


def _fee_sql(bill: Bill, own: OwnRows) -> tuple[str, str, str, tuple[Any, ...]]:
    """Return: our fee, the join that finds it, the rule it breaks, and the rule's values."""
    if not has_contract_fee(bill):
        return _NOTHING, "", "", ()
    rule = f"""WHEN l.outcome = 'succeeded' AND ABS(l.fee_minor - {{fee}}) > %s
                THEN '{Discrepancy.FEE}'
              WHEN l.outcome = 'succeeded' AND l.fee_minor <> {{fee}}
                THEN '{Finding.TOLERATED}'"""
    if not own.fee_ref:
        return "0", "", rule.format(fee="0"), (fee_tolerance(),)
    fee = "COALESCE(fl.amount_minor, 0)"
    return fee, _fee_join(own), rule.format(fee=fee), (fee_tolerance(),)


def _fee_join(own: OwnRows, number: str = "l.own_no") -> str:
    return f"""LEFT JOIN {_JOURNALS} fj ON fj.ref = '{own.fee_ref}' || {number} AND fj.posted
          LEFT JOIN {_LEGS} fl ON fl.transaction_id = fj.id AND fl.account = '6401'"""


def _rows_against_lines(bill: Bill, kind: str) -> None:
    own = OWN_ROWS[kind]
    start, end = day_bounds(bill.day)
    fee, fee_join = _own_fee(bill), ""
    if has_contract_fee(bill) and own.fee_ref:
        fee, fee_join = "COALESCE(fl.amount_minor, 0)", _fee_join(own, own.number)
    _run(
        f"""{_INSERT}
        SELECT %s, {_NOTHING}, %s, %s, {own.number}, {own.acquirer_no}, {own.related}, {own.party},
          {own.currency}, {_NOTHING}, {_NOTHING}, '', {own.amount}, {fee}, o.status, TRUE, 1
        FROM {own.table} o {own.joined} {fee_join}
        WHERE {own.done_at} >= %s AND {own.done_at} < %s AND {own.is_lasting}
          AND {own.merchant} = %s AND {own.amount} > 0
          AND NOT EXISTS (
            SELECT 1 FROM {_LINES} t
            WHERE t.bill_id = %s AND t.own_no = {own.number} AND t.kind = %s)
          AND NOT EXISTS (
            SELECT 1 FROM {_LINES} t JOIN {_BILLS} b ON b.id = t.bill_id
            WHERE t.own_no = {own.number} AND t.kind = %s AND t.outcome = 'succeeded'
              AND b.is_current AND b.merchant = %s)""",
        (
            bill.pk,
            Discrepancy.OURS_ONLY,
            kind,
            instant(start),
            instant(end),
            bill.merchant,
            bill.pk,
            kind,
            kind,
            bill.merchant,
        ),
    )


def instant(at: datetime) -> Any:
    """Return an instant as this database compares it in plain SQL."""
    return connection.ops.adapt_datetimefield_value(at)


def _fees_by_themselves(bill: Bill) -> None:
    """Fees charged by a line of their own stand beside no payment: a person books them."""
    _run(
        f"""{_INSERT}
        SELECT l.bill_id, l.id, %s, {_SAYS}, {_NOTHING}, 0, '', FALSE, 1
        FROM {_LINES} l WHERE l.bill_id = %s AND l.kind = %s""",
        (Discrepancy.FEE, bill.pk, RecordKind.FEE),
    )


def tolerated_fees(bill: Bill) -> tuple[int, int]:
    """Return how many lines' fees differ within the tolerance, and by how much together.

    Positive: the acquirer kept more than we booked. Lines that are differences do not count.
    """
    rows = Finding.objects.filter(bill=bill, discrepancy=Finding.TOLERATED)
    found = rows.aggregate(
        count=Count("pk"), minor=Sum(F("bill_fee_minor") - F("ours_fee_minor"), default=0)
    )
    return int(found["count"]), int(found["minor"])
