"""The signing pages: show a card, type the code, and the agreement is in force."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.core import agreements, codes
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.pen import Pen, TypedWrongError, with_query

_OPEN = frozenset({"PENDING", "CODE_SENT"})


def signing_routes(pages: Blueprint, bank: Bank, pen: Pen) -> None:
    """Add the signing pages."""
    desk = SigningDesk(bank, pen)
    pages.add_url_rule("/sign/<page>", "sign", desk.show, methods=["GET", "POST"])
    pages.add_url_rule("/sign/<page>/code", "sign_code", desk.code, methods=["GET", "POST"])
    pages.post("/sign/<page>/resend", endpoint="sign_resend")(desk.resend)


class SigningDesk:
    """Where agreements are signed."""

    def __init__(self, bank: Bank, pen: Pen) -> None:
        """Sit down with the bank's books and a pen."""
        self._bank = bank
        self._pen = pen

    def _agreement(self, page: str) -> sqlite3.Row:
        return agreements.by_page(self._bank.books.connection, page)

    def show(self, page: str) -> AnyResponse | str:
        """Ask for card, name and phone; then go on to the code."""
        agreement = self._agreement(page)
        if agreement["status"] not in _OPEN:
            return self._over(agreement)
        if request.method == "GET":
            return self._form(agreement, {})
        try:
            holder = self._pen.holder_from_form()
            with self._bank.books.writing() as connection:
                agreements.present_card(connection, self._bank, agreement=agreement, holder=holder)
        except TypedWrongError as wrong:
            return self._form(agreement, wrong.errors)
        except Refusal as refusal:
            return self._form(agreement, {"form": self._pen.said(refusal)})
        return self._pen.go(f"/sign/{page}/code")

    def code(self, page: str) -> AnyResponse | str:
        """Ask for the code; when it is right the agreement is in force."""
        agreement = self._agreement(page)
        if agreement["status"] != "CODE_SENT":
            return self._pen.go(f"/sign/{page}")
        error = ""
        if request.method == "POST":
            try:
                self._sign(agreement, request.form.get("code", ""))
            except Refusal as refusal:
                error = self._pen.said(refusal)
            else:
                return self._pen.go(f"/sign/{page}")
        return self._code_page(agreement, error)

    def _sign(self, agreement: sqlite3.Row, typed: str) -> None:
        sent = codes.try_code(self._bank, agreements.purpose_of(agreement), typed)
        with self._bank.books.writing() as connection:
            agreements.sign(
                connection, self._bank, agreement=agreement, fingerprint=sent["fingerprint"]
            )

    def resend(self, page: str) -> AnyResponse | str:
        """Send the code again."""
        agreement = self._agreement(page)
        try:
            with self._bank.books.writing() as connection:
                agreements.send_code(connection, self._bank, agreement)
        except Refusal as refusal:
            if agreement["status"] != "CODE_SENT":
                return self._pen.go(f"/sign/{page}")
            return self._code_page(agreement, self._pen.said(refusal))
        return self._pen.go(f"/sign/{page}/code")

    def _back(self, agreement: sqlite3.Row) -> str:
        return with_query(agreement["return_url"], agreement_no=agreement["agreement_no"])

    def _form(self, agreement: sqlite3.Row, errors: dict[str, str]) -> str:
        return self._pen.write(
            "sign.html",
            page=agreement["page_token"],
            errors=errors,
            typed=request.form or {"phone": agreement["phone"]},
            return_url=self._back(agreement),
        )

    def _code_page(self, agreement: sqlite3.Row, error: str) -> str:
        page = agreement["page_token"]
        return self._pen.write(
            "code.html",
            title="sign_title",
            lead="",
            button="confirm_sign",
            action=f"/sign/{page}/code",
            resend=f"/sign/{page}/resend",
            cancel="",
            change=f"/sign/{page}",
            phone=agreement["phone"],
            phone_mask=agreements.masked_phone(agreement["phone"]),
            error=error,
        )

    def _over(self, agreement: sqlite3.Row) -> str:
        is_good = agreement["status"] == "ACTIVE"
        return self._pen.write(
            "over.html",
            title="signed_title" if is_good else "sign_over_title",
            text="signed_text" if is_good else "sign_over_text",
            is_good=is_good,
            back=self._back(agreement),
        )
