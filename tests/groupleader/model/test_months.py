"""Any months of four leaders, played by chance: C1 to C10 hold, the books and the bank agree."""

from __future__ import annotations

import pytest
from hypothesis import Phase

from tests.groupleader.model.acts import TOLD
from tests.groupleader.model.months import CheckedMonths, Months, play, play_winter
from tests.groupleader.model.ordinary import FULL


@pytest.mark.django_db
def test_an_ordinary_winter_adds_up_and_leaves_nothing_out(acquirer):
    play_winter(Months(), acquirer)

    assert set(TOLD) >= FULL, sorted(FULL - set(TOLD))


@pytest.mark.django_db
def test_any_months_add_up(acquirer):
    play(Months, acquirer, runs=2, steps=12, derandomize=True, phases=[Phase.generate])


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.django_db
def test_many_months_add_up(acquirer, record_property):
    play(CheckedMonths, acquirer, runs=200, steps=60)

    record_property("told", ", ".join(f"{what} {n}" for what, n in sorted(TOLD.items())))
    far = {"payout >unknown", "payout sent>succeeded", "payout succeeded>returned"}
    assert set(TOLD) >= far | {"statement paid>failed"}, sorted(far - set(TOLD))
