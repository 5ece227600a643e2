"""All benchmarks, one after the other, and the page that says what they found."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import group_page, offers, reconciliation, settlement
from tests.machines import postgres_programs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BILLS = "Reconciliation: one day's bill taken in and compared"
OFFERS = "Bank offers: a thousand of them, a card and a basket"
SETTLEMENT = "Settlement: a thousand leaders, a million lines"
GROUP_PAGE = "Group page: sixty goods and four hundred neighbours, under load"
_WHAT = """Written by `make bench`. Each chapter says when and on what it was run; other programs on
the machine lengthen what the clock says, and far less what the processors did."""


def main(arguments: Sequence[str]) -> int:
    """Run all benchmarks, or those named, and write docs/benchmarks.md.

    Names: bills (their sizes in lines may be given, and stand for it), offers, group_page,
    settlement. Chapters that were not run stay as they were.
    """
    sizes = tuple(int(word) for word in arguments if word.isdigit())
    named = {word for word in arguments if not word.isdigit()} | ({"bills"} if sizes else set())
    chapters = _written()
    for name, (title, measure) in _chapters(sizes or reconciliation.SIZES).items():
        if not named or name in named:
            chapters[title] = measure()
    text = "".join(
        f"\n## {title}\n\n{chapters[title]}\n"
        for title in (BILLS, OFFERS, GROUP_PAGE, SETTLEMENT)
        if title in chapters
    )
    PAGE.write_text(f"# Benchmarks\n\n{_WHAT}\n{text}")
    print(f"written: {PAGE}")
    return 0


def _chapters(sizes: tuple[int, ...]) -> dict[str, tuple[str, Callable[[], str]]]:
    def bills() -> str:
        return _bills(_dated(lambda: reconciliation.section(reconciliation.measure(sizes))))

    def of_offers() -> str:
        return _offers(_dated(lambda: offers.section(offers.measure())))

    def of_groups() -> str:
        return _group_page(_dated(lambda: group_page.section(group_page.measure())))

    def of_settlement() -> str:
        return _settlement(_dated(lambda: settlement.section(settlement.measure())))

    return {
        "bills": (BILLS, bills),
        "offers": (OFFERS, of_offers),
        "group_page": (GROUP_PAGE, of_groups),
        "settlement": (SETTLEMENT, of_settlement),
    }


def _written() -> dict[str, str]:
    """Return the chapters of the page as it is."""
    if not PAGE.exists():
        return {}
    parts = PAGE.read_text().split("\n## ")[1:]
    return {name: body.strip("\n") for name, body in (part.split("\n", 1) for part in parts)}


def _dated(measure: Callable[[], str]) -> str:
    load = os.getloadavg()[0]
    found = measure()
    return f"""{found}

Run on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {_machine()}; {_programs()}.
Load average {load:.1f} before the run and {os.getloadavg()[0]:.1f} after it."""


def _bills(found: str) -> str:
    return f"""Command: `make bench` (or `python -m tests.run bench 100000` for another size). Goal:
20,000 lines a second, and the same memory for a bill ten times as long.

A day of payments is made in the database, each with the journal of its fee, and its bill in the
sandbox acquirer's format, of which 100 lines say another amount and 20 rows have no line. Then one
process, as a worker would, keeps the file with its digest, reads it, loads the lines, and compares
them with our rows in both directions and with the fee booked for each. The run fails unless exactly
those 120 differences become cases and the closing equation holds. "Again" is the second comparison
of the same bill, which finds the same and writes nothing. SQLite writes with synchronous=FULL,
PostgreSQL with fsync on; PostgreSQL runs on the same machine, and the memory is that of our
process (after its modules were loaded, and at its highest).

{found}"""


def _offers(found: str) -> str:
    return f"""Command: `make bench` (or `python -m tests.run bench offers` for this alone). Goal:
under a millisecond for a card and a basket with 1,000 active offers and no query; a page's queries
do not grow with the offers.

Offers of 20 banks with thresholds, steps, percentages, hours, weekdays and ranges of goods as they
come, a basket of ten lines, a credit card. "A card" weighs the basket against all offers and finds
those that apply, best first, the nearest of the others, and the reason where there is none; "a card
not yet known" looks for the best that any card could have; "all of one bank" is the worst case, in
which every offer is the card's own bank's. "One after the other" judges the same offers without an
index, and finds the same. "A page's quote" reads what is gone from the database and quotes five
tied cards, a new card and the cashier. Oscar's conditional offers ("spend so much, save so much")
are applied to a basket of ten lines in the same process, on the same database, once. All figures
are milliseconds of our process on a processor, the median of many runs.

{found}"""


def _group_page(found: str) -> str:
    return f"""Command: `make bench` (or `python -m tests.run bench group_page` alone). Goal:
as many answers a second as Oscar's own catalogue page on the same machine, with three times its
goods; a page's queries do not grow with goods, orders or neighbours.

Eight readers ask for one page again and again for eight seconds, over connections that stay open,
of a web server of two processes with four threads each; every answer must be 200. The group has 60
goods and a chain of 400 neighbours. What is the same for everybody is read from the database once
in three seconds; a neighbour's basket, orders, favourites and offers are read for every answer. The
peer is Oscar 4.2 as it comes (its own settings, templates and tables, the plainest search engine,
20 of 60 goods on the page), on a database of its own, in the same run. "CPU of the server" is what
all its processes spent on a processor for one answer, and says most where readers and server share
the processors; PostgreSQL's own processes are left out of it. Sizes are as sent, gzipped where the
page is.

{found}"""


def _settlement(found: str) -> str:
    return f"""Command: `make bench` (or `python -m tests.run bench settlement` for this alone).
Goal: the same memory for ten times as many lines, and a second run that does nothing.

A month of commission of 1,000 leaders is made in the database, all of it free to be settled. Then
one process runs the job as the runner does, 200 statements at a time, until nobody is left: for
each leader one UPDATE takes her lines into the statement, sums and tax are counted in the database,
and no line is read into the process. The run fails unless the statements' gross is the sum of the
lines and rules C3 and L7 hold. "The run again" finds nobody to settle. SQLite writes with
synchronous=FULL, PostgreSQL with fsync on; the memory is that of our process.

{found}"""


def _machine() -> str:
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{os.cpu_count()} CPUs ({model}), {platform.system()} {platform.release()}"


def _programs() -> str:
    told = subprocess.run(
        [postgres_programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{told.stdout.strip().replace('postgres (PostgreSQL)', 'PostgreSQL')}"
    )
