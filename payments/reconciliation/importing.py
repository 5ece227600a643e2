"""Reading a statement: line by line in bounded memory; it counts only when all of it was read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice
from typing import BinaryIO, Final

from django.db import OperationalError
from django.db.models import Max

from payments.acquiring.contract import BadBillError, BillKind
from payments.acquiring.contract import BillLine as PaperLine
from payments.kernel.clock import business_date, now
from payments.kernel.transact import transact
from payments.reconciliation.fetching import lease, make_current, mark_bad, release
from payments.reconciliation.loading import count_anew, load
from payments.reconciliation.models import Bill, BillLine
from payments.reconciliation.storing import full_path
from payments.services.accounts import adapter_of

logger = logging.getLogger(__name__)

CHUNK_LINES: Final = 10_000
_NUMBER_MAX: Final = 64
# Days are cut differently there, and a late line may come a day later.
_ABOUT_ITS_DAY: Final = timedelta(days=2)
_DELETED_AT_ONCE: Final = 50_000

Totals = dict[str, dict[str, int]]


def import_bill(bill_id: int) -> Bill:
    """Read a fetched statement into lines; return its row: IMPORTED, or BAD.

    A crash between two chunks leaves what was read, and the next call goes on after it. Lines of
    a statement that turns out bad are taken away before anybody counts them.
    """
    bill = Bill.objects.select_related("account").get(pk=bill_id)
    if bill.state != Bill.State.FETCHED or not lease(bill):
        return bill
    try:
        with full_path(bill.path).open("rb") as file:
            totals = _read(bill, file)
        _finish(bill, totals)
        count_anew(sum(sums["count"] for sums in totals.values()))
    except BadBillError as error:
        _take_lines_away(bill)
        mark_bad(bill, error)
    finally:
        release(bill)
    bill.refresh_from_db()
    return bill


def _read(bill: Bill, file: BinaryIO) -> Totals:
    last = BillLine.objects.filter(bill=bill).aggregate(last=Max("line_no"))["last"] or 0
    totals: Totals = {}
    lines = _checked(_of_that_time(bill, _parsed(bill, file)), totals)
    for first in lines:
        chunk = chain([first], islice(lines, CHUNK_LINES - 1))
        load(bill.pk, (line for line in chunk if line.line_no > last))
    return totals


def words_of(line: BillLine) -> dict[str, str]:
    """Return a line as it stands in the kept file, word by word; reads the file up to there."""
    bill = line.bill
    with full_path(bill.path).open("rb") as file:
        for paper in adapter_of(bill.account).parse_bill(file, BillKind(bill.kind)):
            if paper.line_no == line.line_no:
                return dict(paper.raw)
    return {}


def _parsed(bill: Bill, file: BinaryIO) -> Iterator[PaperLine]:
    """A parser that stumbles over a paper says that the paper is bad, not that we are."""
    try:
        yield from adapter_of(bill.account).parse_bill(file, BillKind(bill.kind))
    except (BadBillError, OperationalError):
        raise
    except Exception as error:
        logger.exception("bill.unreadable bill=%s", bill)
        raise BadBillError(f"{type(error).__name__}: {error}"[:400], reason="format") from error


def _of_that_time(bill: Bill, lines: Iterable[PaperLine]) -> Iterator[PaperLine]:
    """Refuse a statement of which no line is of about its day: another day's, brought by mistake.

    A settlement speaks of a day long over.
    """
    is_near, count = bill.kind == Bill.Kind.FUND, 0
    for line in lines:
        count += 1
        is_near = is_near or abs(business_date(line.at) - bill.day) <= _ABOUT_ITS_DAY
        yield line
    if count and not is_near:
        raise BadBillError(f"no line of it is of {bill.day}", reason="header")


def _checked(lines: Iterable[PaperLine], totals: Totals) -> Iterator[PaperLine]:
    """Add up what passes by; refuse numbers that fit no column and lines out of order."""
    last = 0
    for line in lines:
        if line.line_no <= last:
            raise BadBillError(f"line {line.line_no} after line {last}", reason="format")
        last = line.line_no
        for number in (line.own_no, line.acquirer_no, line.related_no, line.party):
            if len(number) > _NUMBER_MAX or "\x00" in number:
                raise BadBillError(f"line {last} has an impossible number", reason="format")
        _add(totals, line)
        yield line


def _add(totals: Totals, line: PaperLine) -> None:
    sums = totals.get(line.kind)
    if sums is None:
        sums = totals[line.kind.value] = {"count": 0, "amount": 0, "fee": 0, "done": 0, "moved": 0}
    sums["count"] += 1
    sums["amount"] += line.amount.minor
    sums["fee"] += line.fee.minor
    if line.outcome == "succeeded":
        sums["done"] += 1
        sums["moved"] += line.amount.minor


@transact()
def _finish(bill: Bill, totals: Totals) -> None:
    """From here on the lines count, and those of an earlier version do not."""
    count = sum(sums["count"] for sums in totals.values())
    stored = BillLine.objects.filter(bill=bill).count()
    if stored != count:
        raise BadBillError(f"{count} lines were read, {stored} are kept", reason="totals")
    moved = Bill.objects.filter(pk=bill.pk, state=Bill.State.FETCHED).update(
        state=Bill.State.IMPORTED, line_count=count, totals=totals
    )
    if moved:
        make_current(bill, at=now())
        logger.info("bill.imported bill=%s lines=%d", bill, count)


def _take_lines_away(bill: Bill) -> None:
    rows = BillLine.objects.filter(bill=bill)
    while numbers := list(rows.order_by("pk").values_list("pk", flat=True)[:_DELETED_AT_ONCE]):
        _delete_lines(bill, numbers[-1])


@transact()
def _delete_lines(bill: Bill, until: int) -> None:
    BillLine.objects.filter(bill=bill, pk__lte=until)._raw_delete(using="default")  # noqa: SLF001
