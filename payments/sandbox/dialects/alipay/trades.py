"""Trades: opened by code, page, mini program or agreement; asked about, closed, given back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import campaigns, charges, orders, refunds
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.dialects.alipay.envelope import Call, good
from payments.sandbox.dialects.alipay.papers import (
    REFUND_REASONS,
    TRADE_REASONS,
    GatewayError,
    beijing,
    business,
    fen,
    instant_ms,
    number,
    text,
    yuan,
)
from payments.sandbox.faults import Point, strike
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal

_CUSTOM_LIFETIME_MS: Final = 86_400_000
# After so long nothing goes back any more.
FINISHED_AFTER_MS: Final = 365 * 86_400_000
_OPEN: Final = frozenset({"NOTPAY", "USERPAYING"})


class Trades:
    """The trades of one merchant."""

    def __init__(self, bank: Bank, merchant_id: str, door_url: str) -> None:
        """Take the bank's books."""
        self._bank = bank
        self._merchant_id = merchant_id
        self._door_url = door_url

    def placed(self, call: Call, *, is_seen: bool) -> sqlite3.Row:
        """Open a trade or find it again; `is_seen` is whether its payer is there already."""
        new = self._new_order(call, "cashier")
        try:
            with self._bank.books.writing() as connection:
                order, _ = orders.place(connection, new)
                if is_seen:
                    see(connection, order)
        except Refusal as refusal:
            raise GatewayError.of(refusal, TRADE_REASONS) from refusal
        if order["status"] == "SUCCESS":
            raise business("ACQ.TRADE_HAS_SUCCESS")
        if order["status"] not in _OPEN:
            raise business("ACQ.TRADE_HAS_CLOSE")
        return order

    def _new_order(self, call: Call, way: str) -> NewOrder:
        paper = call.paper
        expires = text(paper, "time_expire", length_max=19)
        return NewOrder(
            merchant_id=self._merchant_id,
            our_no=number(paper, "out_trade_no"),
            way=way,
            amount_minor=fen(paper, "total_amount"),
            currency="CNY",
            subject=text(paper, "subject"),
            return_url=call.return_url,
            notify_url=self._notify_url(call),
            expires_ms=instant_ms(expires) if expires else now_ms() + _CUSTOM_LIFETIME_MS,
        )

    def _notify_url(self, call: Call) -> str:
        if call.notify_url and not is_allowed_url(
            call.notify_url, self._bank.settings.notify_hosts
        ):
            raise GatewayError("40002", "isv.invalid-notify-url")
        return call.notify_url

    def precreate(self, call: Call) -> dict[str, object]:
        """alipay.trade.precreate: a code to scan; nobody has a trade before it is."""
        order = self.placed(call, is_seen=False)
        code = f"{self._door_url}/qr/{order['page_token']}"
        return good(out_trade_no=order["our_no"], qr_code=code)

    def create(self, call: Call) -> dict[str, object]:
        """alipay.trade.create: for a payer inside a mini program."""
        if not text(call.paper, "buyer_open_id") and not text(call.paper, "buyer_id"):
            raise business("ACQ.INVALID_PARAMETER", "buyer_open_id is missing")
        order = self.placed(call, is_seen=True)
        return good(out_trade_no=order["our_no"], trade_no=order["acquirer_no"])

    def pay(self, call: Call) -> dict[str, object]:
        """alipay.trade.pay under an agreement (商家扣款)."""
        params = call.paper.get("agreement_params")
        token = text(params, "agreement_no") if isinstance(params, Mapping) else ""
        if not token:
            raise business("ACQ.INVALID_PARAMETER", "only agreements pay here")
        new, bank = self._new_order(call, "agreement"), self._bank
        known = orders.find(bank.books.connection, self._merchant_id, new.our_no)
        try:
            charges.heed_revocation(bank, new=new, token=token)
            with bank.books.writing() as connection:
                order, temper = charges.charge(connection, bank, new=new, token=token)
        except Refusal as refusal:
            raise GatewayError.of(refusal, TRADE_REASONS) from refusal
        if known is not None and order["status"] == "SUCCESS":
            raise business("ACQ.TRADE_HAS_SUCCESS")
        strike(Point.AFTER_EXECUTE, temper, bank.settings)
        if order["status"] == "PAYERROR":
            raise business(TRADE_REASONS.get(order["failure_code"], "ACQ.PAYMENT_FAIL"))
        said = self.told(order)
        said.pop("trade_status")
        said["gmt_payment"] = said.pop("send_pay_date", "")
        if order["status"] == "USERPAYING":
            return {**said, "code": "10003", "msg": "order success pay inprocess"}
        return said

    def query(self, call: Call) -> dict[str, object]:
        """alipay.trade.query."""
        return self.told(self.existing(call.paper))

    def close(self, call: Call) -> dict[str, object]:
        """alipay.trade.close: an unpaid trade that somebody opened."""
        order = self.existing(call.paper)
        if order["status"] not in _OPEN:
            raise business("ACQ.TRADE_STATUS_ERROR")
        try:
            with self._bank.books.writing() as connection:
                orders.close(connection, self._merchant_id, order["our_no"])
        except Refusal as refusal:
            raise GatewayError.of(refusal, TRADE_REASONS) from refusal
        return good(trade_no=order["acquirer_no"], out_trade_no=order["our_no"])

    def existing(self, paper: Mapping[str, Any]) -> sqlite3.Row:
        """Find the trade a paper names; one whose payer never came does not exist."""
        connection = self._bank.books.connection
        our_no, their_no = text(paper, "out_trade_no"), text(paper, "trade_no")
        if their_no:
            row = connection.execute(
                "SELECT our_no FROM orders WHERE merchant_id = ? AND acquirer_no = ?",
                (self._merchant_id, their_no),
            ).fetchone()
            our_no = row["our_no"] if row else ""
        order = orders.find(connection, self._merchant_id, our_no) if our_no else None
        if order is None or not self._exists(order):
            raise business("ACQ.TRADE_NOT_EXIST")
        return order

    def _exists(self, order: sqlite3.Row) -> bool:
        if order["status"] == "SUCCESS":
            return True
        if order["way"] == "agreement":
            return str(order["status"]) in _OPEN
        return is_seen(self._bank.books.connection, order)

    def told(self, order: sqlite3.Row) -> dict[str, object]:
        """Describe a trade."""
        return good(**described(self._bank.books.connection, order))

    def refund(self, call: Call) -> dict[str, object]:
        """alipay.trade.refund: done when it is answered, unless a rule wants it otherwise."""
        paper, connection = call.paper, self._bank.books.connection
        order = self.existing(paper)
        number_ = number(paper, "out_request_no")
        is_new = refunds.find(connection, self._merchant_id, number_) is None
        new = NewRefund(
            merchant_id=self._merchant_id,
            refund_no=number_,
            our_no=order["our_no"],
            amount_minor=fen(paper, "refund_amount"),
            currency="CNY",
            reason=text(paper, "refund_reason"),
            notify_url=order["notify_url"],
        )
        try:
            with self._bank.books.writing() as writing:
                row = refunds.request(writing, self._bank, new)
        except Refusal as refusal:
            raise GatewayError.of(refusal, REFUND_REASONS) from refusal
        if row["status"] in {"FAILED", "ABNORMAL"}:
            raise business("ACQ.TRADE_NOT_ALLOW_REFUND")
        has_moved = is_new and row["status"] == "SUCCESS"
        return good(
            trade_no=order["acquirer_no"],
            out_trade_no=order["our_no"],
            buyer_logon_id="159****5620",
            fund_change="Y" if has_moved else "N",
            refund_fee=yuan(given_back(connection, order)),
            send_back_fee=yuan(row["amount_minor"] if has_moved else 0),
        )

    def refund_query(self, call: Call) -> dict[str, object]:
        """alipay.trade.fastpay.refund.query: a state is told only of what is done."""
        order = self.existing(call.paper)
        number_ = number(call.paper, "out_request_no")
        row = refunds.find(self._bank.books.connection, self._merchant_id, number_)
        if row is None or row["order_id"] != order["id"]:
            return good()
        said = good(
            trade_no=order["acquirer_no"],
            out_trade_no=order["our_no"],
            out_request_no=number_,
            total_amount=yuan(order["amount_minor"]),
            refund_amount=yuan(row["amount_minor"]),
        )
        if row["status"] == "SUCCESS":
            said |= {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": beijing(row["done_ms"])}
        return said


def see(connection: sqlite3.Connection, order: sqlite3.Row) -> None:
    """Note that a trade's payer has come: from now on there is a trade."""
    connection.execute(
        "INSERT INTO alipay_trades (order_id, seen_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (order["id"], now_ms()),
    )


def is_seen(connection: sqlite3.Connection, order: sqlite3.Row) -> bool:
    """Tell whether a trade's payer has come."""
    found = connection.execute("SELECT 1 FROM alipay_trades WHERE order_id = ?", (order["id"],))
    return found.fetchone() is not None


def given_back(connection: sqlite3.Connection, order: sqlite3.Row) -> int:
    """Return what went back of a trade so far (fen)."""
    (minor,) = connection.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM refunds"
        " WHERE order_id = ? AND status = 'SUCCESS'",
        (order["id"],),
    ).fetchone()
    return int(minor)


def status_of(connection: sqlite3.Connection, order: sqlite3.Row) -> str:
    """Name a trade's state: one given back in full is closed, one too old for that is finished."""
    if order["status"] in _OPEN:
        return "WAIT_BUYER_PAY"
    if order["status"] != "SUCCESS" or given_back(connection, order) >= order["received_minor"]:
        return "TRADE_CLOSED"
    is_old = now_ms() - order["paid_ms"] > FINISHED_AFTER_MS
    return "TRADE_FINISHED" if is_old else "TRADE_SUCCESS"


def described(connection: sqlite3.Connection, order: sqlite3.Row) -> dict[str, object]:
    """Describe a trade in Alipay's words."""
    charged = order["amount_minor"] - order["discount_minor"]
    said: dict[str, object] = {
        "out_trade_no": order["our_no"],
        "trade_no": order["acquirer_no"],
        "trade_status": status_of(connection, order),
        "total_amount": yuan(order["amount_minor"]),
        "buyer_logon_id": "159****5620",
        "buyer_user_id": "2088000000000000",
    }
    if order["status"] == "SUCCESS":
        said |= {
            "send_pay_date": beijing(order["paid_ms"]),
            "buyer_pay_amount": yuan(charged),
            "receipt_amount": yuan(charged),
            "invoice_amount": yuan(charged),
            "point_amount": "0.00",
            "fund_bill_list": [{"fund_channel": "ALIPAYACCOUNT", "amount": yuan(charged)}],
        }
        if vouchers := _vouchers(connection, order):
            said["voucher_detail_list"] = vouchers
    return said


def _vouchers(connection: sqlite3.Connection, order: sqlite3.Row) -> list[dict[str, str]]:
    return [
        {
            "id": f"{part['ref']}",
            "name": "银行立减",
            "type": "ALIPAY_BIZ_VOUCHER",
            "amount": yuan(part["amount"]["minor"]),
            "merchant_contribute": "0.00",
            "other_contribute": yuan(part["amount"]["minor"]),
        }
        for part in campaigns.discounts_of(connection, order)
    ]
