"""A list of our bank's bookings to try the upload with: what the acquirer paid out, and rent."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.apps import apps
from django.conf import settings

NAME: Final = "bank-statement.csv"
_COLUMNS: Final = ("交易日期", "流水号", "收入", "支出", "对方户名", "摘要")


def write_bank_statement() -> None:
    """Write the file beside the demo's welcome; the newest batch is still on its way."""
    batches = list(apps.get_model("reconciliation.SettlementBatch").objects.order_by("day"))[:-1]
    with (settings.DATA_DIR / NAME).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for number, batch in enumerate(batches, 1):
            day = batch.day + timedelta(days=1)
            amount = Decimal(batch.net_minor).scaleb(-2)
            sides = (amount, "") if amount >= 0 else ("", -amount)
            name, memo = "沙箱银行备付金", f"结算 {batch.batch_no}"
            writer.writerow([day, f"R{day:%Y%m%d}{number:04d}", *sides, name, memo])
        if batches:
            day = batches[-1].day
            writer.writerow([day, f"R{day:%Y%m%d}9001", "", "1800.00", "幸福里物业", "房租"])
