"""Any day of a town, played by chance: whatever happens in it, stock, orders and books agree."""

from __future__ import annotations

import pytest
from django.conf import settings as rules
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from mall.aftersales.deciding import accept_offer
from tests.mall.days.acts import GOODS, PICK, TOLD, Residents
from tests.mall.days.reckoning import broken, of_the_day, reckon
from tests.mall.days.town import CORN, EGGS, FISH, Town
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


# A day as most are: everything that can happen happens once.
ORDINARY = (
    ("order", {"group": 0, "who": 2, "wanted": {CORN: 6, EGGS: 3, FISH: 2}, "spare": 3}),
    ("order", {"group": 1, "who": 3, "wanted": {CORN: 1, EGGS: 2}, "spare": 0}),
    ("order_and_put_off", {"group": 0, "who": 3, "wanted": {FISH: 1}}),
    ("pay_late", {"pick": 0, "twice": True}),
    ("edit", {"pick": 0, "left": 1, "twice": True}),
    ("cancel", {"pick": 1}),
    ("the_bank_gives_back", {}),
    ("cut_off", {"pick": 0}),
    ("send_purchase_orders", {}),
    ("supplier_is_short", {"pick": 0, "which": 0, "missing": 2}),
    ("arrive", {"pick": 0, "missing": 1, "twice": True}),
    ("weigh", {"pick": 0, "grams": 920, "piece": 0}),
    ("weigh", {"pick": 0, "grams": 900, "piece": 0}),
    ("hand_over_a_part", {"pick": 0, "which": 0, "twice": True}),
    ("hand_over_a_part", {"pick": 0, "which": 0, "twice": False}),
    ("hand_over", {"pick": 0, "twice": True}),
    ("undo", {"pick": 0}),
    ("hand_over", {"pick": 0, "twice": False}),
    ("complain", {"pick": 1, "which": 1, "quantity": 0, "minor": 400}),
    ("decide", {"pick": 0, "what": "offer"}),
    ("answer_an_offer", {"pick": 0, "what": accept_offer}),
    ("complain", {"pick": 0, "which": 1, "quantity": 1, "minor": 1}),
    ("decide", {"pick": 0, "what": "reject"}),
    ("appeal", {"pick": 0}),
    ("the_mall_decides", {"pick": 0, "yes": True, "bearer": "supplier"}),
    ("the_bank_gives_back", {}),
    ("time_passes", {"hours": 12}),
    ("time_passes", {"hours": 24 * 8}),
)
# What it must have done, or it proves nothing.
FULL = {"order", "pay", "put off", "pay late", "edit", "cancel", "send", "share out", "arrive"}
FULL |= {"weigh", "hand over", "hand over a part", "undo", "complain", "offer", "accept_offer"}
FULL |= {"reject", "appeal", "the mall approves"}


def play_ordinary(day: Day) -> None:
    """Play the ordinary day, the rules held up to every step."""
    TOLD.clear()
    day.begin(first={CORN: 4, EGGS: 2, FISH: 1}, second={CORN: 2, EGGS: 1}, third={CORN: 3}, who=0)
    try:
        for act, how in ORDINARY:
            getattr(day, act)(**how)
            day.rules_hold()
    finally:
        day.teardown()


@pytest.mark.django_db
def test_an_ordinary_day_adds_up(acquirer):
    play_ordinary(Day())

    assert set(TOLD) >= FULL, sorted(FULL - set(TOLD))


@pytest.mark.django_db
def test_any_day_adds_up(acquirer):
    play(Day, days=2, steps=15, derandomize=True, phases=[Phase.generate])


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.django_db
def test_many_days_add_up(acquirer, record_property):
    play(CheckedDay, days=200, steps=60)

    record_property("told", ", ".join(f"{what} {n}" for what, n in sorted(TOLD.items())))
    assert set(TOLD) >= FULL, sorted(FULL - set(TOLD))
