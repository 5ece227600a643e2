"""How fast a bill is taken in and compared, and in how much memory, on both databases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import sqlite_template
from tests.machines import postgres

ROOT = Path(__file__).resolve().parents[2]
SIZES = (100_000, 1_000_000)
# A bench of what survives the machine: both databases wait for the disk, as in production.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}


def measure(sizes: tuple[int, ...] = SIZES) -> list[dict[str, float | str]]:
    """Run every size on every database in processes of their own; return what they said."""
    found = []
    for name, database in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        for lines in sizes:
            with tempfile.TemporaryDirectory(prefix="linli-bench-") as place, database() as url:
                took = _one(lines, Path(place), url)
                found.append({"database": name, **took})
                print(f"{name} {lines:,}: {json.dumps(took)}", flush=True)
    return found


def _one(lines: int, place: Path, url: str) -> dict[str, float]:
    environment = os.environ | {
        "LINLI_DATA": str(place),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "mall.config.settings",
    }
    program = [sys.executable, "-m", "tests.bench.program"]
    made = [*program, "bill_day", str(lines), str(place)]
    subprocess.run(made, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    ran = subprocess.run(
        [*program, "bill_run", str(place)],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(ran.stdout.splitlines()[-1])


@contextmanager
def on_sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="linli-bench-db-") as folder:
        file = Path(folder) / "bench.sqlite3"
        shutil.copyfile(sqlite_template(), file)
        yield f"sqlite:///{file}"


@contextmanager
def on_postgres() -> Iterator[str]:
    with postgres(**DURABLE) as url:
        yield url


def section(found: list[dict[str, float | str]]) -> str:
    """Write what was measured as a table."""
    columns = ("database", "lines", "read", "compared", "together", "CPU ours + database")
    columns += ("lines per CPU second", "lines/s by the clock", "compared again", "peak memory")
    rows = [f"| {' | '.join(columns)} |", f"| --- |{' ---: |' * (len(columns) - 1)}"]
    for one in found:
        seconds, lines = float(one["all_s"]), int(one["lines"])
        rows.append(
            f"| {one['database']} | {lines:,} | {one['read_s'] + one['kept_s']:.1f} s "
            f"| {one['compared_s']:.1f} s | {seconds:.1f} s "
            f"| {one['cpu_s']:.1f} + {one['database_cpu_s']:.1f} s "
            f"| {lines / (one['cpu_s'] + one['database_cpu_s']):,.0f} | {lines / seconds:,.0f} "
            f"| {one['again_s']:.1f} s | {one['peak_rss_mb']:.0f} MiB "
            f"(+{one['peak_rss_mb'] - one['rss_before_mb']:.0f}) |"
        )
    return "\n".join(rows)
