"""After every story of vouchers its rules must hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mall.vouchers import invariants


@pytest.fixture
def vouchers_agree(db) -> Iterator[None]:
    """Check V1 to V7 when the test is over."""
    yield
    assert [each for result in invariants.check() for each in result.violations] == []
