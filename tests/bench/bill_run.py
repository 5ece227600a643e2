"""One bill taken in, read and compared, with a clock and the process's memory beside it."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

from django.db import connection

from payments.models import AcquirerAccount
from payments.reconciliation.equation import equation_of
from payments.reconciliation.expecting import new_bill
from payments.reconciliation.fetching import Delivery, receive
from payments.reconciliation.importing import import_bill
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import Bill, ReconciliationCase
from payments.reconciliation.storing import copy_in, keep, scratch
from tests.bench.bill_day import DAY, NOT_THERE, WRONG_AMOUNTS


def main(folder: str) -> None:
    """Print what taking in the bill of a folder took, as JSON."""
    print(json.dumps(run(Path(folder))))


def peak_mb() -> float:
    """The most memory this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu() -> float:
    """Seconds of this process on a processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def database_cpu() -> float:
    """Seconds of the database's own process on a processor; SQLite works in ours."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    words = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def run(folder: Path) -> dict[str, float]:
    """Take the day's bill in and return what it took; the differences must be those made."""
    account = AcquirerAccount.objects.get(code="sandbox")
    (bill,) = Bill.objects.bulk_create([new_bill(account, DAY, "trade")])
    took: dict[str, float] = {"rss_before_mb": peak_mb()}
    started, started_cpu, started_there = time.monotonic(), cpu(), database_cpu()
    with scratch() as paper:
        copy_in(folder / "bill.csv", paper)
        stored = keep(paper, account_code="sandbox", day=DAY, kind="trade")
        receive(bill, Delivery(stored, "bench"))
    took["kept_s"] = time.monotonic() - started
    import_bill(bill.pk)
    took["read_s"] = time.monotonic() - started - took["kept_s"]
    matched = match_bill(bill.pk)
    took["all_s"] = time.monotonic() - started
    took["compared_s"] = took["all_s"] - took["read_s"] - took["kept_s"]
    took["cpu_s"] = cpu() - started_cpu
    took["database_cpu_s"] = database_cpu() - started_there
    took["peak_rss_mb"] = peak_mb()
    cases = dict.fromkeys(["amount", "ours_only"], 0)
    for found in ReconciliationCase.objects.values_list("discrepancy", flat=True):
        cases[found] += 1
    assert cases == {"amount": WRONG_AMOUNTS, "ours_only": NOT_THERE}, cases
    counted = time.monotonic()
    assert equation_of(matched).holds
    took["equation_s"] = time.monotonic() - counted
    again = time.monotonic()
    match_bill(bill.pk)
    took["again_s"] = time.monotonic() - again
    took["lines"] = matched.line_count
    return took
