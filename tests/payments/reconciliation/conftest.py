"""A day at the paper bank: an account, payments of that day, and its statements."""

from __future__ import annotations

import pytest

from payments.acquiring.registry import forget_adapters
from payments.models import AcquirerAccount
from tests.payments.desk import make_account
from tests.payments.reconciliation.paperbank import DESK, Desk


@pytest.fixture
def bank(db, settings, tmp_path) -> Desk:
    """The paper bank with an empty desk, our account there, and a folder for what it sends."""
    settings.DATA_DIR = tmp_path
    settings.LINLI_ACQUIRER_ACCOUNT = "paper"
    for part in (DESK.papers, DESK.digests, DESK.empty, DESK.answers, DESK.asked):
        part.clear()
    make_account(code="paper", adapter="paper", settings={"fee_rate": "0.0038"})
    return DESK


@pytest.fixture
def account_with(bank):
    """Change what bills the paper bank offers us, or the rate of our contract."""

    def change(*kinds: str, fee_rate: str = "0.0038") -> None:
        AcquirerAccount.objects.filter(code="paper").update(
            settings={"fee_rate": fee_rate, "bill_kinds": list(kinds)}
        )
        forget_adapters()

    return change
