"""The core bank's refusals and instants in WeChat Pay's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Response

from payments.sandbox.core.movements import SHANGHAI
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer

# Their word for ours, and the status it comes with.
_REFUSALS: Final[Mapping[str, tuple[int, str]]] = {
    "SIGN_ERROR": (401, "SIGN_ERROR"),
    "PARAM_ERROR": (400, "PARAM_ERROR"),
    "NOTIFY_URL_NOT_ALLOWED": (400, "PARAM_ERROR"),
    "ORDER_NOT_FOUND": (404, "ORDER_NOT_EXIST"),
    "NUMBER_REUSED": (400, "INVALID_REQUEST"),
    "OUT_TRADE_NO_USED": (403, "OUT_TRADE_NO_USED"),
    "ALREADY_EXISTS": (400, "ALREADY_EXISTS"),
    "ORDER_PAID": (400, "ORDERPAID"),
    "ORDER_CLOSED": (400, "ORDER_CLOSED"),
    "EXPIRES_AT_PASSED": (400, "INVALID_REQUEST"),
    "ORDER_NOT_PAID": (400, "INVALID_REQUEST"),
    "REFUND_TOO_MUCH": (400, "INVALID_REQUEST"),
    "REFUND_NOT_FOUND": (404, "RESOURCE_NOT_EXISTS"),
    "RESOURCE_NOT_EXISTS": (404, "RESOURCE_NOT_EXISTS"),
    "BALANCE_TOO_LOW": (403, "NOT_ENOUGH"),
    "SPLIT_TOO_MUCH": (403, "NOT_ENOUGH"),
    "RETURN_TOO_MUCH": (403, "NOT_ENOUGH"),
    "SHARE_NOT_PAID": (404, "RESOURCE_NOT_EXISTS"),
    "SPLIT_NOT_FOUND": (404, "RESOURCE_NOT_EXISTS"),
    "RETURN_NOT_FOUND": (404, "RESOURCE_NOT_EXISTS"),
    "TRANSFER_NOT_FOUND": (404, "NOT_FOUND"),
    "BILL_EMPTY": (400, "NO_STATEMENT_EXIST"),
    "BILL_NOT_READY": (400, "STATEMENT_CREATING"),
    "SYSTEM_ERROR": (500, "SYSTEM_ERROR"),
}


def refusal_answer(refusal: Refusal) -> Response:
    """Write a refusal; what has no word of its own is an invalid request."""
    status, code = _REFUSALS.get(refusal.code, (400, "INVALID_REQUEST"))
    return answer({"code": code, "message": refusal.message}, status)


def moment(text: object) -> str:
    """Write an instant of the core's (…Z) as APIv3 does: Shanghai time, whole seconds."""
    at = datetime.fromisoformat(str(text))
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def moment_of(at_ms: int) -> str:
    """Write milliseconds since 1970 UTC likewise."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
