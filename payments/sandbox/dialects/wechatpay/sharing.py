"""Profit sharing of APIv3: receivers, orders, the release of the rest, shares taken back."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from payments.sandbox.core import receivers, split_returns, splits
from payments.sandbox.core.bank import new_acquirer_no
from payments.sandbox.core.receivers import NewReceiver
from payments.sandbox.core.split_returns import NewReturn
from payments.sandbox.core.splits import NewShare, NewSplit
from payments.sandbox.dialects.wechatpay import papers
from payments.sandbox.dialects.wechatpay.intake import Paper
from payments.sandbox.dialects.wechatpay.orders import by_transaction
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer

if TYPE_CHECKING:
    from payments.sandbox.dialects.wechatpay.door import WeChatPayDoor

_KINDS: Final = {"MERCHANT_ID": "merchant", "PERSONAL_OPENID": "person"}
_NUMBER_IN_NOTE: Final = re.compile(r"#([A-Za-z0-9_-]{6,40})$")


def sharing_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add /v3/profitsharing."""
    _receiver_routes(api, door)
    _order_routes(api, door)
    _release_routes(api, door)
    _return_routes(api, door)


def _receiver_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    bank = door.bank

    @api.post("/v3/profitsharing/receivers/add")
    def add_receiver() -> Response:
        paper = Paper.of(request.get_data())
        paper.belongs_to(appid=door.appid, merchant_id=None)
        sealed = paper.text("name", length_max=1024)
        new = NewReceiver(
            merchant_id=door.merchant_id,
            account=paper.account("account"),
            name=door.keys.opened(request.headers.get("Wechatpay-Serial", ""), sealed),
            kind=_kind(paper),
        )
        with bank.books.writing() as connection:
            receivers.add(connection, new)
        kept = ("type", "account", "relation_type")
        return answer({name: paper.fields.get(name, "") for name in kept} | {"name": sealed})

    @api.post("/v3/profitsharing/receivers/delete")
    def delete_receiver() -> Response:
        paper = Paper.of(request.get_data())
        with bank.books.writing() as connection:
            try:
                receivers.remove(connection, door.merchant_id, paper.account("account"))
            except Refusal as refusal:
                raise Refusal("RESOURCE_NOT_EXISTS", refusal.message) from refusal
        return answer({name: paper.fields[name] for name in ("type", "account")})


def _kind(paper: Paper) -> str:
    kind = _KINDS.get(paper.text("type", length_max=32))
    if kind is None:
        raise Refusal("PARAM_ERROR", "type错误")
    return kind


def _order_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    bank = door.bank

    @api.post("/v3/profitsharing/orders")
    def create_split() -> Response:
        paper = Paper.of(request.get_data())
        order = by_transaction(door, paper.text("transaction_id", length_max=32))
        if not papers.Scene.of(bank.books.connection, order["our_no"]).is_shared:
            raise Refusal("INVALID_REQUEST", "该订单不支持分账")
        new = _new_split(door, paper, order)
        with bank.books.writing() as connection:
            return answer(_written(connection, splits.request(connection, bank, new)))

    @api.get("/v3/profitsharing/orders/<out_order_no>")
    def show_split(out_order_no: str) -> Response:
        order = by_transaction(door, request.args.get("transaction_id", ""))
        connection = bank.books.connection
        split = splits.by_number(connection, door.merchant_id, out_order_no)
        if split["order_id"] != order["id"]:
            raise Refusal("SPLIT_NOT_FOUND", "分账单不存在")
        return answer(_written(connection, split))

    @api.get("/v3/profitsharing/transactions/<transaction_id>/amounts")
    def show_amounts(transaction_id: str) -> Response:
        order = by_transaction(door, transaction_id)
        left = 0 if order["sharing_ended_ms"] else order["received_minor"] - order["shared_minor"]
        return answer({"transaction_id": transaction_id, "unsplit_amount": left})


def _new_split(door: WeChatPayDoor, paper: Paper, order: sqlite3.Row) -> NewSplit:
    split_no = paper.our_number("out_order_no")
    shares = [
        _share(part, f"{split_no}-{place}")
        for place, part in enumerate(paper.parts("receivers"), start=1)
    ]
    return NewSplit(
        merchant_id=door.merchant_id,
        split_no=split_no,
        our_no=order["our_no"],
        shares=tuple(shares),
        is_last=paper.flag("unfreeze_unsplit"),
        notify_url="",
    )


def _share(part: Paper, number: str) -> NewShare:
    """The books want a number of each share: the one in its description, else a made-up one."""
    _kind(part)
    note = part.text("description", length_max=80)
    found = _NUMBER_IN_NOTE.search(note)
    return NewShare(
        share_no=found[1] if found else number,
        receiver=part.account("account"),
        amount_minor=part.whole("amount"),
        note=note,
    )


def _written(connection: sqlite3.Connection, split: sqlite3.Row) -> dict[str, Any]:
    (transaction_id,) = connection.execute(
        "SELECT acquirer_no FROM orders WHERE id = ?", (split["order_id"],)
    ).fetchone()
    rows = {row["share_no"]: row for row in splits.shares_of(connection, split)}
    shown = splits.view(connection, split)
    return papers.split(shown, transaction_id=transaction_id, rows=rows)


def _release_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    @api.post("/v3/profitsharing/orders/unfreeze")
    def unfreeze() -> Response:
        paper = Paper.of(request.get_data())
        transaction_id = paper.text("transaction_id", length_max=32)
        order = by_transaction(door, transaction_id)
        if order["status"] != "SUCCESS":
            raise Refusal("ORDER_NOT_PAID", "订单未支付")
        with door.bank.books.writing() as connection:
            splits.end_sharing(connection, order["id"])
        return answer(
            {
                "transaction_id": transaction_id,
                "out_order_no": paper.our_number("out_order_no"),
                "order_id": new_acquirer_no("SU"),
                "state": "FINISHED",
                "receivers": [],
            }
        )


def _return_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    bank = door.bank

    @api.post("/v3/profitsharing/return-orders")
    def create_return() -> Response:
        paper = Paper.of(request.get_data())
        new = NewReturn(
            merchant_id=door.merchant_id,
            return_no=paper.our_number("out_return_no"),
            split_no=_split_no(door, paper),
            receiver=paper.account("return_mchid"),
            amount_minor=paper.whole("amount"),
            notify_url="",
        )
        with bank.books.writing() as connection:
            row = split_returns.request(connection, bank, new)
            return answer(_returned(connection, door, row))

    @api.get("/v3/profitsharing/return-orders/<out_return_no>")
    def show_return(out_return_no: str) -> Response:
        connection = bank.books.connection
        row = split_returns.by_number(connection, door.merchant_id, out_return_no)
        return answer(_returned(connection, door, row))


def _split_no(door: WeChatPayDoor, paper: Paper) -> str:
    if "out_order_no" in paper.fields:
        return paper.our_number("out_order_no")
    row = door.bank.books.connection.execute(
        "SELECT split_no FROM splits WHERE merchant_id = ? AND acquirer_split_no = ?",
        (door.merchant_id, paper.text("order_id", length_max=64)),
    ).fetchone()
    if row is None:
        raise Refusal("SPLIT_NOT_FOUND", "分账单不存在")
    return str(row["split_no"])


def _returned(
    connection: sqlite3.Connection, door: WeChatPayDoor, row: sqlite3.Row
) -> dict[str, Any]:
    shown = split_returns.view(connection, row)
    split = splits.by_number(connection, door.merchant_id, str(shown["split_no"]))
    return papers.returned(shown, split["acquirer_split_no"])
