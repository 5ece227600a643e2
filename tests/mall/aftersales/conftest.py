"""Every story of a case ends with books that agree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mall.aftersales import invariants
from mall.ordering import invariants as orders
from payments import invariants as money


@pytest.fixture(autouse=True)
def _account(db, acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def books_agree(db) -> Iterator[None]:
    """Check every rule of cases, orders and money when the test is over."""
    yield
    found = [*invariants.check(), *orders.check(), *money.check()]
    wrong = [violation for result in found for violation in result.violations]
    assert wrong == [], wrong
