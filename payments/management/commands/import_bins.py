"""Bring card prefixes in: manage.py import_bins FILE; the whole file, or nothing of it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.services.bin_import import BinFileError, BinPlan, apply_import, plan_import


class Command(BaseCommand):
    """Compares a file with the table of card prefixes, says what it would do, and takes it in."""

    help = "Import card prefixes (BINs) from a CSV file; docs/cards.md says which columns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and --check to change nothing."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only say what would be done")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare, tell, apply; non-zero and nothing done when a line cannot be taken."""
        path: Path = options["file"]
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        try:
            plan = plan_import(raw)
        except BinFileError as error:
            raise CommandError(f"{path}: {error.user_message} {error.data}") from error
        self._tell(plan)
        if not plan.is_clean:
            raise CommandError(f"{len(plan.refused)} lines cannot be taken: nothing was changed.")
        if not options["check"]:
            apply_import(raw, file_name=path.name, by="manage.py", expected_version=plan.version)

    def _tell(self, plan: BinPlan) -> None:
        for refused in plan.refused:
            self.stderr.write(f"line {refused.line}: {refused.prefix}: {refused.reason}")
        for change in plan.changed:
            said = ", ".join(f"{name}: {old} -> {new}" for name, old, new in change.differences)
            self.stdout.write(f"line {change.line}: {change.row.prefix}: {said}")
        self.stdout.write(
            f"{len(plan.added)} added, {len(plan.changed)} changed, {plan.unchanged} unchanged, "
            f"{len(plan.refused)} refused"
        )
