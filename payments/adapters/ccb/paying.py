"""Asking a payer for money: a code to scan, a page, a mini program, a code of hers we scanned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlencode

from payments.acquiring.contract import (
    AcquirerError,
    ConfigError,
    NextStep,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    Scene,
    StepKind,
)
from payments.acquiring.transport import HttpCall
from payments.adapters.ccb.codes import raise_definite_no
from payments.adapters.ccb.documents import CHINA
from payments.adapters.ccb.line import GATEWAY, CcbLine, read_json
from payments.adapters.ccb.mac import js_escape, mac

ORDER_NO_MAX: Final = 30
_CNY: Final = "01"
_QR_URL: Final = re.compile(r"[a-z][a-z0-9+.\-]{1,20}:[\x21-\x7e]{1,900}", re.ASCII)
_SUBJECT_MAX: Final = 30
# What wx.requestPayment wants, as the bank passes it on.
_MINI_FIELDS: Final = ("timeStamp", "nonceStr", "package", "signType", "paySign")


class PayMethods(CcbLine):
    """The part of the adapter that opens payments."""

    def open_code(self, request: PayRequest) -> PayResult:
        """Open an aggregated code (530550): first the order, then the code behind its address."""
        fields = {**self._order(request, "530550"), "RETURNTYPE": "3"}
        fields["TIMEOUT"] = _timeout(request)
        data = self._follow(self._first("530550", fields))
        url = unquote(str(data.get("QRURL") or ""))
        if data.get("SUCCESS") != "true" or not _QR_URL.fullmatch(url):
            raise OutcomeUnknownError("the bank's code cannot be read")
        step = NextStep(StepKind.QR_CODE, url, expires_at=request.expires_at)
        return self._opened(request, step)

    def open_page(self, request: PayRequest) -> PayResult:
        """Write the address of the bank's own page (520100); nothing is sent, her browser goes."""
        fields = {**self._order(request, "520100"), **self._page_fields(request)}
        fields |= {"TIMEOUT": _timeout(request), "MAC": ""}
        fields["MAC"] = mac("520100", fields, self._keys.pub)
        url = f"{self._profile.base_url}{GATEWAY}&{urlencode(fields)}"
        return self._opened(
            request, NextStep(StepKind.REDIRECT, url, expires_at=request.expires_at)
        )

    def open_mini_program(self, request: PayRequest) -> PayResult:
        """Open a payment inside a mini program (530590); ConfigError without her open id."""
        if not request.payer_id:
            raise ConfigError("a mini program payment wants the payer's open id")
        fields = {
            **self._order(request, "530590"),
            **self._page_fields(request),
            "TIMEOUT": _timeout(request),
            "TRADE_TYPE": "MINIPRO",
            "SUB_APPID": self._profile.sub_appid,
            "SUB_OPENID": request.payer_id,
        }
        data = self._follow(self._first("530590", fields))
        if data.get("ERRCODE") != "000000":
            raise_definite_no(str(data.get("ERRCODE") or ""), str(data.get("ERRMSG") or ""))
        given = {name: str(data.get(name) or "") for name in _MINI_FIELDS}
        if not all(given.values()):
            raise OutcomeUnknownError("the bank's payment for a mini program is not whole")
        step = NextStep(StepKind.SDK_PAYLOAD, fields=given, expires_at=request.expires_at)
        return self._opened(request, step)

    def _order(self, request: PayRequest, tx_code: str) -> dict[str, str]:
        return {
            **self._place(),
            "ORDERID": request.payment_no,
            "PAYMENT": request.amount.to_major_str(),
            "CURCODE": _CNY,
            "TXCODE": tx_code,
            "REMARK1": "",
            "REMARK2": "",
        }

    def _page_fields(self, request: PayRequest) -> dict[str, str]:
        return {
            "TYPE": "1",
            "GATEWAY": "",
            "CLIENTIP": request.payer_ip,
            "REGINFO": "",
            "PROINFO": js_escape(request.subject[:_SUBJECT_MAX]),
            "REFERER": "",
        }

    def _first(self, tx_code: str, fields: Mapping[str, str]) -> str:
        """Open the order; return the path behind which its code is."""
        signed = {**fields, "MAC": mac(tx_code, fields, self._keys.pub)}
        data = read_json(self._post(GATEWAY, signed))
        if data.get("SUCCESS") == "false":
            code = data.get("ERRCODE") or data.get("ERRORCODE") or ""
            raise_definite_no(str(code), str(data.get("ERRMSG") or data.get("ERRORMSG") or ""))
        base, url = self._profile.base_url + "/", str(data.get("PAYURL") or "")
        if data.get("SUCCESS") != "true" or not url.startswith(base):
            raise OutcomeUnknownError("the bank names no address of its own to go on at")
        return url[len(base) - 1 :]

    def _follow(self, path: str) -> dict[str, Any]:
        """Fetch what is behind the address. It only reads, so a lost answer is asked for again."""
        for is_last in (False, True):
            try:
                return read_json(self._gateway.call(HttpCall("GET", path, {})))
            except NotSentError as error:
                if is_last:
                    raise OutcomeUnknownError("the order is open, its code is not known") from error
            except OutcomeUnknownError:
                if is_last:
                    raise
            except AcquirerError as error:
                raise OutcomeUnknownError("the order is open, its code is not known") from error
        raise AssertionError

    def _opened(self, request: PayRequest, step: NextStep) -> PayResult:
        return PayResult(
            outcome=Outcome.REQUIRES_ACTION,
            payment_no=request.payment_no,
            expires_at=request.expires_at,
            step=step,
            raw={"step": str(step.kind)},
        )


def _timeout(request: PayRequest) -> str:
    return f"{request.expires_at.astimezone(CHINA):%Y%m%d%H%M%S}"


def scenes_of(*, h5: bool, sub_appid: str) -> frozenset[Scene]:
    """Return which ways of asking an account has: pages and mini programs where it is set up."""
    more = {Scene.H5} if h5 else set()
    return frozenset({Scene.NATIVE_QR, Scene.BARCODE, *more}) | (
        {Scene.MINIPROGRAM} if sub_appid else frozenset()
    )
