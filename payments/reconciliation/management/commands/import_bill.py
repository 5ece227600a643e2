"""Take in a statement that was brought: manage.py import_bill ACCOUNT DAY KIND FILE."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.kernel.errors import LinliError
from payments.reconciliation.delivering import deliver_bill
from payments.reconciliation.models import Bill


class Command(BaseCommand):
    """Keeps the bytes, reads them and compares them; the same file again changes nothing."""

    help = "Take in an acquirer's bill from a file, read it and compare it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which account's bill of which day and kind, and where it lies."""
        parser.add_argument("account")
        parser.add_argument("day", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("kind", choices=Bill.Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--digest", default="", help="SHA-256 the sender declared")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take it in; non-zero where the bill is bad."""
        paper: Path = options["file"]
        if not paper.is_file():
            raise CommandError(f"{paper} is not a file")
        try:
            bill = deliver_bill(
                account_code=options["account"],
                day=options["day"],
                kind=options["kind"],
                paper=paper,
                source=f"file:{paper.name}",
                declared_digest=options["digest"],
            )
        except LinliError as error:
            raise CommandError(str(error.user_message)) from error
        self.stdout.write(f"{bill}: {bill.state}, {bill.line_count} lines, {bill.size} bytes")
        if bill.state == Bill.State.BAD:
            raise CommandError(f"bad bill: {bill.problem} {bill.problem_detail}")
