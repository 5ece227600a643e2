"""The stage: bank, net, clock and a scratch database, set once and cleared before each seed."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from django.test import override_settings

from mall.config.simulation import coverage, town, verdict
from mall.config.simulation.bank import PORT, PlayedBank
from mall.config.simulation.chance import repeatable
from mall.config.simulation.clock import VirtualClock
from mall.config.simulation.crashes import Crashes
from mall.config.simulation.network import Ends, Network
from mall.config.simulation.play import ORDERS, Play
from mall.config.simulation.scratch import Scratch
from mall.config.simulation.trace import Trace
from payments.acquiring.registry import forget_adapters
from payments.acquiring.rehearsal import Carried, CarryingAdapter
from payments.acquiring.transport import mount, unmount

BANK_URL: Final = f"http://127.0.0.1:{PORT}"
_BEFORE: Final = timedelta(hours=3)


@dataclass
class Outcome:
    """What came of one seed."""

    seed: int
    violations: list[str]
    trace: list[str]
    orders: int
    payments: int
    faults: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    edges: Counter[str] = field(default_factory=Counter)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations


class Stage:
    """Where plays take place, one after another."""

    def __init__(self, scratch: Scratch, folder: Path) -> None:
        """Take the database and a folder for the bank's books."""
        self._scratch = scratch
        self._kept = folder / "bank.kept.sqlite3"
        self._network: Network
        self._bank: PlayedBank
        self._folder = folder

    def carry(self, left: Carried, written: Callable[[], None]) -> Carried:
        """Hand a request to the net of the play that is on."""
        return self._network.carry(left, written)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Hand a notice to the net of the play that is on."""
        return self._network.post(url, body, headers)

    def build(self) -> None:
        """Open the bank and build the town, in calm."""
        clock = VirtualClock(town.BEGINS_AT - _BEFORE)
        with clock.shown_to_everybody(), repeatable("town"):
            self._bank = PlayedBank(self._folder, post=self.post)
            trace = Trace(clock)
            calm = Random(0)  # noqa: S311 - nothing is drawn from it
            crashes = Crashes(calm, trace)
            self._network = Network(calm, clock=clock, trace=trace, crashes=crashes)
            self._network.ends = Ends(self._bank.serve, lambda told: told, lambda: None)
            clock.until(town.BEGINS_AT - timedelta(hours=1))
            town.build(self._bank)
            self._bank.connection.execute("UPDATE notices SET state = 'DELIVERED'")
        self._scratch.keep()
        with closing(sqlite3.connect(self._kept)) as kept:
            self._bank.connection.backup(kept)

    def play(self, seed: int, *, orders: int = ORDERS) -> Outcome:
        """Play one seed from the beginning and judge it."""
        self._scratch.put_back()
        with closing(sqlite3.connect(self._kept)) as kept:
            kept.backup(self._bank.connection)
        clock = VirtualClock(town.BEGINS_AT)
        with clock.shown_to_everybody(), repeatable(f"{seed}"):
            play = Play(seed, bank=self._bank, clock=clock, orders=orders)
            self._network = play.network
            with play.crashes.at_commits():
                play.run()
            came_to_rest = play.rest()
            violations = verdict.judge(self._bank, came_to_rest=came_to_rest)
            violations += [f"P8 a false message was believed: {it}" for it in play.forger.believed]
            reached = coverage.count()
        return Outcome(
            seed=seed,
            violations=violations,
            trace=play.trace.lines,
            orders=reached.orders,
            payments=reached.payments,
            faults=play.trace.faults,
            crashes=play.trace.crashes,
            steps=play.trace.steps,
            edges=reached.edges,
        )

    def close(self) -> None:
        """Close the bank."""
        self._bank.close()


@contextmanager
def set_stage(scratch: Scratch, folder: Path) -> Iterator[Stage]:
    """Build the stage on a migrated, empty scratch database; the folder holds the bank's books."""
    stage = Stage(scratch, folder)
    with ExitStack() as exits:
        exits.enter_context(
            override_settings(
                LINLI_SANDBOX_URL=BANK_URL,
                LINLI_SANDBOX_KEYS=folder / "keys",
                LINLI_ACQUIRER_ACCOUNT="sandbox",
                LINLI_FUNDS_MODE="SELF_OPERATED",
                LINLI_SPLITS_WHEN_SELF_OPERATED=True,
                SITE_URL="http://127.0.0.1:8000",
            )
        )
        exits.enter_context(_silence())
        mount(BANK_URL, CarryingAdapter(stage.carry))
        exits.callback(unmount, BANK_URL)
        forget_adapters()
        exits.callback(forget_adapters)
        stage.build()
        exits.callback(stage.close)
        yield stage


@contextmanager
def _silence() -> Iterator[None]:
    """The trace tells the story; thousands of log lines would only cost time."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
