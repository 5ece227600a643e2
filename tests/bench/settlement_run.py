"""The settlement job over all leaders, with a clock and the process's memory beside it."""

from __future__ import annotations

import json
import time

from django.db.models import Sum

from groupleader import jobs
from groupleader.models import CommissionAccrual, SettlementStatement
from groupleader.settlement_checks import commission_owed, statements_are_their_lines
from tests.bench.bill_run import cpu, database_cpu, peak_mb

LIMIT = 200


def main() -> None:
    """Print what settling everybody took, as JSON."""
    print(json.dumps(run()))


def run() -> dict[str, float]:
    """Settle until nobody is left, then once more; the sums must be those of the lines."""
    free = CommissionAccrual.objects.filter(status=CommissionAccrual.Status.AVAILABLE)
    lines, minor = free.count(), free.aggregate(sum=Sum("amount_minor"))["sum"]
    took: dict[str, float] = {"rss_before_mb": peak_mb(), "lines": lines}
    started, started_cpu, started_there = time.monotonic(), cpu(), database_cpu()
    runs = cut = 0
    while made := jobs.cut_statements(LIMIT)["cut"]:
        runs, cut = runs + 1, cut + made
    took["all_s"] = time.monotonic() - started
    took["cpu_s"] = cpu() - started_cpu
    took["database_cpu_s"] = database_cpu() - started_there
    took["peak_rss_mb"] = peak_mb()
    took["statements"], took["runs"] = cut, runs
    again = time.monotonic()
    assert jobs.cut_statements(LIMIT)["cut"] == 0
    took["again_s"] = time.monotonic() - again
    gross = SettlementStatement.objects.aggregate(sum=Sum("gross_minor"))["sum"]
    assert (gross, free.count()) == (minor, 0), (gross, minor)
    for rule in (statements_are_their_lines(), commission_owed()):
        assert not rule.violations, rule
    return took
