"""Writing many lines at once: COPY where the database has it, one prepared statement elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final

from django.db import connection, transaction

from payments.acquiring.contract import BillLine as PaperLine
from payments.reconciliation.models import BillLine

_WORTH_COUNTING: Final = 1_000
_COLUMNS: Final = (
    "bill_id",
    "line_no",
    "kind",
    "own_no",
    "acquirer_no",
    "amount_minor",
    "fee_minor",
    "currency",
    "outcome",
    "at",
    "related_no",
    "party",
)


def load(bill_id: int, lines: Iterable[PaperLine]) -> None:
    """Insert lines of one statement as one transaction; IntegrityError for one that is there.

    Lines are taken as they come, and none is kept. The ORM would build an object, a query and a
    parameter list per line: at a million lines that is most of the time and of the memory.
    """
    table = BillLine._meta.db_table  # noqa: SLF001 - Django documents it
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    rows: Any = (_row(bill_id, line) for line in lines)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = '120s'")
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(_COLUMNS))
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - our names
                rows,
            )


def count_anew(lines: int) -> None:
    """Let the database look at a table that just grew, so that it joins it as what it is.

    Without it PostgreSQL takes a new statement for a handful of lines, and walks its rows in loops.
    """
    if connection.vendor == "postgresql" and lines >= _WORTH_COUNTING:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {BillLine._meta.db_table}")  # noqa: SLF001


def _row(bill_id: int, line: PaperLine) -> tuple[Any, ...]:
    amount = line.amount
    return (
        bill_id,
        line.line_no,
        line.kind.value,
        line.own_no,
        line.acquirer_no,
        amount.minor,
        line.fee.minor,
        amount.currency,
        line.outcome.value,
        # As both databases write an instant: UTC, and on SQLite without saying so.
        str(line.at.astimezone(UTC).replace(tzinfo=None)),
        line.related_no,
        line.party,
    )
