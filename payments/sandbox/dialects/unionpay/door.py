"""UnionPay's door: its addresses, its certificates, its notices."""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from flask import Blueprint, Response, g, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.dialects.door import Door
from payments.sandbox.dialects.unionpay import authority, manner, notes, opened, statements, wire
from payments.sandbox.dialects.unionpay import words as says
from payments.sandbox.dialects.unionpay.desk import Desk
from payments.sandbox.keys import write_secret
from payments.sandbox.letters import Letter
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import mishaps

logger = logging.getLogger(__name__)

_ECHOED: Final = (
    *("txnType", "txnSubType", "bizType", "orderId", "txnTime"),
    *("txnAmt", "currencyCode", "origQryId", "settleDate"),
)
_EXPIRED_DAYS: Final = 30


class UnionPayDoor(Door):
    """The sandbox bank as UnionPay's gateway."""

    name: ClassVar[str] = "unionpay"
    merchant_id: ClassVar[str] = "777290058110048"

    def make_keys(self) -> None:
        """Make the play authority and everybody's certificates under it."""
        own, ours = self.own_half, self.merchants_half
        root = authority.kept(own, "root", "CA SANDBOX TEST ROOT", by=None)
        middle = authority.kept(own, "middle", "CA SANDBOX TEST OCA", by=root)
        name = authority.UNIONPAYS_NAME
        self._signing = authority.kept(own, "signing", name, by=middle)
        self._expired = authority.kept(own, "expired", name, by=middle, days=_EXPIRED_DAYS)
        self._sealing = authority.kept(own, "sealing", name, by=middle)
        shop = f"051@{self.merchant_id}@LINLI@00000001"
        self._merchant = authority.kept(own, "merchant", shop, by=middle)
        password = ours / "merchant_pfx_password"
        if not password.exists():
            write_secret(password, secrets.token_hex(8).encode())
            write_secret(
                ours / "merchant.pfx", authority.bundle(self._merchant, password.read_bytes())
            )
            write_secret(ours / "fingerprint_key", secrets.token_hex(32).encode())
        for holder, file in ((root, "root"), (middle, "middle"), (self._sealing, "encrypt_cert")):
            write_secret(ours / f"unionpay_{file}.pem", holder.pem.encode())

    def account(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Return settings and key files of our account here."""
        settings = {"is_test": True, "tr_id": opened.TR_ID, "fee_rate": self.bank.settings.fee_rate}
        keys = {
            "merchant_pfx": "merchant.pfx",
            "merchant_pfx_password": "merchant_pfx_password",
            "unionpay_root": "unionpay_root.pem",
            "unionpay_middle": "unionpay_middle.pem",
            "unionpay_encrypt_cert": "unionpay_encrypt_cert.pem",
            "fingerprint_key": "fingerprint_key",
        }
        return settings, keys

    def routes(self) -> Blueprint:
        """Build the gateway's addresses."""
        api = Blueprint("unionpay", __name__)
        own = self._sealing.key
        self._seals = opened.Seals(self._merchant.key.public_key(), own)
        desk = Desk(self.bank, self.merchant_id, self._seals)
        api.post("/gateway/api/frontTransReq.do", endpoint="front")(lambda: self._page(desk))
        for path, doing in (
            ("/gateway/api/backTransReq.do", desk.back),
            ("/gateway/api/appTransReq.do", desk.app),
            ("/gateway/api/queryTrans.do", desk.query),
            ("/", lambda asked: statements.answer(self.bank, self.merchant_id, asked)),
        ):
            api.post(path, endpoint=path.strip("/").replace(".", "_").replace("/", "_") or "file")(
                lambda doing=doing: self._said(doing(g.fields))
            )
        self._guard(api)
        return api

    def _guard(self, api: Blueprint) -> None:
        how = manner.UnionPayManner(self.bank)

        @api.before_request
        def admit() -> Response | None:
            g.fields = {}
            g.fields = self._admitted(request.get_data())
            if request.path.endswith("frontTransReq.do"):
                return None
            g.asked = manner.asked_by(
                request, g.fields, bank=self.bank, merchant_id=self.merchant_id
            )
            return mishaps.before_execution(self.bank, request, g.asked)

        @api.after_request
        def sign(response: Response) -> Response:
            self.bank.bell.set()
            asked = g.get("asked")
            left = mishaps.after_execution(self.bank, asked, response, manner=how) if asked else []
            said = wire.read_draft(response.get_data()) if response.status_code == 200 else None
            if said is not None:
                response.set_data(wire.answer_body(wire.signed(said, self._signing)))
            return mishaps.after_signing(request, response, left, manner=how)

        self._say_no(api)

    def _say_no(self, api: Blueprint) -> None:
        @api.errorhandler(Refusal)
        def refused(refusal: Refusal) -> Response:
            code, text = says.said(refusal)
            logger.info("unionpay.refused path=%s code=%s", request.path, code)
            if request.path.endswith("frontTransReq.do"):
                return Response(f"{code} {text}", 400, content_type="text/plain; charset=utf-8")
            return self._said({"respCode": code, "respMsg": text})

        @api.errorhandler(Exception)
        def broken(error: Exception) -> Response:
            if isinstance(error, HTTPException):
                return Response(error.name, error.code or 500, content_type="text/plain")
            logger.error("unionpay.broken path=%s", request.path, exc_info=error)
            return Response("", 500, content_type="text/plain")

    def _admitted(self, body: bytes) -> wire.Fields:
        """Prove who asks: version, certificate, signature, merchant. Refusal 10, 11 or 31."""
        fields = wire.read_form(body)
        known = ("5.1.0", "01", self._merchant.serial)
        if (fields.get("version"), fields.get("signMethod"), fields.get("certId")) != known:
            raise Refusal("11", "验证签名失败")
        if not wire.is_signed(fields, self._merchant.key.public_key()):
            raise Refusal("11", "验证签名失败")
        if fields.get("merId") != self.merchant_id:
            raise Refusal("31", "商户状态不正确")
        return fields

    def _said(self, more: Mapping[str, str]) -> Response:
        """Write an answer that is signed later: what was asked, and what is said to it."""
        asked = {name: g.fields[name] for name in _ECHOED if g.fields.get(name)}
        fields = {**self._common(), **asked, "respCode": "00", "respMsg": "成功[0000000]", **more}
        return Response(wire.draft(fields), 200, content_type="text/html;charset=UTF-8")

    def _common(self) -> wire.Fields:
        return {
            "version": "5.1.0",
            "encoding": "utf-8",
            "signMethod": "01",
            "accessType": "0",
            "merId": self.merchant_id,
        }

    def _page(self, desk: Desk) -> AnyResponse:
        """Take a form from a payer's browser and lead her to the bank's own page."""
        kind, base_url = g.fields.get("txnType"), self.bank.settings.base_url
        if kind == "79":
            return redirect(f"{base_url}/sign/{desk.start_opening(g.fields)['page_token']}", 303)
        if kind != "01":
            raise Refusal("43", "无此业务权限")
        return redirect(f"{base_url}/cashier/{desk.place(g.fields)['page_token']}", 303)

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write a notice: only what went well is told."""
        content: dict[str, Any] = json.loads(notice["content"])
        connection = self.bank.books.connection
        told = notes.written(connection, content, self._seals)
        if told is None:
            return None
        fields = {**self._common(), **told, "respCode": "00", "respMsg": "success"}
        if flaw == "stale_timestamp":
            fields["txnTime"] = notes.long_ago(fields["txnTime"])
        signer = self._expired if flaw == "old_key" else self._signing
        signed = wire.signed(fields, signer)
        if flaw == "bad_signature":
            signed["signature"] = manner.spoiled_signature(signed["signature"])
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        return Letter(wire.form_body(signed), headers)

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Any 200 will do."""
        del said
        return status == 200
