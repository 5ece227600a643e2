"""Sharing out (分账): relations with receivers, settlements, what became of each share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from payments.sandbox.core import receivers, splits
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.receivers import NewReceiver
from payments.sandbox.core.splits import NewShare, NewSplit
from payments.sandbox.dialects.alipay.envelope import Call, good
from payments.sandbox.dialects.alipay.papers import (
    SPLIT_REASONS,
    GatewayError,
    beijing,
    business,
    fen,
    number,
    text,
    yuan,
)
from payments.sandbox.dialects.alipay.trades import Trades
from payments.sandbox.refusals import Refusal

_STATES: Final = {"PROCESSING": "PROCESSING", "SUCCESS": "SUCCESS", "FAILED": "FAIL"}


class Royalties:
    """What one merchant shares out."""

    def __init__(self, bank: Bank, merchant_id: str, trades: Trades) -> None:
        """Take the bank's books and the merchant's trades."""
        self._bank = bank
        self._merchant_id = merchant_id
        self._trades = trades

    def bind(self, call: Call) -> dict[str, object]:
        """alipay.trade.royalty.relation.bind."""
        try:
            with self._bank.books.writing() as connection:
                for one in _listed(call.paper, "receiver_list"):
                    new = NewReceiver(
                        self._merchant_id, text(one, "account"), text(one, "name"), "merchant"
                    )
                    receivers.add(connection, new)
        except Refusal as refusal:
            raise GatewayError.of(refusal, SPLIT_REASONS) from refusal
        return good(result_code="SUCCESS")

    def unbind(self, call: Call) -> dict[str, object]:
        """alipay.trade.royalty.relation.unbind."""
        try:
            with self._bank.books.writing() as connection:
                for one in _listed(call.paper, "receiver_list"):
                    receivers.remove(connection, self._merchant_id, text(one, "account"))
        except Refusal as refusal:
            raise business("ACQ.ROYALTY_RELATION_NOT_EXIST") from refusal
        return good(result_code="SUCCESS")

    def settle(self, call: Call) -> dict[str, object]:
        """alipay.trade.order.settle, in its asynchronous mode."""
        paper = call.paper
        if not text(paper, "trade_no"):
            raise business("ACQ.INVALID_PARAMETER", "trade_no is missing")
        order, split_no = self._trades.existing(paper), number(paper, "out_request_no")
        shares = tuple(
            NewShare(f"{split_no}{place:03d}", text(one, "trans_in"), fen(one, "amount"), "")
            for place, one in enumerate(_listed(paper, "royalty_parameters"))
        )
        new = NewSplit(
            merchant_id=self._merchant_id,
            split_no=split_no,
            our_no=order["our_no"],
            shares=shares,
            is_last=False,
            notify_url="",
        )
        try:
            with self._bank.books.writing() as connection:
                row = splits.request(connection, self._bank, new)
        except Refusal as refusal:
            raise GatewayError.of(refusal, SPLIT_REASONS) from refusal
        return good(trade_no=order["acquirer_no"], settle_no=row["acquirer_split_no"])

    def query(self, call: Call) -> dict[str, object]:
        """alipay.trade.order.settle.query."""
        connection = self._bank.books.connection
        order = self._trades.existing(call.paper)
        split_no = number(call.paper, "out_request_no")
        try:
            row = splits.by_number(connection, self._merchant_id, split_no)
        except Refusal as refusal:
            raise GatewayError.of(refusal, SPLIT_REASONS) from refusal
        if row["order_id"] != order["id"]:
            raise business("ACQ.SETTLE_NOT_EXIST")
        details = [
            {
                "operation_type": "transfer",
                "execute_dt": beijing(share["done_ms"]),
                "trans_out": self._merchant_id,
                "trans_out_type": "userId",
                "trans_in": share["receiver"],
                "trans_in_type": "loginName",
                "amount": yuan(share["amount_minor"]),
                "state": _STATES[share["status"]],
                **_reason(share["failure_code"]),
            }
            for share in splits.shares_of(connection, row)
        ]
        return good(
            out_request_no=split_no,
            operation_dt=beijing(row["created_ms"]),
            royalty_detail_list=details,
        )


def _reason(code: str) -> dict[str, str]:
    return {"error_code": "TXN_RESULT_ACCOUNT_STATUS_NOT_VALID", "error_desc": code} if code else {}


def _listed(paper: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = paper.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(x, dict) for x in found):
        raise business("ACQ.INVALID_PARAMETER", f"{name} is no list")
    return found
