"""Do a day's reconciliation now, or again: manage.py reconcile [--day] [--account]."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from payments.reconciliation.asking import ask_about_differences
from payments.reconciliation.closing import close_settled_bills
from payments.reconciliation.expecting import expect_bills
from payments.reconciliation.fetching import fetch_bill
from payments.reconciliation.importing import import_bill
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import Bill, ReconciliationCase

_ROUNDS_MAX = 1_000


class Command(BaseCommand):
    """Fetches what is missing, reads, compares, asks, closes; run again, it finds the same."""

    help = "Fetch, read and compare bills now, and say what was found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Narrow it to a day or an account."""
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--account", default="")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Go through every bill wanted once, oldest day first."""
        expect_bills()
        chosen = self._chosen(options["day"], options["account"])
        for bill_id in list(chosen.filter(state__in=Bill.WANTED).values_list("pk", flat=True)):
            fetch_bill(bill_id)
        for bill_id in list(chosen.filter(state="fetched").values_list("pk", flat=True)):
            import_bill(bill_id)
        for bill_id in list(chosen.filter(is_current=True).values_list("pk", flat=True)):
            match_bill(bill_id)
        self._ask()
        close_settled_bills(limit=_ROUNDS_MAX)
        for bill in chosen.exclude(state=Bill.State.REPLACED):
            self._tell(bill)

    def _chosen(self, day: date | None, account: str) -> QuerySet[Bill]:
        rows = Bill.objects.order_by("day", "kind", "version")
        rows = rows.filter(day=day) if day else rows
        return rows.filter(account_code=account) if account else rows

    def _ask(self) -> None:
        """Ask what is due until nothing is, or the account has been asked enough for a minute."""
        for _round in range(_ROUNDS_MAX):
            counts = ask_about_differences(limit=200)
            if not any(counts.values()):
                return

    def _tell(self, bill: Bill) -> None:
        cases = ReconciliationCase.objects.filter(bill=bill)
        waiting = cases.filter(state__in=ReconciliationCase.WAITING).count()
        pooled = cases.filter(state=ReconciliationCase.State.POOLED).count()
        self.stdout.write(
            f"{bill!s:40} {bill.state:10} {bill.line_count:>9,} lines "
            f"{waiting:>6,} open {pooled:>6,} pooled {bill.problem}"
        )
