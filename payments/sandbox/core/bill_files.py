"""Making a bill's file: the books' lines, the rules that spoil them, the bytes and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

from payments.sandbox.clock import now_ms
from payments.sandbox.core import bill_faults, bills, settlements
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.bills import Heading, Line, Sums, Wish
from payments.sandbox.faults import Point
from payments.sandbox.refusals import Refusal
from payments.sandbox.rules import Strike

# Heading, lines and the sums to keep, to the pieces of the file's text.
Writing = Callable[[Heading, Iterable[Line], Sums], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Made:
    """A bill's file: its length, the digest of its bytes, and what the bank declares of it."""

    byte_count: int
    sha256: str
    declared_sha256: str
    line_count: int


def refuse_absent(bank: Bank, wish: Wish) -> None:
    """Refuse a bill that cannot be given.

    Refusals: BILL_NOT_READY (with retry_at), BILL_GONE, BILL_EMPTY where nothing moved.
    """
    bills.refuse_untimely(wish.day)
    for strike in bank.rules.find(Point.BILL_READY, kind=wish.kind, day=wish.day_text):
        pause = timedelta(seconds=strike.seconds(3600))
        raise bills.not_ready(datetime.fromtimestamp(now_ms() / 1000, UTC) + pause)
    if settlements.is_any_due(bank.books.connection):
        with bank.books.writing() as connection:
            settlements.settle_due(connection)
    if not bills.count(bank.books.connection, wish) and not any(_shifted_here(bank, wish)):
        raise Refusal("BILL_EMPTY", "nothing moved on this day", status=404)


def make(
    bank: Bank,
    wish: Wish,
    file: IO[bytes],
    *,
    write: Writing = bills.written,
    encoding: str = "utf-8",
) -> Made:
    """Write a bill into an empty file, and leave the file at its beginning.

    `write` and `encoding` are the form it is written in: the bank's own, or an acquirer's.
    """
    strikes = bank.rules.find(Point.BILL, kind=wish.kind, day=wish.day_text)
    strikes += bank.rules.standing(Point.BILL_SHIFT, kind=wish.kind, day=wish.day_text)
    made_ms = int(bills.ready_at(wish.day).timestamp() * 1000)
    heading = bill_faults.headed(Heading(wish, made_ms), strikes)
    sums, lines = Sums(), _lines(bank, wish, strikes)
    for piece in bill_faults.encoded(write(heading, lines, sums), strikes, encoding):
        file.write(piece)
    byte_count = bill_faults.cut_at(strikes, wish, file.tell())
    file.truncate(byte_count)
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    file.seek(0)
    declared = bill_faults.declared(digest.hexdigest(), strikes)
    return Made(byte_count, digest.hexdigest(), declared, sums.line_count)


def _lines(bank: Bank, wish: Wish, strikes: list[Strike]) -> Iterator[Line]:
    connection = bank.books.connection
    yield from _shifted_here(bank, wish)
    yield from bill_faults.altered(
        bills.lines(connection, wish), strikes, wish=wish, count=bills.count(connection, wish)
    )


def _shifted_here(bank: Bank, wish: Wish) -> Iterator[Line]:
    """Return the lines that rules moved here from the day before."""
    before, connection = wish.day_before, bank.books.connection
    rules = bank.rules.standing(Point.BILL_SHIFT, kind=before.kind, day=before.day_text)
    if rules:
        yield from bill_faults.shifted(
            bills.lines(connection, before),
            rules,
            wish=before,
            count=bills.count(connection, before),
        )
