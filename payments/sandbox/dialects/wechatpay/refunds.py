"""Refunds of APIv3."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from payments.sandbox.core import orders, refunds
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.dialects.wechatpay import papers
from payments.sandbox.dialects.wechatpay.intake import Paper
from payments.sandbox.dialects.wechatpay.orders import by_transaction
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer

if TYPE_CHECKING:
    from payments.sandbox.dialects.wechatpay.door import WeChatPayDoor


def refund_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add /v3/refund/domestic/refunds."""
    bank = door.bank

    @api.post("/v3/refund/domestic/refunds")
    def create_refund() -> Response:
        paper = Paper.of(request.get_data())
        with bank.books.writing() as connection:
            order = _order(door, connection, paper)
            row = refunds.request(connection, bank, _new(door, paper, order))
            return answer(_written(connection, row))

    @api.get("/v3/refund/domestic/refunds/<out_refund_no>")
    def show_refund(out_refund_no: str) -> Response:
        connection = bank.books.connection
        row = refunds.by_number(connection, door.merchant_id, out_refund_no)
        return answer(_written(connection, row))


def _order(door: WeChatPayDoor, connection: sqlite3.Connection, paper: Paper) -> sqlite3.Row:
    if "transaction_id" in paper.fields:
        return by_transaction(door, paper.text("transaction_id", length_max=32))
    try:
        number = paper.our_number("out_trade_no")
        return orders.by_number(connection, door.merchant_id, number)
    except Refusal as refusal:
        code = "RESOURCE_NOT_EXISTS" if refusal.code == "ORDER_NOT_FOUND" else refusal.code
        raise Refusal(code, refusal.message) from refusal


def _new(door: WeChatPayDoor, paper: Paper, order: sqlite3.Row) -> NewRefund:
    amount = paper.part("amount")
    if amount.whole("total") != order["amount_minor"]:
        raise Refusal("PARAM_ERROR", "订单金额不一致")
    return NewRefund(
        merchant_id=door.merchant_id,
        refund_no=paper.our_number("out_refund_no"),
        our_no=order["our_no"],
        amount_minor=papers.in_payers_money(amount.whole("refund"), order),
        currency="CNY",
        reason=paper.text("reason", length_max=80, default=""),
        notify_url=paper.told_at(door.bank.settings.notify_hosts, is_needed=False),
    )


def _written(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    shown = refunds.view(connection, row)
    order = connection.execute("SELECT * FROM orders WHERE id = ?", (row["order_id"],)).fetchone()
    return papers.refund(shown, order)
