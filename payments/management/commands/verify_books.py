"""Check every money rule against every row: manage.py verify_books, non-zero where one breaks."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from payments.kernel.checking import CheckResult, one_moment, whole_history


class Command(BaseCommand):
    """Runs the rules of every floor (LINLI_INVARIANTS) as of one moment and says what it saw."""

    help = "Check every money invariant; prints what was checked and how many rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json for programs, --all for the whole history of seals."""
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")
        parser.add_argument(
            "--all", action="store_true", help="compute every day's seal anew, not only the newest"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, tell, and exit non-zero on a violation or on rules that cannot be loaded."""
        with whole_history() if options["all"] else nullcontext():
            results = check_everything()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(result) for result in results]))
        else:
            self._tell(results)
        broken = sum(len(result.violations) for result in results)
        if broken:
            raise CommandError(f"{broken} violations: the books are not in order", returncode=2)

    def _tell(self, results: list[CheckResult]) -> None:
        for result in results:
            mark = self.style.ERROR("BROKEN") if result.violations else self.style.SUCCESS("ok")
            self.stdout.write(f"{mark:>6}  {result.rows:>9,} rows  {result.name}")
            for violation in result.violations:
                self.stdout.write(f"{'':>10}{violation.subject}: {violation.detail}")
        rows = sum(result.rows for result in results)
        self.stdout.write(f"{len(results)} rules, {rows:,} rows looked at")


def check_everything() -> list[CheckResult]:
    """Run every check of settings.LINLI_INVARIANTS; ImportError where one does not exist."""
    checks = [import_string(path) for path in settings.LINLI_INVARIANTS]
    with one_moment():
        return [result for check in checks for result in check()]
