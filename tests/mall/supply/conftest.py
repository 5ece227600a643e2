"""An account at the acquirer that nobody talks to: orders are placed, their money is not moved."""

from __future__ import annotations

import pytest

from payments.models import AcquirerAccount
from tests.payments.desk import make_account


@pytest.fixture(autouse=True)
def account(db) -> AcquirerAccount:
    return make_account()
