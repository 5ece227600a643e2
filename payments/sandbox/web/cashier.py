"""The cashier's pages: pay an order by scanning or by card, or confirm a charge with a code."""

from __future__ import annotations

import sqlite3

import segno
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.clock import now_ms
from payments.sandbox.core import agreements, cards, charges, codes, orders, paying
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer
from payments.sandbox.web.pen import Pen, TypedWrongError, yuan

_NOTICES = {
    "SUCCESS": ("paid_title", "paid_text"),
    "CLOSED": ("closed_title", "closed_text"),
    "PAYERROR": ("failed_title", "failed_text"),
}
_OPEN = frozenset({"NOTPAY", "USERPAYING"})


def cashier_routes(pages: Blueprint, bank: Bank, pen: Pen) -> None:
    """Add the cashier's pages."""
    desk = Desk(bank, pen)
    pages.get("/cashier/<page>")(desk.show)
    pages.post("/cashier/<page>/card")(desk.take_card)
    pages.get("/cashier/<page>/status")(desk.status)
    pages.add_url_rule("/cashier/<page>/code", "code", desk.code, methods=["GET", "POST"])
    pages.post("/cashier/<page>/resend")(desk.resend)
    pages.add_url_rule("/otp/<page>", "otp", desk.otp, methods=["GET", "POST"])
    pages.post("/otp/<page>/resend")(desk.resend_otp)
    pages.post("/otp/<page>/cancel")(desk.cancel)
    pages.add_url_rule("/scan/<page>", "scan", desk.scan, methods=["GET", "POST"])


class Desk:
    """One cashier's desk."""

    def __init__(self, bank: Bank, pen: Pen) -> None:
        """Sit down with the bank's books and a pen."""
        self._bank = bank
        self._pen = pen

    def _order(self, page: str, *ways: str) -> sqlite3.Row:
        order = orders.by_page(self._bank.books.connection, page)
        if order["way"] not in ways:
            raise Refusal("PAGE_NOT_FOUND", "no such page", status=404)
        return order

    def _about(self, order: sqlite3.Row) -> dict[str, object]:
        return {
            "order": order,
            "amount": yuan(order["amount_minor"]),
            "seconds_left": max(0, (order["expires_ms"] - now_ms()) // 1000),
            "return_url": order["return_url"],
            "page": order["page_token"],
        }

    def _over(self, order: sqlite3.Row, *, is_scanned: bool = False) -> str:
        title, text = _NOTICES[order["status"]]
        return self._pen.write(
            "over.html",
            **self._about(order),
            title=title,
            text="paid_scan" if is_scanned and order["status"] == "SUCCESS" else text,
            is_good=order["status"] == "SUCCESS",
            back="" if is_scanned else order["return_url"],
        )

    def show(self, page: str) -> str:
        """Show the cashier, or what became of the order."""
        order = self._order(page, "cashier")
        if order["status"] not in _OPEN:
            return self._over(order)
        return self._cashier(order, {}, way=request.args.get("way", "qr"))

    def _cashier(self, order: sqlite3.Row, errors: dict[str, str], *, way: str) -> str:
        scan_url = f"{self._bank.settings.base_url}/scan/{order['page_token']}"
        code = segno.make(scan_url, error="m", micro=False)
        return self._pen.write(
            "cashier.html",
            **self._about(order),
            way="card" if way == "card" else "qr",
            scan_url=scan_url,
            qr_image=code.svg_data_uri(scale=6, border=2, dark="#0b2a5b", light="#ffffff"),
            errors=errors,
            typed=request.form,
        )

    def status(self, page: str) -> Response:
        """Tell a waiting page how its order stands."""
        return answer({"status": self._order(page, "cashier")["status"]})

    def take_card(self, page: str) -> AnyResponse | str:
        """Take the card typed in, and go on to the code."""
        order = self._order(page, "cashier")
        try:
            holder = self._pen.holder_from_form()
            with self._bank.books.writing() as connection:
                charges.present_card(connection, self._bank, order=order, holder=holder)
        except TypedWrongError as wrong:
            return self._cashier(order, wrong.errors, way="card")
        except Refusal as refusal:
            if refusal.code == "ORDER_NOT_PAYABLE":
                return self._pen.go(f"/cashier/{page}")
            return self._cashier(order, {"form": self._pen.said(refusal)}, way="card")
        return self._pen.go(f"/cashier/{page}/code")

    def code(self, page: str) -> AnyResponse | str:
        """Ask for the code of a card payment, and pay when it is right."""
        order = self._order(page, "cashier")
        if order["status"] not in _OPEN:
            return self._pen.go(f"/cashier/{page}")
        return self._ask_code(order, f"/cashier/{page}/code", f"/cashier/{page}")

    def otp(self, page: str) -> AnyResponse | str:
        """Ask for the code of a charge by agreement, and pay when it is right."""
        order = self._order(page, "agreement")
        if order["status"] not in _OPEN:
            return self._over(order)
        return self._ask_code(order, f"/otp/{page}", f"/otp/{page}")

    def _ask_code(self, order: sqlite3.Row, here: str, afterwards: str) -> AnyResponse | str:
        error = ""
        if request.method == "POST":
            try:
                charges.pay_with_code(self._bank, order, request.form.get("code", ""))
            except Refusal as refusal:
                error = self._pen.said(refusal)
            else:
                return self._pen.go(afterwards)
        return self._code_page(order, here, error)

    def _code_page(self, order: sqlite3.Row, here: str, error: str) -> str:
        sent = codes.current(self._bank.books.connection, charges.purpose_of(order))
        is_charge = order["way"] == "agreement"
        return self._pen.write(
            "code.html",
            **self._about(order),
            title="otp_title" if is_charge else "by_card",
            lead="otp_lead" if is_charge else "",
            button="confirm_pay",
            action=here,
            resend=f"{here.removesuffix('/code')}/resend",
            cancel=f"{here}/cancel" if is_charge else "",
            change=f"/cashier/{order['page_token']}" if not is_charge else "",
            phone=sent["phone"] if sent else "",
            phone_mask=agreements.masked_phone(sent["phone"]) if sent else "",
            error=error,
        )

    def resend(self, page: str) -> AnyResponse | str:
        """Send the cashier's code again."""
        return self._resend(self._order(page, "cashier"), f"/cashier/{page}/code")

    def resend_otp(self, page: str) -> AnyResponse | str:
        """Send the charge's code again."""
        return self._resend(self._order(page, "agreement"), f"/otp/{page}")

    def _resend(self, order: sqlite3.Row, here: str) -> AnyResponse | str:
        try:
            with self._bank.books.writing() as connection:
                charges.resend_code(connection, self._bank, order)
        except Refusal as refusal:
            return self._code_page(order, here, self._pen.said(refusal))
        return self._pen.go(here)

    def cancel(self, page: str) -> AnyResponse:
        """Give a charge up: nothing is charged, and the merchant is told."""
        order = self._order(page, "agreement")
        with self._bank.books.writing() as connection:
            orders.fail(connection, self._bank, order=order, code="USER_CANCELLED")
        return self._pen.go(f"/otp/{page}")

    def scan(self, page: str) -> AnyResponse | str:
        """Show the other phone's page, and pay when its owner agrees."""
        order = self._order(page, "cashier")
        if order["status"] in _OPEN and request.method == "POST":
            card = cards.read(cards.number_for("621700"), self._bank.keys.secret)
            try:
                with self._bank.books.writing() as connection:
                    paying.pay(connection, self._bank, order=order, card=card)
            except Refusal:
                return self._pen.go(f"/scan/{page}")
            return self._pen.go(f"/scan/{page}")
        if order["status"] not in _OPEN:
            return self._over(order, is_scanned=True)
        return self._pen.write("scan.html", **self._about(order))
