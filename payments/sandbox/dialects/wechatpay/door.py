"""WeChat Pay's door at the sandbox bank: APIv3 under /wechatpay."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from typing import ClassVar, Final

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from payments.sandbox.dialects.door import Door
from payments.sandbox.dialects.wechatpay import keys as keys_
from payments.sandbox.dialects.wechatpay import letters
from payments.sandbox.dialects.wechatpay.bills import bill_routes
from payments.sandbox.dialects.wechatpay.certificates import certificate_routes
from payments.sandbox.dialects.wechatpay.gate import admit, seal_answer
from payments.sandbox.dialects.wechatpay.keys import Keys
from payments.sandbox.dialects.wechatpay.manner import WeChatManner, asked_by
from payments.sandbox.dialects.wechatpay.orders import order_routes, page_routes
from payments.sandbox.dialects.wechatpay.refunds import refund_routes
from payments.sandbox.dialects.wechatpay.sharing import sharing_routes
from payments.sandbox.dialects.wechatpay.transfers import transfer_routes
from payments.sandbox.dialects.wechatpay.words import refusal_answer
from payments.sandbox.letters import Letter
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import mishaps

logger = logging.getLogger(__name__)

APPID: Final = "wx8888888888888888"
_FILE: Final = "/v3/billdownload/"


class WeChatPayDoor(Door):
    """WeChat Pay APIv3 as a direct merchant meets it."""

    name: ClassVar[str] = "wechatpay"
    merchant_id: ClassVar[str] = "1608000001"
    appid: ClassVar[str] = APPID
    keys: Keys

    @property
    def prefix(self) -> str:
        """What our paths begin with, as if a proxy stripped it."""
        return f"/{self.name}"

    def make_keys(self) -> None:
        """Make a platform certificate and a public key: the bank is in the middle of a switch."""
        self.keys = Keys.make(own=self.own_half, merchants=self.merchants_half)

    def account(self) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Return settings and key files of our account here."""
        settings = self.bank.settings
        return {
            "appid": self.appid,
            "merchant_serial": self.keys.merchant_serial,
            "public_key_id": keys_.PUBLIC_KEY_ID,
            "is_test": True,
            "fee_rate": settings.fee_rate,
            "h5": True,
            "jsapi": True,
            "app": True,
            "profit_sharing": True,
            "split_max_percent": settings.split_percent_max,
            "transfer_scene_id": "1005",
            "transfer_reports": json.dumps(
                {"岗位类型": "团长", "报酬说明": "团购佣金"}, ensure_ascii=False
            ),
        }, {
            "merchant_private_key": keys_.MERCHANT_KEY,
            "apiv3_key": keys_.SEAL_KEY,
            "platform_certificates": keys_.CERTIFICATES,
            "public_key": keys_.PUBLIC_KEY,
        }

    def routes(self) -> Blueprint:
        """Build the addresses under /wechatpay."""
        api = Blueprint(self.name, __name__)
        self._guard(api)
        order_routes(api, self)
        refund_routes(api, self)
        sharing_routes(api, self)
        transfer_routes(api, self)
        bill_routes(api, self)
        certificate_routes(api, self)
        page_routes(api, self)
        return api

    def _guard(self, api: Blueprint) -> None:
        bank, manner = self.bank, WeChatManner()

        @api.before_request
        def check() -> Response | None:
            if not request.path.startswith(f"{self.prefix}/v3/"):
                return None
            admit(request, self.keys, merchant_id=self.merchant_id, prefix=self.prefix)
            g.asked = asked_by(request, merchant_id=self.merchant_id, prefix=self.prefix)
            return mishaps.before_execution(bank, request, g.asked)

        @api.after_request
        def sign(response: Response) -> Response:
            bank.bell.set()
            asked = g.get("asked")
            left = mishaps.after_execution(bank, asked, response, manner=manner) if asked else []
            is_file = request.path.startswith(f"{self.prefix}{_FILE}")
            if not is_file or response.status_code != 200:
                response = seal_answer(request, response, self.keys)
            return mishaps.after_signing(request, response, left, manner=manner)

        @api.errorhandler(Refusal)
        def refused(refusal: Refusal) -> Response:
            logger.info("wechatpay.refused path=%s code=%s", request.path, refusal.code)
            return refusal_answer(refusal)

        @api.errorhandler(Exception)
        def broken(error: Exception) -> Response:
            if isinstance(error, HTTPException):
                return refusal_answer(Refusal("PARAM_ERROR", error.name))
            logger.error("wechatpay.broken path=%s", request.path, exc_info=error)
            return refusal_answer(Refusal("SYSTEM_ERROR", "系统异常"))

    def letter(self, notice: sqlite3.Row, flaw: str) -> Letter | None:
        """Write a notice sealed and signed; None for what WeChat Pay tells nobody."""
        return letters.written(self.bank, self.keys, notice, appid=self.appid, flaw=flaw)

    def is_acknowledged(self, status: int, said: bytes) -> bool:
        """Tell whether it was 200 or 204; what stands in it does not matter."""
        del said
        return status in {200, 204}
