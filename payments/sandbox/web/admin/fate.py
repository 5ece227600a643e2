"""Deciding, in the place of banks and people, how things go on after the merchant has asked."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable

from flask import Flask, Response

from payments.sandbox.core import agreements, refunds, transfers
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.desk import merchant_of, said_if_any, text
from payments.sandbox.web.answers import answer


def fate_routes(admin: Flask, bank: Bank) -> None:
    """Add what becomes of agreements, refunds and transfers."""
    _agreement_routes(admin, bank)
    _refund_routes(admin, bank)
    _transfer_routes(admin, bank)


def _agreement_routes(admin: Flask, bank: Bank) -> None:
    def change(
        agreement_no: str, act: Callable[[sqlite3.Connection, sqlite3.Row], None]
    ) -> Response:
        merchant_id = merchant_of(bank)
        with bank.books.writing() as connection:
            act(connection, agreements.by_number(connection, merchant_id, agreement_no))
            now = agreements.by_number(connection, merchant_id, agreement_no)
            return answer(agreements.view(connection, now))

    @admin.post("/_sim/revoke/<agreement_no>")
    def revoke(agreement_no: str) -> Response:
        """The card's owner revokes at her bank; {"by": "issuer"} the bank itself does."""
        by = text(said_if_any(), "by") or "owner"
        if by not in {"owner", "issuer"}:
            raise Refusal("PARAM_ERROR", "by is owner or issuer")
        return change(agreement_no, functools.partial(agreements.revoke, by=by))

    @admin.post("/_sim/suspend/<agreement_no>")
    def suspend(agreement_no: str) -> Response:
        """The card's bank stops charges for the time being."""
        return change(agreement_no, agreements.suspend)

    @admin.post("/_sim/resume/<agreement_no>")
    def resume(agreement_no: str) -> Response:
        """The card's bank lets charges go on."""
        return change(agreement_no, agreements.resume)

    @admin.post("/_sim/expire/<agreement_no>")
    def expire(agreement_no: str) -> Response:
        """The agreement runs out."""
        return change(agreement_no, agreements.expire)


def _refund_routes(admin: Flask, bank: Bank) -> None:
    def change(refund_no: str, act: Callable[[sqlite3.Connection, sqlite3.Row], None]) -> Response:
        merchant_id = merchant_of(bank)
        with bank.books.writing() as connection:
            act(connection, refunds.by_number(connection, merchant_id, refund_no))
            now = refunds.by_number(connection, merchant_id, refund_no)
            return answer(refunds.view(connection, now))

    @admin.post("/_sim/refund-fails/<refund_no>")
    def refund_fails(refund_no: str) -> Response:
        """A refund under way is rejected; one that had succeeded comes back."""

        def fail(connection: sqlite3.Connection, refund: sqlite3.Row) -> None:
            if refund["status"] == "SUCCESS":
                refunds.come_back(connection, refund)
            else:
                refunds.end(connection, refund, "FAILED")

        return change(refund_no, fail)

    @admin.post("/_sim/refund-ends/<refund_no>")
    def refund_ends(refund_no: str) -> Response:
        """Decide a refund under way or ABNORMAL: {"state": "SUCCESS"}, "FAILED" or "ABNORMAL"."""
        state = text(said_if_any(), "state", "SUCCESS")
        if state not in {"SUCCESS", "FAILED", "ABNORMAL"}:
            raise Refusal("PARAM_ERROR", "state is SUCCESS, FAILED or ABNORMAL")
        return change(refund_no, lambda books, refund: refunds.end(books, refund, state))


def _transfer_routes(admin: Flask, bank: Bank) -> None:
    def change(
        transfer_no: str, act: Callable[[sqlite3.Connection, sqlite3.Row], None]
    ) -> Response:
        merchant_id = merchant_of(bank)
        with bank.books.writing() as connection:
            act(connection, transfers.by_number(connection, merchant_id, transfer_no))
            now = transfers.by_number(connection, merchant_id, transfer_no)
            return answer(transfers.view(now))

    @admin.post("/_sim/confirm-transfer/<transfer_no>")
    def confirm(transfer_no: str) -> Response:
        """The payee confirms."""
        return change(transfer_no, lambda books, row: transfers.confirm(books, bank, row))

    @admin.post("/_sim/return-transfer/<transfer_no>")
    def come_back(transfer_no: str) -> Response:
        """A transfer that had succeeded comes back from the payee's bank."""
        return change(transfer_no, transfers.come_back)
