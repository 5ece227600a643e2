"""Empty books are in order, and every rule says what it is."""

from __future__ import annotations

import pytest

from payments.invariants import check

pytestmark = pytest.mark.django_db


def test_empty_books_are_in_order():
    results = check()

    assert [v for result in results for v in result.violations] == []
    assert len(results) >= 45
    assert len({result.name for result in results}) == len(results)
