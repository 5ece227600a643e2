"""Which of the bank's notices UnionPay tells, and in which fields."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Any

from payments.sandbox.core import agreements
from payments.sandbox.dialects.unionpay import numbers, opened
from payments.sandbox.dialects.unionpay.wire import Fields


def written(
    connection: sqlite3.Connection, content: dict[str, Any], seals: opened.Seals
) -> Fields | None:
    """Write a notice's fields; None for what UnionPay tells nobody of."""
    view, event = content["resource"], content["event_type"]
    if event == "payment.succeeded":
        told = opened.told_of(view, view["acquirer_no"], moment=view["paid_at"])
        return _of_number(connection, view["our_no"], told)
    if event == "refund.succeeded":
        told = opened.told_of(view, view["acquirer_refund_no"], moment=view["refunded_at"])
        return _of_number(connection, view["refund_no"], told)
    if event == "agreement.signed":
        number = view["agreement_no"]
        row = agreements.by_number(connection, view["merchant_id"], number)
        return _of_number(connection, number, seals.of_agreement(connection, row))
    return None


def _of_number(connection: sqlite3.Connection, number: str, told: Fields) -> Fields | None:
    sent = numbers.recall(connection, number)
    if sent is None:
        return None
    return {
        "orderId": number,
        "txnTime": sent["txn_time"],
        "txnType": sent["txn_type"],
        "txnSubType": sent["sub_type"],
        "bizType": sent["biz_type"],
        **told,
    }


def long_ago(stamp: str) -> str:
    """Write the same instant of the year before."""
    at = datetime.strptime(stamp, "%Y%m%d%H%M%S") - timedelta(days=365)  # noqa: DTZ007
    return f"{at:%Y%m%d%H%M%S}"
