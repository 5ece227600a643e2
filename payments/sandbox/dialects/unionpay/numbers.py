"""UnionPay's own numbers: the serial of 21 digits (queryId) each thing has, and instants."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from datetime import UTC, datetime
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import orders
from payments.sandbox.core.movements import SHANGHAI
from payments.sandbox.refusals import Refusal

_STAMP: Final = re.compile(r"[0-9]{14}")
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9]{8,40}")
# How far from the bank's clock the instant of a request may be.
_FRESH_MS: Final = 600_000


def query_id(core_no: str) -> str:
    """Return the 21 digits that always stand for one of the bank's own numbers."""
    return f"{int(hashlib.sha256(core_no.encode()).hexdigest(), 16) % 10**21:021d}"


def trace_no(core_no: str) -> str:
    """Return the six digits of a thing's trace."""
    return query_id(core_no)[-6:]


def trace_time(at_ms: int | None) -> str:
    """Write an instant as MMDDhhmmss of Shanghai."""
    return f"{_shanghai(now_ms() if at_ms is None else at_ms):%m%d%H%M%S}"


def stamp(at_ms: int) -> str:
    """Write an instant as YYYYMMDDhhmmss of Shanghai."""
    return f"{_shanghai(at_ms):%Y%m%d%H%M%S}"


def _shanghai(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(SHANGHAI)


def instant_ms(text: str) -> int:
    """Read YYYYMMDDhhmmss; Refusal 10."""
    if not _STAMP.fullmatch(text):
        raise Refusal("10", "报文格式错误[时间]")
    try:
        at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise Refusal("10", "报文格式错误[时间]") from error
    return int(at.timestamp() * 1000)


def order_id(fields: dict[str, str]) -> str:
    """Read orderId: 8 to 40 letters and digits; Refusal 10."""
    text = fields.get("orderId", "")
    if not _ORDER_ID.fullmatch(text):
        raise Refusal("10", "报文格式错误[orderId]")
    return text


def remember(connection: sqlite3.Connection, fields: dict[str, str]) -> None:
    """Keep what a number was first sent with.

    Refusal 12 for a number sent at another instant before; 10 where the instant is not now.
    """
    number, sent = order_id(fields), fields.get("txnTime", "")
    known = recall(connection, number)
    if known is not None:
        if known["txn_time"] != sent:
            raise Refusal("12", "重复交易")
        return
    if abs(instant_ms(sent) - now_ms()) > _FRESH_MS:
        raise Refusal("10", "报文格式错误[txnTime无效]")
    connection.execute(
        "INSERT INTO unionpay_messages (order_id, txn_time, txn_type, sub_type, biz_type)"
        " VALUES (?, ?, ?, ?, ?)",
        (number, sent, fields["txnType"], fields.get("txnSubType", ""), fields.get("bizType", "")),
    )


def recall(connection: sqlite3.Connection, number: str) -> sqlite3.Row | None:
    """Return what a number was first sent with."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM unionpay_messages WHERE order_id = ?", (number,)
    ).fetchone()
    return row


def order_of(connection: sqlite3.Connection, merchant_id: str, serial: str) -> sqlite3.Row:
    """Find the paid order a serial (queryId) stands for; Refusal 35."""
    rows = connection.execute(
        "SELECT our_no, acquirer_no FROM orders WHERE merchant_id = ? AND status = 'SUCCESS'"
        " UNION ALL SELECT o.our_no, f.acquirer_no FROM further_payments f"
        " JOIN orders o ON o.id = f.order_id WHERE o.merchant_id = ?",
        (merchant_id, merchant_id),
    )
    for row in rows:
        if query_id(row["acquirer_no"]) == serial:
            return orders.by_number(connection, merchant_id, row["our_no"])
    raise Refusal("35", "原交易不存在或状态不正确")
