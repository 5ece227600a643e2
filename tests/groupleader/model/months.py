"""Months of four leaders as a machine that plays them, everything looked at after every step."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings as rules
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from tests.acquirer import SandboxAcquirer
from tests.groupleader.model.accounts import Accounts
from tests.groupleader.model.acts import PICK, TOLD, VALUES, Neighbours
from tests.groupleader.model.comparing import Comparison
from tests.groupleader.model.desk import Parties, Payers
from tests.groupleader.model.ordinary import WINTER
from tests.groupleader.model.papers import AWARD, AWARD_ORDERS, FEE
from tests.groupleader.model.seasons import Clock, Seasons
from tests.groupleader.model.village import Village
from tests.mall.days.reckoning import broken

LEADERS = ("groupleader.invariants.check",)
BOOKS = ("groupleader.invariants.check", "payments.invariants.check")
# As the operator of this village has agreed with its leaders.
AGREED = {
    "LINLI_REFERRAL_SHARES": (Decimal("0.05"),),
    "LINLI_REFERRAL_AWARD_MINOR": AWARD,
    "LINLI_REFERRAL_AWARD_ORDERS": AWARD_ORDERS,
    "LINLI_TRANSFER_FEE_MINOR": FEE,
    "LINLI_IN_TRANSIT_DAYS": 10_000,  # nobody hurries here
}


class Months(Seasons, Neighbours, Clock, Parties, Payers, Accounts):
    """Whatever happens, in whatever order; after every step everything is looked at."""

    acquirer: SandboxAcquirer
    checked: tuple[str, ...] = LEADERS

    @initialize(first=VALUES, second=VALUES, who=PICK)
    def begin(self, first: list[int], second: list[int], who: int) -> None:
        self.agreed = override_settings(**AGREED)
        self.agreed.enable()
        self.undo_everything = transaction.atomic()
        # It stands for the test's own wrapper: inside it the acquirer may be called.
        self.undo_everything._from_testcase = True
        self.undo_everything.__enter__()
        self.village = Village(self.acquirer)
        self.comparison = Comparison(self.village)
        self.whole_order(who, first, True)
        self.whole_order(who + 1, second, False)
        self.time_passes(24 * 17)
        self.statements_are_cut()

    def teardown(self) -> None:
        if not hasattr(self, "comparison"):
            return
        try:
            self.village.bank_works()
            self.bank_answers()
            self.looked_at()
            self.comparison.with_the_bank()
            assert broken(BOOKS) == []
        finally:
            transaction.set_rollback(True)
            self.undo_everything.__exit__(None, None, None)
            self.agreed.disable()

    @invariant()
    def looked_at(self) -> None:
        if self.has_changed:
            self.has_changed = False
            self.comparison.after_a_step()
            assert broken(self.checked) == []


class CheckedMonths(Months):
    """The same, with every rule of the house after every step."""

    checked = tuple(rules.LINLI_INVARIANTS)


def play(
    months: type[Months], acquirer: SandboxAcquirer, *, runs: int, steps: int, **how: Any
) -> None:
    """Play so many runs; with ``derandomize`` the same ones every time."""
    TOLD.clear()
    months.acquirer = acquirer
    run_state_machine_as_test(
        months,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **how,
        ),
    )


def play_winter(months: Months, acquirer: SandboxAcquirer) -> None:
    """Play the ordinary winter, everything looked at after every step."""
    TOLD.clear()
    months.acquirer = acquirer
    months.begin(first=[20_800, 7_654_321], second=[999_999], who=0)
    try:
        for act, how in WINTER:
            getattr(months, act)(**how)
            months.looked_at()
    finally:
        months.teardown()
