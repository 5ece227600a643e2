"""Whole days can find what is wrong: a mall without one care is caught by them."""

from __future__ import annotations

import pytest

from tests.mall.days.careless import CARELESS
from tests.mall.days.test_whole_days import Day, play_ordinary

pytestmark = pytest.mark.django_db
NIGHTLY = pytest.mark.nightly


@pytest.mark.parametrize(
    "careless",
    [pytest.param(each, marks=[NIGHTLY] if n > 1 else []) for n, each in enumerate(CARELESS)],
    ids=lambda careless: careless.__name__,
)
def test_carelessness_is_caught(acquirer, monkeypatch, careless):
    careless(monkeypatch.setattr)

    # By a rule, a constraint of the database or the town's own reckoning: whichever comes first.
    with pytest.raises(Exception) as caught:  # noqa: PT011
        play_ordinary(Day())

    assert not isinstance(caught.value, (AttributeError, NameError, TypeError))
    print(f"{careless.__name__}: {str(caught.value)[:200]}")
