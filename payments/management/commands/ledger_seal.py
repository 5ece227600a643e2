"""Seal the days that are over, or prove the seals: manage.py ledger_seal [--verify]."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.kernel.checking import one_moment
from payments.ledger.sealing import differences, seal_due
from payments.models import LedgerSeal


class Command(BaseCommand):
    """Does by hand what the job does every ten minutes, and checks what it did."""

    help = "Seal the days of the books that are over; --verify computes all seals anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --verify, and --days to verify only the newest."""
        parser.add_argument("--verify", action="store_true", help="compute the seals anew")
        parser.add_argument("--days", type=int, help="with --verify: only so many newest days")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seal or verify; exit 2 and name the first day that differs."""
        if options["verify"]:
            self._verify(options["days"])
            return
        counts = seal_due(limit=100_000)
        self.stdout.write(f"{counts['sealed']} days sealed; {self._newest()}")

    def _verify(self, days: int | None) -> None:
        with one_moment():
            first = next(differences(days=days), None)
            newest = self._newest()
        if first is not None:
            raise CommandError(f"{first.day}: {first.detail}", returncode=2)
        self.stdout.write(f"all seals hold; {newest}")

    def _newest(self) -> str:
        seal = LedgerSeal.objects.first()
        return f"the newest is {seal.day} {seal.hash}" if seal else "no day is sealed yet"
