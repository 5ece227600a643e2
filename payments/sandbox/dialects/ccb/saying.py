"""Writing answers: JSON and XML of the gateway, XML of the outreach client, refusals in each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from flask import Response

from payments.sandbox.dialects.ccb.speech import element
from payments.sandbox.refusals import Refusal

DONE: Final = "000000"
# What our core refuses, as this bank would say it. The real codes are not public.
_CODES: Final[Mapping[str, str]] = {
    "NUMBER_REUSED": "SBX0ORDERUSED",
    "EXPIRES_AT_PASSED": "SBX0ORDEROVER",
    "ORDER_NOT_PAYABLE": "SBX0ORDEROVER",
    "ORDER_NOT_FOUND": "SBX0NOORDER",
    "ORDER_NOT_PAID": "SBX0NOTPAID",
    "REFUND_TOO_MUCH": "SBX0TOOMUCH",
    "BALANCE_TOO_LOW": "SBX0BALANCE",
    "INSUFFICIENT_FUNDS": "SBX0CARD",
    "PARAM_ERROR": "SBX0PARAM",
}


def json_answer(data: Mapping[str, str]) -> Response:
    """Answer as the gateway does to orders and scans."""
    return Response(json.dumps(data, ensure_ascii=False), content_type="application/json")


def document(inside: str) -> Response:
    """Answer as the gateway does to a question about flows."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>\n<DOCUMENT>{inside}</DOCUMENT>'
    )
    return Response(text, content_type="text/xml; charset=UTF-8")


def tx(said: Mapping[str, str], inside: str = "", *, code: str = DONE, text: str = "") -> Response:
    """Answer as the outreach client does."""
    head = {
        "REQUEST_SN": said.get("REQUEST_SN", ""),
        "CUST_ID": said.get("CUST_ID", ""),
        "TX_CODE": said.get("TX_CODE", ""),
        "RETURN_CODE": code,
        "RETURN_MSG": text,
        "LANGUAGE": "CN",
    }
    parts = "".join(element(name, value) for name, value in head.items())
    body = f"<TX>{parts}{f'<TX_INFO>{inside}</TX_INFO>' if inside else ''}</TX>"
    written = f'<?xml version="1.0" encoding="GB2312" standalone="yes" ?>\n{body}'
    return Response(written.encode("gb18030"), content_type="text/xml; charset=GB2312")


def refused(said: Mapping[str, str], refusal: Refusal) -> Response:
    """Say a refusal in the form the question came in."""
    code, text = _CODES.get(refusal.code, refusal.code), refusal.message
    asked = said.get("TXCODE", "")
    if "TX_CODE" in said:
        return tx(said, code=code, text=text)
    if asked == "410408":
        return document(element("RETURN_CODE", code) + element("RETURN_MSG", text))
    if asked and asked != "520100":
        return json_answer(_refused_json(said, code=code, text=text))
    return Response(f"{code} {text}", status=refusal.status, content_type="text/plain")


def _refused_json(said: Mapping[str, str], *, code: str, text: str) -> dict[str, str]:
    why = {"ERRCODE": code, "ERRMSG": text}
    if said["TXCODE"].startswith("PAY"):
        return {"RESULT": "N", "ORDERID": said.get("ORDERID", ""), **why}
    return {"SUCCESS": "false", **why}
