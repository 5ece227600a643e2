"""A month at the bank's side: an account, discounts of that month, a claim of them."""

from __future__ import annotations

import pytest

from payments.models import AcquirerAccount
from tests.payments.desk import Shop, make_account


@pytest.fixture
def account(db, settings) -> AcquirerAccount:
    """An account at an acquirer that is not running, and a shop that wants its money."""
    settings.LINLI_PAYABLE = "tests.payments.desk.Shop"
    Shop.closed = set()
    return make_account()
