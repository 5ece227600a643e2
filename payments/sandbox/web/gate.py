"""The gate of the API: who asks is proven before anything is read; every answer is signed."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from typing import Final

from flask import Request, Response, g

from payments.sandbox.clock import now_ms, real_ms
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.signatures import digest_to_sign, is_signed, sign, text_to_sign

FRESH_SECONDS: Final = 300
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


def target_of(request: Request) -> str:
    """Return path and query exactly as they were asked for."""
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query else request.path


def admit(request: Request, bank: Bank) -> str:
    """Check serial, freshness, signature and nonce; return the merchant's id.

    Refusals (401): MERCHANT_UNKNOWN, STALE_REQUEST, SIGN_ERROR, NONCE_REUSED.
    """
    merchant_id = request.headers.get("Sandbox-Merchant", "")
    serial = request.headers.get("Sandbox-Serial", "")
    stamp = request.headers.get("Sandbox-Timestamp", "")
    nonce = request.headers.get("Sandbox-Nonce", "")
    key = bank.keys.merchant_for(serial)
    if merchant_id != bank.settings.merchant_id or key is None:
        raise Refusal("MERCHANT_UNKNOWN", "no such merchant or key", status=401)
    is_fresh = stamp.isdecimal() and abs(real_ms() / 1000 - int(stamp)) <= FRESH_SECONDS
    if not is_fresh:
        raise Refusal("STALE_REQUEST", "the timestamp is not within 300 seconds", status=401)
    message = text_to_sign(
        request.method, target_of(request), stamp, nonce, body=request.get_data()
    )
    signature = request.headers.get("Sandbox-Signature", "")
    if not _NONCE.fullmatch(nonce) or not is_signed(key, message, signature):
        raise Refusal("SIGN_ERROR", "the signature does not fit", status=401)
    _use_nonce(bank, merchant_id, nonce)
    return merchant_id


def _use_nonce(bank: Bank, merchant_id: str, nonce: str) -> None:
    try:
        with bank.books.writing() as connection:
            connection.execute(
                "INSERT INTO nonces (merchant_id, nonce, at_ms) VALUES (?, ?, ?)",
                (merchant_id, nonce, now_ms()),
            )
    except sqlite3.IntegrityError as error:
        raise Refusal("NONCE_REUSED", "this nonce was used before", status=401) from error


def seal_answer(request: Request, response: Response, bank: Bank) -> Response:
    """Sign an answer, bound to the question by its path and nonce, with a key its reader knows."""
    serial, key = bank.keys.bank_for(request.headers.get("Sandbox-Accept-Serial", ""))
    stamp = str(real_ms() // 1000)
    nonce = request.headers.get("Sandbox-Nonce", "")
    # A bill is sent from a file; whoever wrote it has left its digest.
    digest = g.pop("body_sha256", "") or hashlib.sha256(response.get_data()).hexdigest()
    message = digest_to_sign(
        str(response.status_code), target_of(request), stamp, nonce, body_sha256=digest
    )
    response.headers["Sandbox-Serial"] = serial
    response.headers["Sandbox-Timestamp"] = stamp
    response.headers["Sandbox-Nonce"] = nonce
    response.headers["Sandbox-Signature"] = sign(key, message)
    response.headers["Cache-Control"] = "no-store"
    return response
