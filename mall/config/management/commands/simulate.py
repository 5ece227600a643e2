"""`manage.py simulate`: plays the shop against the bank with every fault, seed after seed."""

from __future__ import annotations

import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mall.config.simulation.play import ORDERS
from mall.config.simulation.report import Tally, told, violations_of
from mall.config.simulation.scratch import scratch_like_our_own
from mall.config.simulation.stage import Stage, set_stage

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


class Command(BaseCommand):
    """Plays seeds on a scratch database; the installation's data is never touched."""

    help = "Play payment faults by seed: the shop's real code against the sandbox acquirer's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which seeds, how much of them, and how much to tell."""
        parser.add_argument("--seeds", default="1-20", help="one seed, or a range: 17 or 1-200")
        parser.add_argument("--orders", type=int, default=ORDERS, help="orders tried in each seed")
        parser.add_argument("--trace", action="store_true", help="tell every step of every seed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play; CommandError where a seed left anything wrong."""
        first, last = _range(options["seeds"])
        home = _IN_MEMORY if _IN_MEMORY.is_dir() else None
        templates = Path(settings.BASE_DIR) / ".cache" / "databases"
        with tempfile.TemporaryDirectory(prefix="linli-simulation-", dir=home) as name:
            folder = Path(name)
            with (
                scratch_like_our_own(folder, templates) as scratch,
                set_stage(scratch, folder) as stage,
            ):
                tally = self._play(stage, range(first, last + 1), options)
        for line in tally.lines():
            self.stdout.write(line)
        if tally.bad:
            numbers = ", ".join(str(outcome.seed) for outcome in tally.bad)
            raise CommandError(f"violations in seeds {numbers}", returncode=2)

    def _play(self, stage: Stage, seeds: range, options: dict[str, Any]) -> Tally:
        tally, began = Tally(), time.monotonic()
        for seed in seeds:
            outcome = stage.play(seed, orders=options["orders"])
            tally.add(outcome)
            for line in told(outcome) if options["trace"] else violations_of(outcome):
                self.stdout.write(line)
        seconds = time.monotonic() - began
        self.stdout.write(f"{len(seeds)} seeds in {seconds:.0f} s")
        return tally


def _range(text: str) -> tuple[int, int]:
    """Read "17" or "1-200"."""
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        raise CommandError(f"{text!r} is neither a seed nor a range of seeds")
    return int(first), int(last or first)
