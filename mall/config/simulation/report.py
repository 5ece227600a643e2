"""What a run of many seeds says: counts, what struck, what was never reached, and how to replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mall.config.simulation.fates import Asked, Told
from mall.config.simulation.forger import FORGERIES
from mall.config.simulation.misdeeds import MISDEEDS
from mall.config.simulation.stage import Outcome

# Faults every run of some hundred seeds must have met.
KINDS = frozenset(
    {
        *(str(fate) for fate in Asked if fate is not Asked.DELIVERED),
        *(str(fate) for fate in Told if fate is not Told.DELIVERED),
        *FORGERIES,
        *(fault for fault, _share, _rule in MISDEEDS),
        "bank down",
    }
)


@dataclass
class Tally:
    """The sums over many seeds."""

    seeds: int = 0
    orders: int = 0
    payments: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    edges: Counter[str] = field(default_factory=Counter)
    bad: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one seed in."""
        self.seeds += 1
        self.orders += outcome.orders
        self.payments += outcome.payments
        self.faults.update({str(kind): n for kind, n in outcome.faults.items() if n})
        self.crashes.update(outcome.crashes)
        self.steps.update(outcome.steps)
        self.edges.update(outcome.edges)
        if not outcome.is_good:
            self.bad.append(outcome)

    @property
    def missed(self) -> list[str]:
        """Name the kinds of fault that never struck."""
        return sorted(KINDS - set(self.faults))

    def lines(self) -> Iterator[str]:
        """Write the report."""
        faults, crashes = sum(self.faults.values()), sum(self.crashes.values())
        yield (
            f"{self.seeds} seeds, {self.orders} orders, {self.payments} payments,"
            f" {faults} faults, {crashes} crashes: {len(self.bad)} seeds with violations"
        )
        yield f"faults   {_counts(self.faults.items())}"
        yield f"crashes  {_counts(self.crashes.items())}"
        yield f"edges    {_counts(self.edges.items())}"
        if self.missed:
            yield f"never struck: {', '.join(self.missed)}"


def _counts(items: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(items))


def told(outcome: Outcome) -> Iterator[str]:
    """Tell one seed's story: its steps, what is wrong, and how to see it again."""
    yield f"seed {outcome.seed}"
    yield from outcome.trace
    yield from violations_of(outcome)


def violations_of(outcome: Outcome) -> Iterator[str]:
    """Say what is wrong with a seed and how to replay it alone."""
    for violation in outcome.violations:
        yield f"VIOLATION  {violation}"
    if outcome.violations:
        yield f"replay     manage.py simulate --seeds {outcome.seed} --trace"
