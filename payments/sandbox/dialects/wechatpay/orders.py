"""Orders of APIv3: four ways to open one, asking, closing, and the page a phone is sent to."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.clock import now_ms
from payments.sandbox.core import orders
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.dialects.wechatpay import papers
from payments.sandbox.dialects.wechatpay.intake import Paper
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer

if TYPE_CHECKING:
    from payments.sandbox.dialects.wechatpay.door import WeChatPayDoor

TRADE_TYPES: Final = {"native": "NATIVE", "h5": "MWEB", "jsapi": "JSAPI", "app": "APP"}
PAGE: Final = "/cgi-bin/mmpayweb-bin/checkmweb"
_TWO_HOURS_MS: Final = 7_200_000
_OUT_TRADE_NO_MAX: Final = 32


def order_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add /v3/pay/transactions."""
    _opening_routes(api, door)
    bank = door.bank

    @api.get("/v3/pay/transactions/out-trade-no/<out_trade_no>")
    def show_order(out_trade_no: str) -> Response:
        if request.args.get("mchid") != door.merchant_id:
            raise Refusal("PARAM_ERROR", "mchid错误")
        return answer(_transaction(door, bank.books.connection, out_trade_no))

    @api.get("/v3/pay/transactions/id/<transaction_id>")
    def show_transaction(transaction_id: str) -> Response:
        our_no = by_transaction(door, transaction_id)["our_no"]
        return answer(_transaction(door, bank.books.connection, our_no))

    @api.post("/v3/pay/transactions/out-trade-no/<out_trade_no>/close")
    def close_order(out_trade_no: str) -> Response:
        if Paper.of(request.get_data()).fields.get("mchid") != door.merchant_id:
            raise Refusal("PARAM_ERROR", "mchid错误")
        with bank.books.writing() as connection:
            orders.close(connection, door.merchant_id, out_trade_no)
        return Response(status=204)


def _opening_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    @api.post("/v3/pay/transactions/native")
    def open_native() -> Response:
        order = _opened(door, "native")
        base = door.bank.settings.base_url
        return answer({"code_url": f"{base}/scan/{order['page_token']}"})

    @api.post("/v3/pay/transactions/h5")
    def open_h5() -> Response:
        paper = Paper.of(request.get_data()).part("scene_info")
        paper.text("payer_client_ip", length_max=45)
        paper.part("h5_info").text("type", length_max=32)
        prepay = f"wx{_opened(door, 'h5')['page_token']}"
        return answer({"h5_url": f"{door.url}{PAGE}?prepay_id={prepay}&package=1037687096"})

    @api.post("/v3/pay/transactions/jsapi")
    def open_jsapi() -> Response:
        Paper.of(request.get_data()).part("payer").text("openid", length_max=128)
        return answer({"prepay_id": f"wx{_opened(door, 'jsapi')['page_token']}"})

    @api.post("/v3/pay/transactions/app")
    def open_app() -> Response:
        return answer({"prepay_id": f"wx{_opened(door, 'app')['page_token']}"})


def _opened(door: WeChatPayDoor, way: str) -> sqlite3.Row:
    """Place the order, or find it again; Refusals OUT_TRADE_NO_USED, ORDER_PAID, ORDER_CLOSED."""
    paper = Paper.of(request.get_data())
    paper.belongs_to(appid=door.appid, merchant_id=door.merchant_id)
    new = _new_order(door, paper)
    openid = paper.maybe("payer").get("openid", "")
    is_shared = bool(paper.maybe("settle_info").get("profit_sharing"))
    with door.bank.books.writing() as connection:
        try:
            order, _ = orders.place(connection, new)
        except Refusal as refusal:
            code = refusal.code
            raise Refusal(
                "OUT_TRADE_NO_USED" if code == "NUMBER_REUSED" else code, refusal.message
            ) from refusal
        _refuse_over(order)
        connection.execute(
            "INSERT INTO wechatpay_orders (our_no, trade_type, openid, is_shared)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (our_no) DO NOTHING",
            (new.our_no, TRADE_TYPES[way], str(openid), int(is_shared)),
        )
    return order


def _refuse_over(order: sqlite3.Row) -> None:
    if order["status"] == "SUCCESS":
        raise Refusal("ORDER_PAID", "该订单已支付")
    if order["status"] != "NOTPAY":
        raise Refusal("ORDER_CLOSED", "该订单已关闭")


def _new_order(door: WeChatPayDoor, paper: Paper) -> NewOrder:
    amount = paper.part("amount")
    if amount.fields.get("currency", "CNY") != "CNY":
        raise Refusal("PARAM_ERROR", "currency只支持CNY")
    ends = paper.moment("time_expire") if "time_expire" in paper.fields else 0
    return NewOrder(
        merchant_id=door.merchant_id,
        our_no=paper.our_number("out_trade_no", length_max=_OUT_TRADE_NO_MAX),
        way="cashier",
        amount_minor=amount.whole("total"),
        currency="CNY",
        subject=paper.text("description", length_max=127),
        return_url="",
        notify_url=paper.told_at(door.bank.settings.notify_hosts),
        expires_ms=ends or now_ms() + _TWO_HOURS_MS,
    )


def _transaction(
    door: WeChatPayDoor, connection: sqlite3.Connection, our_no: str
) -> dict[str, Any]:
    order = orders.by_number(connection, door.merchant_id, our_no)
    shown = orders.view(connection, door.bank, order)
    return papers.transaction(shown, papers.Scene.of(connection, our_no), appid=door.appid)


def by_transaction(door: WeChatPayDoor, transaction_id: str) -> sqlite3.Row:
    """Find an order by WeChat Pay's number of it; Refusal ORDER_NOT_FOUND."""
    row: sqlite3.Row | None = door.bank.books.connection.execute(
        "SELECT * FROM orders WHERE merchant_id = ? AND acquirer_no = ?",
        (door.merchant_id, transaction_id),
    ).fetchone()
    if row is None:
        raise Refusal("ORDER_NOT_FOUND", "订单不存在")
    return row


def page_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add the page a phone's browser is sent to: it remembers where to go back, and leads on."""

    @api.get(PAGE)
    def open_page() -> AnyResponse:
        token = request.args.get("prepay_id", "").removeprefix("wx")
        back = request.args.get("redirect_url", "")
        with door.bank.books.writing() as connection:
            order = orders.by_page(connection, token)
            if urlsplit(back).scheme in {"http", "https"} and len(back) <= 500:
                connection.execute(
                    "UPDATE orders SET return_url = ? WHERE id = ?", (back, order["id"])
                )
        return redirect(f"{door.bank.settings.base_url}/cashier/{token}")
