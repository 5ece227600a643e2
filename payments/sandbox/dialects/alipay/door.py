"""Alipay's gateway at the sandbox: one address for every method, and the pages payers come to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import IO, ClassVar, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.core import orders
from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.alipay import keys as files
from payments.sandbox.dialects.alipay.envelope import Call, open_call, refusal, sealed, written
from payments.sandbox.dialects.alipay.funds import Funds
from payments.sandbox.dialects.alipay.keys import DoorKeys
from payments.sandbox.dialects.alipay.letters import Writer
from payments.sandbox.dialects.alipay.mandates import Mandates
from payments.sandbox.dialects.alipay.manner import AlipayManner, asked_by, node_of
from payments.sandbox.dialects.alipay.papers import GatewayError
from payments.sandbox.dialects.alipay.royalties import Royalties
from payments.sandbox.dialects.alipay.statements import Statements
from payments.sandbox.dialects.alipay.trades import Trades, see
from payments.sandbox.dialects.door import Door
from payments.sandbox.letters import Letter
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import mishaps

logger = logging.getLogger(__name__)

APP_ID: Final = "2021000100000001"
_CHUNK_BYTES: Final = 262_144
_PAGES: Final = frozenset({"alipay.trade.wap.pay", "alipay.trade.page.pay"})
_SIGNING: Final = "alipay.user.agreement.page.sign"

Method = Callable[[Call], dict[str, object]]


class AlipayDoor(Door):
    """The open platform's gateway."""

    name: ClassVar[str] = "alipay"
    merchant_id: ClassVar[str] = "2088102100000001"

    def __init__(self, bank: Bank) -> None:
        """Open the rooms behind the gateway."""
        super().__init__(bank)
        self._trades = Trades(bank, self.merchant_id, self.url)
        self._mandates = Mandates(bank, self.merchant_id)
        self._statements = Statements(bank, self.merchant_id, self.url)
        self._writer = Writer(bank, self._keys, app_id=APP_ID, merchant_id=self.merchant_id)
        self._manner = AlipayManner(bank)
        self._methods = self._rooms()

    def _rooms(self) -> Mapping[str, Method]:
        royalties = Royalties(self.bank, self.merchant_id, self._trades)
        funds = Funds(self.bank, self.merchant_id)
        return {
            "alipay.trade.precreate": self._trades.precreate,
            "alipay.trade.create": self._trades.create,
            "alipay.trade.pay": self._trades.pay,
            "alipay.trade.query": self._trades.query,
            "alipay.trade.close": self._trades.close,
            "alipay.trade.refund": self._trades.refund,
            "alipay.trade.fastpay.refund.query": self._trades.refund_query,
            "alipay.user.agreement.query": self._mandates.query,
            "alipay.user.agreement.unsign": self._mandates.unsign,
            "alipay.trade.royalty.relation.bind": royalties.bind,
            "alipay.trade.royalty.relation.unbind": royalties.unbind,
            "alipay.trade.order.settle": royalties.settle,
            "alipay.trade.order.settle.query": royalties.query,
            "alipay.fund.trans.uni.transfer": funds.transfer,
            "alipay.fund.trans.common.query": funds.query,
            "alipay.data.dataservice.bill.downloadurl.query": self._statements.address,
        }

    def make_keys(self) -> None:
        """Make both pairs and their certificates where they are missing."""
        self._keys = DoorKeys.made(self.own_half, self.merchants_half)

    def account(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Everything switched on, in certificate mode; the key alone lies there as well."""
        settings = {
            "app_id": APP_ID,
            "app": True,
            "mini_program": True,
            "agreement": True,
            "sign_scene": "INDUSTRY|GENERAL",
            "royalty": True,
            "transfer": True,
            "is_test": True,
            "fee_rate": self.bank.settings.fee_rate,
        }
        names = {
            "app_private_key": files.APP_KEY,
            "alipay_public_key": files.ALIPAY_PUBLIC,
            "app_cert": files.APP_CERT,
            "alipay_cert": files.ALIPAY_CERT,
            "alipay_root_cert": files.ROOTS,
        }
        return settings, names

    def routes(self) -> Blueprint:
        """The gateway, the code a payer scans, the statements' address."""
        routes = Blueprint("alipay", __name__)
        routes.add_url_rule("/gateway.do", "gateway", self._gateway, methods=["GET", "POST"])
        routes.add_url_rule("/qr/<page>", "qr", self._scan)
        routes.add_url_rule("/bills/<day>", "bills", self._bill)
        return routes

    def letter(self, notice: object, flaw: str) -> Letter | None:
        """Write a notice."""
        return self._writer.letter(notice, flaw)  # type: ignore[arg-type]

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Only the one word counts."""
        return status == 200 and said == b"success"

    def _gateway(self) -> AnyResponse:
        method = request.values.get("method", "")
        try:
            call = open_call(self._keys, APP_ID, request)
        except GatewayError as error:
            logger.info("alipay.refused method=%s code=%s", method, error.sub_code)
            return self._unread(method, error)
        if call.method in _PAGES or call.method == _SIGNING:
            return self._page(call)
        return self._answer(call)

    def _unread(self, method: str, error: GatewayError) -> Response:
        """Refuse what could not be read: signed only where it was surely our merchant's."""
        node = written(refusal(error))
        name = (
            f"{method.replace('.', '_')}_response" if method in self._methods else "error_response"
        )
        return Response(b'{"' + name.encode() + b'":' + node + b"}", mimetype="application/json")

    def _answer(self, call: Call) -> Response:
        asked = asked_by(call, self.merchant_id)
        early = mishaps.before_execution(self.bank, request, asked)
        if early is not None:
            return early
        response = Response(written(self._said(call)), mimetype="application/json")
        self.bank.bell.set()
        left = mishaps.after_execution(self.bank, asked, response, manner=self._manner)
        if node_of(response):
            node = response.get_data()
            body = sealed(
                self._keys,
                method=call.method,
                node=node,
                with_certificates=call.with_certificates,
            )
            response.set_data(body)
        return mishaps.after_signing(request, response, left, manner=self._manner)

    def _said(self, call: Call) -> dict[str, object]:
        method = self._methods.get(call.method)
        if method is None:
            return refusal(GatewayError("40002", "isv.invalid-method"))
        try:
            return method(call)
        except GatewayError as error:
            logger.info("alipay.refused method=%s code=%s", call.method, error.sub_code)
            return refusal(error)
        except Exception:
            logger.exception("alipay.broken method=%s", call.method)
            return refusal(GatewayError("20000", "isp.unknow-error"))

    def _page(self, call: Call) -> AnyResponse:
        """Lead a payer's browser from the gateway to the bank's own pages."""
        base = self.bank.settings.base_url
        try:
            if call.method == _SIGNING:
                return redirect(f"{base}/sign/{self._mandates.started(call)['page_token']}")
            order = self._trades.placed(call, is_seen=True)
        except GatewayError as error:
            text = f"{error.sub_code}: {error.sub_msg}"
            return Response(text, status=400, mimetype="text/plain")
        return redirect(f"{base}/cashier/{order['page_token']}")

    def _scan(self, page: str) -> AnyResponse:
        try:
            order = orders.by_page(self.bank.books.connection, page)
        except Refusal as error:
            return Response(error.message, status=404, mimetype="text/plain")
        with self.bank.books.writing() as connection:
            see(connection, order)
        return redirect(f"{self.bank.settings.base_url}/scan/{page}")

    def _bill(self, day: str) -> Response:
        until, proof = request.args.get("until", ""), request.args.get("proof", "")
        try:
            packed = self._statements.packed(day, until, proof)
        except GatewayError as error:
            return Response(error.sub_code, status=404, mimetype="text/plain")
        if packed is None:
            return Response("this address is not good any more", status=403, mimetype="text/plain")
        response = Response(_chunks(packed), mimetype="application/zip")
        response.call_on_close(packed.close)
        return response


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
