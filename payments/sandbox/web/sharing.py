"""The merchants' API for sharing a paid order out: receivers, splits, shares taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from payments.sandbox.core import receivers, split_returns, splits
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.receivers import NewReceiver
from payments.sandbox.core.split_returns import NewReturn
from payments.sandbox.core.splits import NewShare, NewSplit
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer
from payments.sandbox.web.intake import Paper


def sharing_routes(api: Blueprint, bank: Bank) -> None:
    """Add /v1/receivers, /v1/splits and /v1/split-returns."""
    _receiver_routes(api, bank)
    _split_routes(api, bank)
    _return_routes(api, bank)


def _receiver_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/receivers")
    def add_receiver() -> Response:
        paper = Paper.read(request.get_data())
        kind = paper.text("kind", length_max=20, default="merchant")
        if kind not in {"merchant", "person"}:
            raise Refusal("PARAM_ERROR", "kind is merchant or person")
        new = NewReceiver(
            merchant_id=g.merchant_id,
            account=paper.account("account"),
            name=paper.text("name", length_max=80),
            kind=kind,
        )
        with bank.books.writing() as connection:
            return answer(receivers.view(receivers.add(connection, new)))

    @api.get("/receivers/<account>")
    def show_receiver(account: str) -> Response:
        found = receivers.by_account(bank.books.connection, g.merchant_id, account)
        return answer(receivers.view(found))

    @api.post("/receivers/<account>/remove")
    def remove_receiver(account: str) -> Response:
        with bank.books.writing() as connection:
            return answer(receivers.view(receivers.remove(connection, g.merchant_id, account)))


def _split_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/splits")
    def create_split() -> Response:
        paper = Paper.read(request.get_data())
        new = NewSplit(
            merchant_id=g.merchant_id,
            split_no=paper.number("split_no"),
            our_no=paper.number("our_no"),
            shares=tuple(_share(fields) for fields in paper.objects("shares")),
            is_last=paper.flag("is_last"),
            notify_url=paper.notify_url(bank.settings.notify_hosts),
        )
        with bank.books.writing() as connection:
            return answer(splits.view(connection, splits.request(connection, bank, new)))

    @api.get("/splits/<split_no>")
    def show_split(split_no: str) -> Response:
        connection = bank.books.connection
        split = splits.by_number(connection, g.merchant_id, split_no)
        return answer(splits.view(connection, split))

    @api.post("/splits/<split_no>/unfreeze")
    def unfreeze(split_no: str) -> Response:
        with bank.books.writing() as connection:
            split = splits.by_number(connection, g.merchant_id, split_no)
            splits.unfreeze(connection, split)
            return answer(splits.view(connection, split))


def _share(fields: dict[str, Any]) -> NewShare:
    paper = Paper(fields)
    return NewShare(
        share_no=paper.number("share_no"),
        receiver=paper.account("receiver"),
        amount_minor=paper.amount()[0],
        note=paper.text("note", length_max=80, default=""),
    )


def _return_routes(api: Blueprint, bank: Bank) -> None:
    @api.post("/split-returns")
    def create_return() -> Response:
        paper = Paper.read(request.get_data())
        new = NewReturn(
            merchant_id=g.merchant_id,
            return_no=paper.number("return_no"),
            split_no=paper.number("split_no"),
            receiver=paper.account("receiver"),
            amount_minor=paper.amount()[0],
            notify_url=paper.notify_url(bank.settings.notify_hosts),
        )
        with bank.books.writing() as connection:
            returned = split_returns.request(connection, bank, new)
            return answer(split_returns.view(connection, returned))

    @api.get("/split-returns/<return_no>")
    def show_return(return_no: str) -> Response:
        connection = bank.books.connection
        returned = split_returns.by_number(connection, g.merchant_id, return_no)
        return answer(split_returns.view(connection, returned))
