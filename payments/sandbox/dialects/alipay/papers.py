"""How Alipay writes: amounts in yuan, times of Beijing, states, refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from payments.sandbox.core.movements import SHANGHAI
from payments.sandbox.refusals import Refusal

_YUAN: Final = re.compile(r"(0|[1-9]\d{0,8})(?:\.(\d{1,2}))?", re.ASCII)
_NUMBER: Final = re.compile(r"[A-Za-z0-9_]{1,64}")
_TIME: Final = "%Y-%m-%d %H:%M:%S"

# The core's refusals about payments, refunds, splits and transfers, in Alipay's words.
TRADE_REASONS: Final[Mapping[str, str]] = {
    "ORDER_NOT_FOUND": "ACQ.TRADE_NOT_EXIST",
    "NUMBER_REUSED": "ACQ.CONTEXT_INCONSISTENT",
    "EXPIRES_AT_PASSED": "ACQ.INVALID_PARAMETER",
    "ORDER_PAID": "ACQ.TRADE_STATUS_ERROR",
    "AGREEMENT_NOT_ACTIVE": "ACQ.AGREEMENT_NOT_EXIST",
    "INSUFFICIENT_FUNDS": "ACQ.BUYER_BALANCE_NOT_ENOUGH",
}
REFUND_REASONS: Final[Mapping[str, str]] = {
    "ORDER_NOT_FOUND": "ACQ.TRADE_NOT_EXIST",
    "NUMBER_REUSED": "ACQ.DISCORDANT_REPEAT_REQUEST",
    "ORDER_NOT_PAID": "ACQ.TRADE_STATUS_ERROR",
    "REFUND_TOO_MUCH": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    "BALANCE_TOO_LOW": "ACQ.SELLER_BALANCE_NOT_ENOUGH",
}
SPLIT_REASONS: Final[Mapping[str, str]] = {
    "ORDER_NOT_FOUND": "ACQ.TRADE_NOT_EXIST",
    "NUMBER_REUSED": "ACQ.DISCORDANT_REPEAT_REQUEST",
    "ORDER_NOT_PAID": "ACQ.TRADE_STATUS_ERROR",
    "SHARING_ENDED": "ACQ.TRADE_SETTLE_ERROR",
    "SPLIT_TOO_MUCH": "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",
    "RECEIVER_NOT_FOUND": "ACQ.ROYALTY_RECEIVER_INVALID",
    "RECEIVERS_TOO_MANY": "ACQ.ROYALTY_RECEIVER_INVALID",
    "BALANCE_TOO_LOW": "ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH",
    "SPLIT_NOT_FOUND": "ACQ.SETTLE_NOT_EXIST",
}
TRANSFER_REASONS: Final[Mapping[str, str]] = {
    "NUMBER_REUSED": "PAYMENT_INFO_INCONSISTENCY",
    "BALANCE_TOO_LOW": "PAYER_BALANCE_NOT_ENOUGH",
    "TRANSFER_NOT_FOUND": "ORDER_NOT_EXIST",
}


class GatewayError(Exception):
    """The gateway says no: Alipay's code, its finer code, a sentence."""

    def __init__(self, code: str, sub_code: str, sub_msg: str = "") -> None:
        """Carry what is answered."""
        super().__init__(f"{code} {sub_code}")
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg or sub_code

    @classmethod
    def of(cls, refusal: Refusal, reasons: Mapping[str, str]) -> GatewayError:
        """Say the core's refusal as Alipay would."""
        return cls("40004", reasons.get(refusal.code, "ACQ.INVALID_PARAMETER"), refusal.message)


def business(sub_code: str, sub_msg: str = "") -> GatewayError:
    """Refuse for a reason of the business."""
    return GatewayError("40004", sub_code, sub_msg)


def yuan(minor: int) -> str:
    """Write fen as yuan."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def fen(paper: Mapping[str, Any], name: str) -> int:
    """Read yuan, more than nothing; GatewayError."""
    text = paper.get(name)
    found = _YUAN.fullmatch(text) if isinstance(text, str) else None
    minor = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if minor <= 0:
        raise business("ACQ.INVALID_PARAMETER", f"{name} is no amount")
    return minor


def text(paper: Mapping[str, Any], name: str, *, length_max: int = 256, default: str = "") -> str:
    """Read a text; GatewayError."""
    value = paper.get(name, default)
    if not isinstance(value, str) or len(value) > length_max or not value.isprintable():
        raise business("ACQ.INVALID_PARAMETER", f"{name} is no text of {length_max} characters")
    return value


def number(paper: Mapping[str, Any], name: str) -> str:
    """Read a merchant's number: letters, digits and _; GatewayError."""
    value = text(paper, name, length_max=64)
    if not _NUMBER.fullmatch(value):
        raise business("ACQ.INVALID_PARAMETER", f"{name} is no number")
    return value


def beijing(at_ms: int | None) -> str:
    """Write an instant; "" for none."""
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(SHANGHAI).strftime(_TIME)


def instant_ms(value: str) -> int:
    """Read an instant of Beijing as milliseconds; GatewayError."""
    try:
        return int(datetime.strptime(value, _TIME).replace(tzinfo=SHANGHAI).timestamp() * 1000)
    except ValueError as error:
        raise business("ACQ.INVALID_PARAMETER", f"{value!r} is no time") from error
