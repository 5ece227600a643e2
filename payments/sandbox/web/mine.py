"""The card owner's pages: type a phone number and its code, see what was signed, take it back."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.core import agreements, cards, owners
from payments.sandbox.core.bank import Bank, new_page_token
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.intake import PHONE
from payments.sandbox.web.pen import Pen


def owner_routes(pages: Blueprint, bank: Bank, pen: Pen) -> None:
    """Add the card owner's pages."""
    desk = OwnersDesk(bank, pen)
    pages.add_url_rule("/mine", "mine", desk.ask_phone, methods=["GET", "POST"])
    pages.add_url_rule("/mine/<visit>/code", "mine_code", desk.code, methods=["GET", "POST"])
    pages.post("/mine/<visit>/resend", endpoint="mine_resend")(desk.resend)
    pages.get("/mine/<secret>/cards", endpoint="mine_cards")(desk.show)
    pages.post("/mine/<secret>/revoke/<agreement_no>", endpoint="mine_revoke")(desk.revoke)


class OwnersDesk:
    """Where a card's owner looks after what she has signed."""

    def __init__(self, bank: Bank, pen: Pen) -> None:
        """Sit down with the bank's books and a pen."""
        self._bank = bank
        self._pen = pen

    def ask_phone(self) -> AnyResponse | str:
        """Ask for the phone the bank knows, and send it a code."""
        phone = request.form.get("phone", "").replace(" ", "")
        if request.method == "GET":
            return self._pen.write("mine.html", phone="", error="")
        if not PHONE.fullmatch(phone):
            error = self._pen.say("phone_wrong")
            return self._pen.write("mine.html", phone=phone[:20], error=error)
        visit = new_page_token()
        with self._bank.books.writing() as connection:
            owners.send_code(connection, self._bank, visit=visit, phone=phone)
        return self._pen.go(f"/mine/{visit}/code")

    def code(self, visit: str) -> AnyResponse | str:
        """Ask for the code; when it is right the owner sees her cards."""
        error = ""
        if request.method == "POST":
            try:
                secret = owners.prove(self._bank, visit, request.form.get("code", ""))
            except Refusal as refusal:
                error = self._pen.said(refusal)
            else:
                return self._pen.go(f"/mine/{secret}/cards")
        return self._code_page(visit, error)

    def _code_page(self, visit: str, error: str) -> str:
        phone = owners.phone_of(self._bank.books.connection, visit)
        return self._pen.write(
            "code.html",
            title="mine_title",
            lead="",
            button="next",
            action=f"/mine/{visit}/code",
            resend=f"/mine/{visit}/resend",
            cancel="",
            change="",
            phone=phone,
            phone_mask=agreements.masked_phone(phone),
            error=error,
        )

    def resend(self, visit: str) -> AnyResponse | str:
        """Send the code again."""
        phone = owners.phone_of(self._bank.books.connection, visit)
        try:
            with self._bank.books.writing() as connection:
                owners.send_code(connection, self._bank, visit=visit, phone=phone)
        except Refusal as refusal:
            return self._code_page(visit, self._pen.said(refusal))
        return self._pen.go(f"/mine/{visit}/code")

    def show(self, secret: str) -> str:
        """Show what the owner has signed."""
        connection = self._bank.books.connection
        signed = owners.agreements_of(connection, secret)
        shown = [self._shown(connection, agreement) for agreement in signed]
        return self._pen.write("mine_cards.html", secret=secret, signed=shown)

    def _shown(self, connection: sqlite3.Connection, agreement: sqlite3.Row) -> dict[str, str]:
        card = cards.described(cards.recall(connection, agreement["fingerprint"])) or {}
        issuer = card.get("issuer_name" if self._pen.language == "zh" else "issuer_name_en", "")
        return {
            "agreement_no": agreement["agreement_no"],
            "issuer": f"{issuer} {self._pen.say(card.get('kind', ''))}",
            "last4": card.get("last4", ""),
        }

    def revoke(self, secret: str, agreement_no: str) -> AnyResponse:
        """Take one agreement back; the merchant is told."""
        with self._bank.books.writing() as connection:
            owners.revoke(connection, secret, agreement_no)
        return self._pen.go(f"/mine/{secret}/cards")
