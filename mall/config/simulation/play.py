"""One play: everybody acts by the seed's chance, things break; then all heals and comes to rest."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.utils.module_loading import import_string

from mall.config.runner import all_jobs
from mall.config.simulation import dues, misdeeds, town, verdict
from mall.config.simulation.bank import PlayedBank
from mall.config.simulation.chance import weighted
from mall.config.simulation.clock import VirtualClock
from mall.config.simulation.crashes import Crashes
from mall.config.simulation.desk import Desk
from mall.config.simulation.door import Door
from mall.config.simulation.forger import Forger
from mall.config.simulation.network import Ends, Network
from mall.config.simulation.residents import Resident
from mall.config.simulation.sharing import Treasurer
from mall.config.simulation.staff import Counter, Finance
from mall.config.simulation.trace import Trace
from payments.api import Job, business_date

ORDERS: Final = 8
REST_WITHIN: Final = timedelta(hours=48)
# Bills are read in every third play from the first day on: they cost as much as all the rest.
BILLS_EVERY: Final = 3
STORY: Final = timedelta(hours=75)
_ROUNDS_MAX: Final = 2000
_DEPTH_MAX: Final = 2
# What else happens between two people's steps.
BETWEEN: Final = {"person": 48, "job": 28, "notice": 18, "clerk": 6}
# Jobs that touch no money are left at home.
IDLE: Final = frozenset(
    {"worker.heartbeat", "mall.index_goods", "mall.forget_codes", "mall.begin_offers"}
)
# Jobs that look at whole days run now and then; the others between any two steps.
DAILY: Final = frozenset(
    {
        "payments.seal_days",
        "payments.fetch_bills",
        "payments.read_bills",
        "payments.ask_about_differences",
        "payments.settle_silent_payments",
        "payments.close_bills",
        "groupleader.cut_statements",
        "groupleader.confirm_silent",
    }
)


@dataclass(order=True)
class _Turn:
    """Somebody's next turn."""

    at: datetime
    number: int
    who: str = field(compare=False)
    act: Callable[[], float | None] = field(compare=False)


class Play:
    """The people, the jobs, the bank and the net of one seed."""

    def __init__(self, seed: int, *, bank: PlayedBank, clock: VirtualClock, orders: int) -> None:
        """Set the stage; nothing has happened yet."""
        self._dice = Random(f"{seed}:play")  # noqa: S311 - it must be repeatable
        self.clock = clock
        self.trace = Trace(clock)
        self.bank = bank
        self.crashes = Crashes(Random(f"{seed}:crashes"), self.trace)  # noqa: S311
        self.network = Network(
            Random(f"{seed}:net"),  # noqa: S311
            clock=clock,
            trace=self.trace,
            crashes=self.crashes,
        )
        self.network.ends = Ends(bank.serve, Door(self.crashes, self.trace).hear, self._meanwhile)
        at_work = [job for job in all_jobs() if job.name not in IDLE]
        self._jobs = [job for job in at_work if job.name not in DAILY]
        self._daily = [job for job in at_work if job.name in DAILY]
        self._numbers = itertools.count()
        self._turns: list[_Turn] = []
        self._depth = 0
        self._desk = Desk(Random(f"{seed}:desk"), self.trace)  # noqa: S311
        lies = Random(f"{seed}:lies")  # noqa: S311
        self.forger = Forger(self.network, clock, lies, self.trace)
        bank.while_waiting = self._while_the_bank_waits
        people = Random(f"{seed}:people")  # noqa: S311
        misdeeds.agree_on(bank, people)
        self._reads_bills = seed % BILLS_EVERY == 0
        self._invite(people, town.find(), orders)

    # --- the bad days ----------------------------------------------------------------------

    def run(self) -> None:
        """Let everybody act while the net is bad and processes die, until nobody has a turn."""
        self.network.is_bad = self.crashes.armed = True
        while self._turns:
            self._take_some_turn()
        self.network.is_bad = self.crashes.armed = False

    def rest(self) -> bool:
        """Heal everything and let jobs and people finish; say whether all came to rest in time."""
        for fault, times in self.bank.struck().items():
            self.trace.faults[fault] += times
        self.bank.behave()
        until, last_day = self.clock.now() + REST_WITHIN, business_date()
        for _ in range(_ROUNDS_MAX):
            self._one_round()
            due = dues.next_due(self.bank, self.network, self.clock)
            if due is None:
                if self._desk.clear() or self._read_bills() or self._turns_to_bills():
                    continue
                due = dues.next_bill(last_day) if self._reads_bills else None
            if due is None:
                return True
            if due > until:
                return False
            self.clock.until(max(due, self.clock.now() + timedelta(seconds=1)))
        return False

    def _turns_to_bills(self) -> bool:
        """Begin to read bills where something is left that only they can tell."""
        if self._reads_bills or not verdict.differences(self.bank):
            return False
        self._reads_bills = True
        return True

    # --- turns ----------------------------------------------------------------------------

    def _invite(self, dice: Random, people: town.Town, orders: int) -> None:
        for number in range(1, orders + 1):
            resident = Resident(
                person=dice.choice(people.residents),
                group=dice.choice(people.groups),
                bank=self.bank,
                dice=Random(f"{dice.random()}"),  # noqa: S311
                trace=self.trace,
                name=f"resident {number}",
            )
            self._expect(resident.name, dice.uniform(0, 3600), resident.visit)
        for number, group in enumerate(people.groups, start=1):
            counter = Counter(group, Random(f"{dice.random()}"), self.trace, f"leader {number}")  # noqa: S311
            self._expect(counter.name, town.OPEN_FOR.total_seconds() + 2000, counter.visit)
        admin, other = people.staff
        finance = Finance((admin, other), dice, self.trace)
        self._expect(finance.name, 60 * 3600, finance.visit)
        self._expect(self._desk.name, 2 * 3600, self._desk.visit)
        treasurer = Treasurer(Random(f"{dice.random()}"), self.trace)  # noqa: S311
        self._expect(treasurer.name, 10 * 3600, treasurer.visit)
        self._expect(self.forger.name, 2000, self.forger.visit)
        self._expect("the day", 11 * 3600, self._do_daily)
        for _ in range(dice.choice((0, 0, 1, 2))):
            self._expect("the bank", dice.uniform(0, 30 * 3600), self._go_down)

    def _go_down(self) -> None:
        hours = self._dice.choice((0.2, 1, 6))
        self.trace.tell("the bank", f"is down for {hours} hours")
        self.network.down_until = self.clock.now() + timedelta(hours=hours)

    def _expect(self, who: str, seconds: float, act: Callable[[], float | None]) -> None:
        at = self.clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._turns, _Turn(at, next(self._numbers), who, act))

    def _take_some_turn(self) -> None:
        self.clock.forward(self._dice.uniform(0.01, 2))
        what = weighted(self._dice, BETWEEN)
        if what == "job":
            self._do_job(self._dice.choice(self._jobs))
        elif what == "notice":
            self._deliver_some_notice()
        elif what == "clerk":
            self.bank.keep_books()
        else:
            self._next_person()

    def _next_person(self) -> None:
        if self.network.arrive_next() or not self._turns:
            return
        turn = heapq.heappop(self._turns)
        self.clock.until(turn.at)
        pause = self.crashes.survive(turn.act, died=self._dice.uniform(5, 60))
        if pause is not None:
            self._expect(turn.who, pause, turn.act)

    def _meanwhile(self) -> None:
        """Let others act while somebody waits for an answer."""
        if self._depth >= _DEPTH_MAX or not self.network.is_bad:
            return
        self._depth += 1
        try:
            for _ in range(self._dice.randint(0, 3)):
                self._take_some_turn()
        finally:
            self._depth -= 1

    def _while_the_bank_waits(self, seconds: float) -> None:
        """Let the bank's notices go out while it keeps an answer back."""
        self.clock.forward(seconds)
        if self._depth < _DEPTH_MAX:
            self._depth += 1
            try:
                self._deliver_some_notice()
            finally:
                self._depth -= 1

    def _do_job(self, job: Job, limit: int = 20) -> dict[str, int]:
        function: Callable[[int], dict[str, int]] = import_string(job.function)
        counts = self.crashes.survive(lambda: function(limit), died={"died": 1})
        if any(counts.values()):
            said = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count)
            self.trace.step("job", f"{job.name}: {said}")
        return counts

    def _deliver_some_notice(self) -> None:
        due = self.bank.notifier.due()
        if due:
            notice = self._dice.choice(due)
            self.trace.step("notice", f"{notice['event_type']} {notice['business_no']}")
            self.bank.notifier.deliver(notice)

    def _read_bills(self) -> int:
        """Compare with what the bank's bills say; return how much came of it."""
        if not self._reads_bills:
            return 0
        done = {job.name: self._do_job(job, limit=200) for job in self._daily}
        # Looking for bills goes on for ever: new days come, old ones may be issued anew.
        done.pop("payments.fetch_bills", None)
        return sum(sum(counts.values()) for counts in done.values())

    def _do_daily(self) -> float | None:
        for job in self._daily if self._reads_bills else ():
            self._do_job(job)
        return 12 * 3600.0 if self.clock.now() < town.BEGINS_AT + STORY else None

    def _one_round(self) -> None:
        while self.network.arrive_next():
            pass
        self.bank.keep_books()
        for notice in self.bank.notifier.due():
            self.bank.notifier.deliver(notice)
        for job in self._jobs:
            self._do_job(job, limit=200)
