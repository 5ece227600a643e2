"""The simulation can find what is wrong: payment code without one care is caught within seeds."""

from __future__ import annotations

import pytest

from tests.faults.careless import CARELESS

SEEDS = range(1, 61)


@pytest.mark.parametrize("careless", CARELESS, ids=lambda careless: careless.__name__)
def test_carelessness_is_caught(stage, monkeypatch, careless):
    careless(monkeypatch.setattr)

    caught = next((seed for seed in SEEDS if not stage.play(seed).is_good), None)

    assert caught is not None, f"{careless.__doc__} Nobody noticed in {len(SEEDS)} seeds."
    print(f"{careless.__name__}: caught by seed {caught}")
