"""The months can find what is wrong: a careless shop is caught by the accountant alone."""

from __future__ import annotations

import pytest

from tests.groupleader.model.careless import CARELESS
from tests.groupleader.model.months import Months, play_winter

pytestmark = pytest.mark.django_db
NIGHTLY = pytest.mark.nightly


class UncheckedMonths(Months):
    """The accountant and the bank alone: none of the product's own rules is asked."""

    checked = ()


@pytest.mark.parametrize(
    "careless",
    [pytest.param(each, marks=[NIGHTLY] if n > 0 else []) for n, each in enumerate(CARELESS)],
    ids=lambda careless: careless.__name__,
)
def test_carelessness_is_caught(acquirer, monkeypatch, careless):
    careless(monkeypatch.setattr)

    with pytest.raises(AssertionError) as caught:
        play_winter(UncheckedMonths(), acquirer)

    print(f"{careless.__name__}: {str(caught.value)[:200]}")
