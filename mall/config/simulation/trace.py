"""What happened in a play, one line a step, and how often of each kind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from mall.config.simulation.clock import VirtualClock


class Trace:
    """The story of one play as it is told afterwards."""

    def __init__(self, clock: VirtualClock) -> None:
        """Begin to write at the clock's present instant."""
        self._clock = clock
        self._began: datetime = clock.now()
        self.lines: list[str] = []
        self.faults: Counter[str] = Counter()
        self.crashes: Counter[str] = Counter()
        self.steps: Counter[str] = Counter()

    def tell(self, who: str, what: str) -> None:
        """Write one line: when, who, what."""
        self.lines.append(f"{self._elapsed():>12}  {who:<14} {what}")

    def step(self, who: str, what: str) -> None:
        """Write one line of somebody's doing, and count it by its first word."""
        self.steps[f"{who.split(maxsplit=1)[0]}: {what.split(maxsplit=1)[0]}"] += 1
        self.tell(who, what)

    def fault(self, kind: str, what: str) -> None:
        """Write down that something went wrong on purpose."""
        self.faults[kind] += 1
        self.tell("fault", f"{kind}: {what}")

    def crash(self, where: str) -> None:
        """Write down that a process died."""
        self.crashes[where] += 1
        self.tell("crash", where)

    def _elapsed(self) -> str:
        seconds = (self._clock.now() - self._began).total_seconds()
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(int(minutes), 60)
        return f"{hours:02d}:{minutes:02d}:{rest:06.3f}"
