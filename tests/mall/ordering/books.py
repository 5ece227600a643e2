"""After every story the books must agree, whatever happened in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mall.ordering import invariants
from payments import invariants as money


@pytest.fixture
def books_agree(db) -> Iterator[None]:
    """Check every rule of orders and of money when the test is over."""
    yield
    found = [*invariants.check(), *money.check()]
    wrong = [violation for result in found for violation in result.violations]
    assert wrong == [], wrong
