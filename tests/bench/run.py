"""All benchmarks, one after the other, and the page that says what they found."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import reconciliation
from tests.machines import postgres_programs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str]) -> int:
    """Run all benchmarks and write docs/benchmarks.md; sizes may be given (lines of a bill)."""
    sizes = tuple(int(word) for word in arguments) or reconciliation.SIZES
    load = os.getloadavg()[0]
    found = reconciliation.measure(sizes)
    PAGE.write_text(_page(reconciliation.section(found), load))
    print(f"written: {PAGE}")
    return 0


def _page(bills: str, load: float) -> str:
    return f"""# Benchmarks

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {_machine()}; {_programs()}.
The machine's load average was {load:.1f} before the run and {os.getloadavg()[0]:.1f} after it:
other programs lengthen what the clock says, and far less what the processors did.

## Reconciliation: one day's bill taken in and compared

Command: `make bench` (or `python -m tests.run bench 100000` for another size). Goal: 20,000 lines
a second, and the same memory for a bill ten times as long.

A day of payments is made in the database, each with the journal of its fee, and its bill in the
sandbox acquirer's format, of which 100 lines say another amount and 20 rows have no line. Then one
process, as a worker would, keeps the file with its digest, reads it, loads the lines, and compares
them with our rows in both directions and with the fee booked for each. The run fails unless exactly
those 120 differences become cases and the closing equation holds. "Again" is the second comparison
of the same bill, which finds the same and writes nothing. SQLite writes with synchronous=FULL,
PostgreSQL with fsync on; PostgreSQL runs on the same machine, and the memory is that of our
process (after its modules were loaded, and at its highest).

{bills}
"""


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
