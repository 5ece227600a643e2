"""Whole days can find what is wrong: a mall without one care is caught by them."""

from __future__ import annotations

import pytest
from hypothesis import Phase

from tests.mall.days.careless import CARELESS, cancelling_keeps_the_goods
from tests.mall.days.test_whole_days import Day, play

pytestmark = pytest.mark.django_db


def caught_by(careless, patch, *, days: int) -> bool:
    careless(patch)
    try:
        play(Day, days=days, steps=30, derandomize=True, phases=[Phase.generate])
    except Exception:  # noqa: BLE001 - a rule, a constraint or the town's reckoning: all count
        return True
    return False


def test_carelessness_is_caught(acquirer, monkeypatch):
    assert caught_by(cancelling_keeps_the_goods, monkeypatch.setattr, days=3)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("careless", CARELESS, ids=lambda careless: careless.__name__)
def test_every_carelessness_is_caught(acquirer, monkeypatch, careless):
    caught = caught_by(careless, monkeypatch.setattr, days=60)
    assert caught, f"{careless.__doc__} Nobody noticed in 60 days."
