"""Changing keys for new ones; the older ones stay in use until they are retired."""

from __future__ import annotations

from flask import Flask, Response

from payments.sandbox.core.bank import Bank
from payments.sandbox.web.answers import answer


def key_routes(admin: Flask, bank: Bank) -> None:
    """Add /_keys."""

    @admin.post("/_keys/rotate-bank")
    def rotate_bank() -> Response:
        return answer({"sandbox_serial": bank.keys.rotate_bank()})

    @admin.post("/_keys/rotate-merchant")
    def rotate_merchant() -> Response:
        return answer({"merchant_serial": bank.keys.rotate_merchant()})

    @admin.post("/_keys/retire")
    def retire() -> Response:
        bank.keys.retire()
        return answer(
            {"sandbox_serial": bank.keys.bank[0], "merchant_serial": bank.keys.merchant_serial}
        )
