"""The merchants' API under /v1, as written in docs/protocols/sandbox.md."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from payments.sandbox.core import agreements, charges, orders, refunds, texts, transfers
from payments.sandbox.core.agreements import NewAgreement
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.core.transfers import NewTransfer
from payments.sandbox.faults import Point, strike
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import mishaps
from payments.sandbox.web.answers import answer, refusal_answer
from payments.sandbox.web.bills import bill_routes
from payments.sandbox.web.gate import admit, seal_answer
from payments.sandbox.web.intake import PHONE, Paper
from payments.sandbox.web.sharing import sharing_routes

logger = logging.getLogger(__name__)


def merchants_api(bank: Bank) -> Blueprint:
    """Build the API of one bank."""
    api = Blueprint("api", __name__, url_prefix="/v1")
    _guard(api, bank)
    _order_routes(api, bank)
    _refund_routes(api, bank)
    _agreement_routes(api, bank)
    _transfer_routes(api, bank)
    sharing_routes(api, bank)
    _other_routes(api, bank)
    bill_routes(api, bank)
    return api


def _guard(api: Blueprint, bank: Bank) -> None:
    manner = mishaps.OwnManner(bank)

    @api.before_request
    def check() -> Response | None:
        g.merchant_id = admit(request, bank)
        g.asked = mishaps.Asked.by(request, g.merchant_id)
        return mishaps.before_execution(bank, request, g.asked)

    @api.after_request
    def sign(response: Response) -> Response:
        bank.bell.set()
        asked = g.get("asked")
        left = mishaps.after_execution(bank, asked, response, manner=manner) if asked else []
        return mishaps.after_signing(
            request, seal_answer(request, response, bank), left, manner=manner
        )

    @api.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        logger.info("api.refused path=%s code=%s", request.path, refusal.code)
        return refusal_answer(refusal)

    @api.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return answer({"code": "PARAM_ERROR", "message": error.name}, error.code or 500)
        logger.error("api.broken path=%s", request.path, exc_info=error)
        return answer({"code": "SYSTEM_ERROR", "message": "ask what became of it"}, 500)


def _new_order(bank: Bank, way: str) -> NewOrder:
    paper: Paper = Paper.read(request.get_data())
    minor, currency = paper.amount()
    return NewOrder(
        merchant_id=g.merchant_id,
        our_no=paper.number("our_no"),
        way=way,
        amount_minor=minor,
        currency=currency,
        subject=paper.text("subject", length_max=120),
        return_url=paper.return_url(),
        notify_url=paper.notify_url(bank.settings.notify_hosts),
        expires_ms=paper.instant("expires_at"),
    )


def _order_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/orders")
    def create_order() -> Response:
        new = _new_order(bank, "cashier")
        with bank.books.writing() as connection:
            order, _ = orders.place(connection, new)
            return answer(orders.view(connection, bank, order))

    @api.get("/orders/<our_no>")
    def show_order(our_no: str) -> Response:
        connection = bank.books.connection
        order = orders.by_number(connection, g.merchant_id, our_no)
        return answer(orders.view(connection, bank, order))

    @api.post("/orders/<our_no>/close")
    def close_order(our_no: str) -> Response:
        with bank.books.writing() as connection:
            try:
                order = orders.close(connection, g.merchant_id, our_no)
            except Refusal as refusal:
                if refusal.code == "ORDER_PAID":
                    paid = orders.by_number(connection, g.merchant_id, our_no)
                    refusal.detail["order"] = orders.view(connection, bank, paid)
                raise
            return answer(orders.view(connection, bank, order))

    @api.post("/agreement-payments")
    def pay_by_agreement() -> Response:
        new = _new_order(bank, "agreement")
        token = Paper.read(request.get_data()).text("agreement_token", length_max=80)
        charges.heed_revocation(bank, new=new, token=token)
        with bank.books.writing() as connection:
            order, temper = charges.charge(connection, bank, new=new, token=token)
            shown = orders.view(connection, bank, order)
        strike(Point.AFTER_EXECUTE, temper, bank.settings)
        if order["status"] == "PAYERROR":
            raise Refusal(
                order["failure_code"], "the card was declined", status=402, detail={"order": shown}
            )
        return answer(shown)


def _refund_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/refunds")
    def create_refund() -> Response:
        paper = Paper.read(request.get_data())
        minor, currency = paper.amount()
        new = NewRefund(
            merchant_id=g.merchant_id,
            refund_no=paper.number("refund_no"),
            our_no=paper.number("our_no"),
            amount_minor=minor,
            currency=currency,
            reason=paper.text("reason", default=""),
            notify_url=paper.notify_url(bank.settings.notify_hosts),
        )
        with bank.books.writing() as connection:
            refund = refunds.request(connection, bank, new)
            return answer(refunds.view(connection, refund))

    @api.get("/refunds/<refund_no>")
    def show_refund(refund_no: str) -> Response:
        connection = bank.books.connection
        refund = refunds.by_number(connection, g.merchant_id, refund_no)
        return answer(refunds.view(connection, refund))


def _agreement_routes(api: Blueprint, bank: Bank) -> None:
    base_url = bank.settings.base_url

    @api.post("/agreements")
    def start_agreement() -> Response:
        paper = Paper.read(request.get_data())
        new = NewAgreement(
            merchant_id=g.merchant_id,
            agreement_no=paper.number("agreement_no"),
            owner_ref=paper.text("owner_ref", length_max=80),
            return_url=paper.return_url(),
            notify_url=paper.notify_url(bank.settings.notify_hosts),
            holder_phone=paper.text("holder_phone", length_max=20, default=""),
        )
        with bank.books.writing() as connection:
            agreement = agreements.start(connection, new)
            return answer(agreements.view(connection, agreement, base_url))

    @api.get("/agreements/<agreement_no>")
    def show_agreement(agreement_no: str) -> Response:
        connection = bank.books.connection
        agreement = agreements.by_number(connection, g.merchant_id, agreement_no)
        return answer(agreements.view(connection, agreement, base_url))

    @api.post("/agreements/<agreement_no>/unbind")
    def unbind(agreement_no: str) -> Response:
        with bank.books.writing() as connection:
            agreement = agreements.by_number(connection, g.merchant_id, agreement_no)
            agreements.unbind(connection, agreement)
            agreement = agreements.by_number(connection, g.merchant_id, agreement_no)
            return answer(agreements.view(connection, agreement, base_url))


def _transfer_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/transfers")
    def create_transfer() -> Response:
        paper = Paper.read(request.get_data())
        minor, _ = paper.amount()
        new = NewTransfer(
            merchant_id=g.merchant_id,
            transfer_no=paper.number("transfer_no"),
            amount_minor=minor,
            payee_name=paper.text("payee_name", length_max=60),
            payee_account=paper.text("payee_account", length_max=40),
            payee_bank=paper.text("payee_bank", length_max=60, default=""),
            purpose=paper.text("purpose", default=""),
            notify_url=paper.notify_url(bank.settings.notify_hosts),
        )
        with bank.books.writing() as connection:
            return answer(transfers.view(transfers.request(connection, bank, new)))

    @api.get("/transfers/<transfer_no>")
    def show_transfer(transfer_no: str) -> Response:
        connection = bank.books.connection
        return answer(transfers.view(transfers.by_number(connection, g.merchant_id, transfer_no)))

    @api.post("/transfers/<transfer_no>/cancel")
    def cancel_transfer(transfer_no: str) -> Response:
        with bank.books.writing() as connection:
            transfer = transfers.by_number(connection, g.merchant_id, transfer_no)
            transfers.cancel(connection, transfer)
            transfer = transfers.by_number(connection, g.merchant_id, transfer_no)
            return answer(transfers.view(transfer))


def _other_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/messages")
    def send_message() -> Response:
        paper = Paper.read(request.get_data())
        phone = paper.text("phone", length_max=20)
        if not PHONE.fullmatch(phone):
            raise Refusal("PARAM_ERROR", "phone is not a telephone number")
        sender = paper.text("sender", length_max=30, default=bank.settings.merchant_name)
        with bank.books.writing() as connection:
            number = texts.send(
                connection, phone=phone, sender=sender, body=paper.text("text", length_max=500)
            )
        return answer({"message_id": number})
