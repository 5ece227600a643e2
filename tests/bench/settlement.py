"""How long settling a thousand leaders takes, and in how much memory, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from tests.bench.reconciliation import ROOT, on_postgres, on_sqlite

SIZES = ((1_000, 100_000), (1_000, 1_000_000))


def measure(
    sizes: tuple[tuple[int, int], ...] = SIZES,
) -> list[dict[str, float | str]]:
    """Run every size on every database in processes of their own; return what they said."""
    found = []
    for name, database in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        for leaders, lines in sizes:
            with tempfile.TemporaryDirectory(prefix="linli-bench-") as place, database() as url:
                took = _one(leaders, lines, place, url)
                found.append({"database": name, **took})
                print(f"{name} {lines:,}: {json.dumps(took)}", flush=True)
    return found


def _one(leaders: int, lines: int, place: str, url: str) -> dict[str, float]:
    environment = os.environ | {
        "LINLI_DATA": place,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "mall.config.settings",
        "LINLI_SETTLEMENT_PERIOD": "month",
    }
    program = [sys.executable, "-m", "tests.bench.program"]
    made = [*program, "settlement_made", str(leaders), str(lines)]
    subprocess.run(made, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    ran = subprocess.run(
        [*program, "settlement_run"],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(ran.stdout.splitlines()[-1])


def section(found: list[dict[str, float | str]]) -> str:
    """Write what was measured as a table."""
    columns = ("database", "lines", "statements", "by the clock", "CPU ours + database")
    columns += ("lines per CPU second", "the run again", "peak memory")
    rows = [f"| {' | '.join(columns)} |", f"| --- |{' ---: |' * (len(columns) - 1)}"]
    for one in found:
        lines, used = int(one["lines"]), float(one["cpu_s"]) + float(one["database_cpu_s"])
        rows.append(
            f"| {one['database']} | {lines:,} | {int(one['statements']):,} "
            f"| {one['all_s']:.1f} s | {one['cpu_s']:.1f} + {one['database_cpu_s']:.1f} s "
            f"| {lines / used:,.0f} | {one['again_s']:.2f} s | {one['peak_rss_mb']:.0f} MiB "
            f"(+{one['peak_rss_mb'] - one['rss_before_mb']:.0f}) |"
        )
    return "\n".join(rows)
