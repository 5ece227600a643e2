"""Any day of a town, played by chance: whatever happens in it, stock, orders and books agree."""

from __future__ import annotations

import pytest
from django.conf import settings as rules
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from tests.mall.days.acts import GOODS, PICK, TOLD, Residents
from tests.mall.days.reckoning import broken, of_the_day, reckon
from tests.mall.days.town import Town
from tests.mall.days.work import Buyers, Clock, Counters


class Day(Residents, Buyers, Counters, Clock):
    """Neighbours, leaders, suppliers and the clock, in whatever order; three have bought already.

    After every step the rules of the day hold; at the end all of the house's, and the town's own
    reckoning.
    """

    checked = of_the_day()

    @initialize(first=GOODS, second=GOODS, third=GOODS, who=PICK)
    def begin(self, first: dict[str, int], second: dict[str, int], third, who: int) -> None:
        self.undo_everything = transaction.atomic()
        self.undo_everything.__enter__()
        self.town = Town()
        for n, wanted in enumerate((first, second, third)):
            assert self.buy(n, who + n, wanted)
        assert self.buy(0, who + 1, second)

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        try:
            reckon(self.town)
        finally:
            transaction.set_rollback(True)
            self.undo_everything.__exit__(None, None, None)

    @invariant()
    def rules_hold(self) -> None:
        if self.has_changed:
            self.has_changed = False
            assert broken(self.checked) == []


class CheckedDay(Day):
    """The same, with every rule of the house after every step."""

    checked = list(rules.LINLI_INVARIANTS)


def play(day: type[Day], *, days: int, steps: int, **how: object) -> None:
    """Play so many days; with ``derandomize`` the same ones every time."""
    TOLD.clear()
    run_state_machine_as_test(
        day,
        settings=settings(
            max_examples=days,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **how,
        ),
    )


@pytest.mark.django_db
def test_any_day_adds_up(acquirer):
    play(Day, days=3, steps=24, derandomize=True, phases=[Phase.generate])

    # These days were full: nothing below is proven by its absence.
    done = {"pay", "cancel", "edit", "send", "share out", "arrive", "weigh", "hand over"}
    assert done <= set(TOLD), sorted(done - set(TOLD))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.django_db
def test_many_days_add_up(acquirer, record_property):
    play(CheckedDay, days=200, steps=60)

    record_property("told", ", ".join(f"{what} {n}" for what, n in sorted(TOLD.items())))
