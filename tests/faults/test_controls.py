"""The simulation can find what is wrong: payment code without one care is caught within seeds."""

from __future__ import annotations

import pytest

from tests.faults.careless import (
    CARELESS,
    a_new_number_for_every_try,
    closing_is_our_own_affair,
    silence_is_failure,
)

SEEDS = range(1, 61)
# Caught within a few plays; the others take a hundred and more.
SOON = {silence_is_failure, a_new_number_for_every_try, closing_is_our_own_affair}


@pytest.mark.parametrize(
    "careless",
    [
        pytest.param(
            careless, id=careless.__name__, marks=() if careless in SOON else pytest.mark.nightly
        )
        for careless in CARELESS
    ],
)
@pytest.mark.timeout(3600)
def test_carelessness_is_caught(stage, monkeypatch, careless):
    careless(monkeypatch.setattr)

    caught = next((seed for seed in SEEDS if not stage.play(seed).is_good), None)

    assert caught is not None, f"{careless.__doc__} Nobody noticed in {len(SEEDS)} seeds."
    print(f"{careless.__name__}: caught by seed {caught}")
