"""GET /v1/bills: whether a day's bill is there, and the bill itself, streamed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Final

from flask import Blueprint, Response, g, request

from payments.sandbox.core import bill_files, bills
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.bills import Wish
from payments.sandbox.refusals import Refusal
from payments.sandbox.signatures import as_json

_CHUNK_BYTES: Final = 262_144


def bill_routes(api: Blueprint, bank: Bank) -> None:
    """Add the bills to the merchants' API."""

    @api.get("/bills/<day>/readiness")
    def show_readiness(day: str) -> Response:
        wish = bills.read_wish(g.merchant_id, day=day, kind=request.args.get("kind", ""))
        facts = {"day": wish.day_text, "kind": wish.kind, **_readiness(bank, wish)}
        return Response(as_json(facts), content_type="application/json; charset=utf-8")

    @api.get("/bills/<day>")
    def show_bill(day: str) -> Response:
        wish = bills.read_wish(g.merchant_id, day=day, kind=request.args.get("kind", ""))
        bill_files.refuse_absent(bank, wish)
        return _sent(bank, wish)


def _readiness(bank: Bank, wish: Wish) -> dict[str, object]:
    try:
        bill_files.refuse_absent(bank, wish)
    except Refusal as refusal:
        if refusal.code not in {"BILL_NOT_READY", "BILL_EMPTY"}:
            raise
        state = refusal.code.removeprefix("BILL_")
        return {"bill_state": state, "retry_at": refusal.detail.get("retry_at")}
    return {"bill_state": "READY", "retry_at": None}


def _sent(bank: Bank, wish: Wish) -> Response:
    """Send a bill from a nameless file: its digest is signed before its first byte leaves."""
    file = tempfile.TemporaryFile(dir=bank.settings.data)  # noqa: SIM115 - closed with the answer
    made = bill_files.make(bank, wish, file)
    sent = Response(_chunks(file), content_type="text/csv")
    sent.call_on_close(file.close)
    sent.headers["Content-Length"] = str(made.byte_count)
    sent.headers["Sandbox-Bill-Digest"] = f"SHA-256={made.declared_sha256}"
    sent.headers["Sandbox-Bill-Lines"] = str(made.line_count)
    g.body_sha256 = made.sha256
    return sent


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
