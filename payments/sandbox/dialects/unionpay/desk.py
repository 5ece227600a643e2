"""What UnionPay's requests ask for, done by the core bank: fields in, fields out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from payments.sandbox.core import agreements, cards, charges, orders, refunds
from payments.sandbox.core.agreements import NewAgreement
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.dialects.unionpay import numbers, opened, wire
from payments.sandbox.dialects.unionpay.wire import Fields
from payments.sandbox.faults import Point, Temper, strike
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal

_AMOUNT_MAX: Final = 100_000_000_00


class Desk:
    """One merchant's desk."""

    def __init__(self, bank: Bank, merchant_id: str, sealing: opened.Seals) -> None:
        """Sit down with the bank's books."""
        self._bank = bank
        self._merchant_id = merchant_id
        self._seals = sealing

    def back(self, fields: Fields) -> Fields:
        """Answer a request of backTransReq.do."""
        doings: dict[tuple[str, str], Callable[[Fields], Fields]] = {
            ("01", "07"): self._code,
            ("01", "01"): self._charge,
            ("04", "00"): self._refund,
            ("31", "00"): self._refund,
            ("77", "02"): self._send_code,
            ("78", "02"): self._show_opening,
            ("74", "01"): self._delete_token,
        }
        doing = doings.get((fields.get("txnType", ""), fields.get("txnSubType", "")))
        if doing is None:
            raise Refusal("43", "无此业务权限")
        return doing(fields)

    def new_order(self, fields: Fields, way: str) -> NewOrder:
        """Read an order; Refusal 10 or 13."""
        return NewOrder(
            merchant_id=self._merchant_id,
            our_no=numbers.order_id(fields),
            way=way,
            amount_minor=self._amount(fields),
            currency="CNY",
            subject=fields.get("orderDesc", "") or "银联支付",
            return_url=fields.get("frontUrl", ""),
            notify_url=self._notify_url(fields),
            expires_ms=numbers.instant_ms(fields.get("payTimeout", "")),
        )

    def _amount(self, fields: Fields) -> int:
        text = fields.get("txnAmt", "")
        is_fen = text.isascii() and text.isdecimal() and len(text) <= 12
        if not is_fen or fields.get("currencyCode") != "156" or not 0 < int(text) <= _AMOUNT_MAX:
            raise Refusal("10", "报文格式错误[txnAmt]")
        return int(text)

    def _notify_url(self, fields: Fields) -> str:
        url = fields.get("backUrl", "")
        if url and not is_allowed_url(url, self._bank.settings.notify_hosts):
            raise Refusal("NOTIFY_URL_NOT_ALLOWED", "backUrl")
        return url

    def place(self, fields: Fields, way: str = "cashier") -> sqlite3.Row:
        """Open an order for a payer to pay by herself, or find it again."""
        with self._bank.books.writing() as connection:
            new = self.new_order(fields, way)
            numbers.remember(connection, fields)
            order, _ = orders.place(connection, new)
            return order

    def start_opening(self, fields: Fields) -> sqlite3.Row:
        """Open a signing for a card's owner, or find it again."""
        with self._bank.books.writing() as connection:
            numbers.remember(connection, fields)
            return agreements.start(
                connection,
                NewAgreement(
                    merchant_id=self._merchant_id,
                    agreement_no=numbers.order_id(fields),
                    owner_ref="unionpay",
                    return_url=fields.get("frontUrl", ""),
                    notify_url=self._notify_url(fields),
                    holder_phone=self._seals.phone_in(fields),
                ),
            )

    def app(self, fields: Fields) -> Fields:
        """Answer appTransReq.do with the number an app pays by."""
        order = self.place(fields)
        return {"tn": numbers.query_id(order["page_token"])}

    def _code(self, fields: Fields) -> Fields:
        order = self.place(fields)
        connection = self._bank.books.connection
        return {"qrCode": str(orders.view(connection, self._bank, order)["qr_url"])}

    def _agreement(self, connection: sqlite3.Connection, fields: Fields) -> sqlite3.Row:
        token = wire.token_data(fields.get("tokenPayData", "")).get("token", "")
        return agreements.by_token(connection, self._merchant_id, token)

    def _send_code(self, fields: Fields) -> Fields:
        """Send a code to a card's owner where her bank sends any; 79 where it does not."""
        with self._bank.books.writing() as connection:
            agreement = self._agreement(connection, fields)
            card = cards.recall(connection, agreement["fingerprint"])
            known = orders.find(connection, self._merchant_id, numbers.order_id(fields))
            if known is not None and known["status"] != "USERPAYING":
                raise Refusal("12", "重复交易")
            if not agreements.is_in_force(agreement):
                raise Refusal("AGREEMENT_NOT_ACTIVE", "token")
            if card is None or card.temper is not Temper.ASKS_CODE:
                raise Refusal("79", "此卡可用，但发卡行暂不支持短信验证")
            numbers.remember(connection, {**fields, "txnType": "01", "txnSubType": "01"})
            new = self.new_order({"backUrl": "", **fields}, "agreement")
            charges.charge(connection, self._bank, new=new, token=agreement["token"])
        return {}

    def _charge(self, fields: Fields) -> Fields:
        token = wire.token_data(fields.get("tokenPayData", "")).get("token", "")
        new, typed = self.new_order(fields, "agreement"), self._seals.code_in(fields)
        known = orders.find(self._bank.books.connection, self._merchant_id, new.our_no)
        if known is not None:
            return self._charge_with_code(known, new, typed)
        charges.heed_revocation(self._bank, new=new, token=token)
        with self._bank.books.writing() as connection:
            numbers.remember(connection, fields)
            order, temper = charges.charge(connection, self._bank, new=new, token=token)
            if order["status"] == "USERPAYING":
                orders.decline(connection, order, "CODE_MISSING")
                order = orders.by_number(connection, self._merchant_id, new.our_no)
        strike(Point.AFTER_EXECUTE, temper, self._bank.settings)
        return self._charged(order)

    def _charge_with_code(self, order: sqlite3.Row, new: NewOrder, typed: str) -> Fields:
        """Go on with a charge whose owner was asked for a code; a wrong one may be typed anew."""
        is_same = order["amount_minor"] == new.amount_minor
        if order["status"] != "USERPAYING" or not is_same or not typed:
            raise Refusal("12", "重复交易")
        try:
            charges.pay_with_code(self._bank, order, typed)
        except Refusal as refusal:
            if refusal.code != "CODE_WRONG":
                with self._bank.books.writing() as connection:
                    orders.decline(connection, order, refusal.code)
            raise
        found = orders.by_number(self._bank.books.connection, self._merchant_id, order["our_no"])
        return self._charged(found)

    def _charged(self, order: sqlite3.Row) -> Fields:
        if order["status"] == "PAYERROR":
            raise Refusal(order["failure_code"], "declined")
        return {"queryId": numbers.query_id(order["acquirer_no"])}

    def _refund(self, fields: Fields) -> Fields:
        connection = self._bank.books.connection
        number = numbers.order_id(fields)
        if refunds.find(connection, self._merchant_id, number) is not None:
            raise Refusal("12", "重复交易")
        with self._bank.books.writing() as connection:
            order = numbers.order_of(connection, self._merchant_id, fields.get("origQryId", ""))
            amount_minor = self._amount(fields)
            if fields["txnType"] == "31" and amount_minor != order["received_minor"]:
                raise Refusal("36", "与原交易信息不符")
            numbers.remember(connection, fields)
            new = NewRefund(
                merchant_id=self._merchant_id,
                refund_no=number,
                our_no=order["our_no"],
                amount_minor=amount_minor,
                currency="CNY",
                reason="",
                notify_url=self._notify_url(fields),
            )
            refund = refunds.request(connection, self._bank, new)
        return {"queryId": numbers.query_id(refund["acquirer_refund_no"])}

    def query(self, fields: Fields) -> Fields:
        """Answer queryTrans.do: the outer code says that it was found, the inner what became."""
        if fields.get("txnType") != "00":
            raise Refusal("43", "无此业务权限")
        connection = self._bank.books.connection
        number = numbers.order_id(fields)
        known = numbers.recall(connection, number)
        if known is None or known["txn_time"] != fields.get("txnTime"):
            raise Refusal("ORDER_NOT_FOUND", "no such number at that instant")
        order = orders.find(connection, self._merchant_id, number)
        if order is not None:
            return opened.of_order(connection, order)
        return opened.of_refund(
            connection, refunds.by_number(connection, self._merchant_id, number)
        )

    def _show_opening(self, fields: Fields) -> Fields:
        connection = self._bank.books.connection
        agreement = agreements.by_number(connection, self._merchant_id, numbers.order_id(fields))
        return self._seals.of_agreement(connection, agreement)

    def _delete_token(self, fields: Fields) -> Fields:
        with self._bank.books.writing() as connection:
            agreement = self._agreement(connection, fields)
            if agreement["status"] not in {"ACTIVE", "SUSPENDED"}:
                raise Refusal("AGREEMENT_NOT_ACTIVE", "token")
            agreements.unbind(connection, agreement)
        return {}
