"""What stands around every request: who asks, what rules do to it, how a refusal is said."""

from __future__ import annotations

import logging
import re
import sqlite3
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from payments.sandbox.core.bills import yuan
from payments.sandbox.dialects.ccb.saying import refused
from payments.sandbox.dialects.ccb.speech import fen
from payments.sandbox.dialects.ccb.wording import read_request
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import mishaps

if TYPE_CHECKING:
    from payments.sandbox.dialects.ccb.door import CcbDoor

logger = logging.getLogger(__name__)

_KINDS: Final = {
    **dict.fromkeys(("530550", "530590", "520100", "410408", "5W1002"), "pay"),
    **dict.fromkeys(("PAY100", "PAY101", "PAY102", "PAY103"), "pay"),
    **dict.fromkeys(("5W1003", "5W1004"), "refund"),
    **dict.fromkeys(("5W1005", "6W0111"), "bill"),
}
_AMOUNTS: Final = re.compile(
    rb"(<(?:AMOUNT|PAYMENT_MONEY|REFUNDEMENT_AMOUNT|TxnAmt)>|\"AMOUNT\": ?\")([0-9.]+)"
)
_SIGN: Final = re.compile(rb"(\"SIGN\": ?\")([0-9a-f])")


def guard(routes: Blueprint, door: CcbDoor) -> None:
    """Let the rules of misbehaviour act on every request, and say refusals as the bank does."""
    bank, manner = door.bank, Manner()

    @routes.before_request
    def begin() -> Response | None:
        g.said = read_request(request, door.pub)
        g.asked = _asked(door, g.said)
        return mishaps.before_execution(bank, request, g.asked) if g.asked else None

    @routes.after_request
    def end(response: Response) -> Response:
        bank.bell.set()
        asked = g.get("asked")
        if asked is None:
            return response
        left = mishaps.after_execution(bank, asked, response, manner=manner)
        return mishaps.after_signing(request, response, left, manner=manner)

    @routes.errorhandler(Refusal)
    def no(refusal: Refusal) -> Response:
        logger.info("ccb.refused path=%s code=%s", request.path, refusal.code)
        return refused(g.get("said") or {}, refusal)

    @routes.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return Response(error.name, status=error.code or 500)
        logger.error("ccb.broken path=%s", request.path, exc_info=error)
        return Response("system busy", status=500)


def _asked(door: CcbDoor, said: dict[str, str]) -> mishaps.Asked | None:
    code = said.get("TXCODE") or said.get("TX_CODE") or ""
    if code not in _KINDS:
        return None
    number = said.get("ORDERID") or said.get("ORDER") or said.get("BEGORDERID") or ""
    numbers = {number, said.get("REFUND_CODE", "")} - {""}
    return mishaps.Asked(
        route=f"{request.method} {code}",
        kind=_KINDS[code],
        numbers=frozenset(numbers),
        payment_no=number,
        merchant_id=door.merchant_id,
        opens_order=code in {"530550", "530590"},
    )


class Manner:
    """How this bank's answers are spoiled."""

    def fail(self, response: Response) -> None:
        """Answer 500."""
        response.status_code = 500
        mishaps.say_instead(response, b"system busy")

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change every amount it speaks of."""

        def more(match: re.Match[bytes]) -> bytes:
            return match[1] + yuan(fen(match[2].decode()) + minor).encode()

        mishaps.say_instead(response, _AMOUNTS.sub(more, response.get_data()))

    def speak_of_another(
        self, response: Response, asked: mishaps.Asked, other: sqlite3.Row | None
    ) -> None:
        """Name another order, or a made-up one."""
        instead = other["our_no"] if other is not None else f"OTHER{asked.payment_no[5:]}"
        said = response.get_data().replace(asked.payment_no.encode(), str(instead).encode())
        mishaps.say_instead(response, said)

    def spoil_signature(self, response: Response) -> None:
        """Change a digit of it; most of this bank's answers have none."""

        def other(match: re.Match[bytes]) -> bytes:
            return match[1] + (b"0" if match[2] != b"0" else b"1")

        mishaps.say_instead(response, _SIGN.sub(other, response.get_data()))
