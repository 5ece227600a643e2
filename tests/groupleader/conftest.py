"""Where leaders are paid for real, the operator has put money into the bank account."""

from __future__ import annotations

import pytest

from tests.funds import put_in_own_funds


@pytest.fixture(autouse=True)
def _funded(request: pytest.FixtureRequest) -> None:
    """Open the books with own funds in every test that has the acquirer."""
    if "acquirer" in request.fixturenames:
        request.getfixturevalue("acquirer")
        put_in_own_funds()
