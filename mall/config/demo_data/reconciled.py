"""The demo's bills: the past days are fetched, compared and closed; some have differences."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.core.management import call_command

from mall.config.demo_data import bank_desk
from mall.config.demo_data.bank_statement import write_bank_statement
from payments.api import business_date

# As far back as bills are expected (LINLI_RECON_DAYS_BACK).
_DAYS: Final = 7
# What is wrong with the bill of payments of which day: how many days ago, how, and in what.
_FAULTS: Final[tuple[tuple[int, str, dict[str, Any]], ...]] = (
    (2, "wrong_amount", {"line": 2, "delta_minor": -300}),
    (2, "extra_line", {"line": 4, "amount_minor": 2680}),
    (3, "omit_line", {"line": 3}),
    (5, "wrong_fee", {"line": 1, "delta_minor": 12}),
)


def reconcile_past() -> None:
    """Reconcile the past days once, through the same steps as every morning."""
    if apps.get_model("reconciliation.Bill").objects.exists():
        return
    today = business_date()
    for days in range(_DAYS, 0, -1):
        bank_desk.settle(today - timedelta(days=days))
    for days, fault, details in _FAULTS:
        day = today - timedelta(days=days)
        bank_desk.spoil_bill(day, kind="trade", fault=fault, details=details)
    call_command("reconcile", stdout=io.StringIO())
    write_bank_statement()
