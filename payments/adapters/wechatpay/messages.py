"""WeChat Pay's papers about payments: ours in its words, its words in ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from payments.acquiring.contract import (
    AcquirerTender,
    NextStep,
    Outcome,
    OutcomeUnknownError,
    PayRequest,
    PayResult,
    Scene,
    StepKind,
)
from payments.acquiring.masking import redacted
from payments.adapters.wechatpay.codes import TRADE_STATES, failure_of
from payments.adapters.wechatpay.keys import Keys
from payments.adapters.wechatpay.profile import Profile
from payments.adapters.wechatpay.wire import Mark, page_signature
from payments.kernel.clock import local
from payments.kernel.money import Money
from payments.kernel.tenders import Funder

Paper = dict[str, object]

ROUTES: Final[Mapping[Scene, str]] = {
    Scene.NATIVE_QR: "/v3/pay/transactions/native",
    Scene.H5: "/v3/pay/transactions/h5",
    Scene.MINIPROGRAM: "/v3/pay/transactions/jsapi",
    Scene.APP: "/v3/pay/transactions/app",
}
_SUBJECT_MAX: Final = 127
# What comes out of reading a paper that is not what it should be.
UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)


def instant(at: datetime) -> str:
    """Write an instant as APIv3 wants it: Shanghai time, whole seconds, with its offset."""
    return local(at).isoformat(timespec="seconds")


def at_of(text: str | None) -> datetime | None:
    """Read an instant; ValueError for one without a time zone."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return at


def order_paper(request: PayRequest, profile: Profile) -> Paper:
    """Write an order of any scene; WeChat takes whole fen and at most 127 bytes of description."""
    paper: Paper = {
        "appid": profile.appid,
        "mchid": profile.merchant_id,
        "description": _shortened(request.subject),
        "out_trade_no": request.payment_no,
        "time_expire": instant(request.expires_at),
        "notify_url": request.notify_url,
        "amount": {"total": request.amount.minor, "currency": request.amount.currency},
    }
    if profile.profit_sharing:
        paper["settle_info"] = {"profit_sharing": True}
    if request.scene is Scene.MINIPROGRAM:
        paper["payer"] = {"openid": request.payer_id}
    if request.scene is Scene.H5:
        paper["scene_info"] = {
            "payer_client_ip": request.payer_ip or profile.payer_client_ip,
            "h5_info": {"type": "Wap"},
        }
    return paper


def _shortened(subject: str) -> str:
    """Cut a description at 127 bytes, between two characters."""
    return subject.encode()[:_SUBJECT_MAX].decode(errors="ignore")


def read_opened(
    data: Mapping[str, Any],
    request: PayRequest,
    *,
    keys: Keys,
    profile: Profile,
    mark: Mark,
) -> PayResult:
    """Read the answer to an order: where the payer goes. It names neither number nor amount."""
    try:
        step = _step(data, request, keys=keys, profile=profile, mark=mark)
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's order cannot be read") from error
    return PayResult(
        outcome=Outcome.REQUIRES_ACTION,
        payment_no=request.payment_no,
        expires_at=request.expires_at,
        step=step,
        raw=redacted(data),
    )


def _step(
    data: Mapping[str, Any],
    request: PayRequest,
    *,
    keys: Keys,
    profile: Profile,
    mark: Mark,
) -> NextStep:
    ends = request.expires_at
    if request.scene is Scene.NATIVE_QR:
        return NextStep(StepKind.QR_CODE, _text(data["code_url"]), expires_at=ends)
    if request.scene is Scene.H5:
        back = f"&redirect_url={quote(request.return_url, safe='')}" if request.return_url else ""
        return NextStep(StepKind.REDIRECT, _text(data["h5_url"]) + back, expires_at=ends)
    prepay = _text(data["prepay_id"])
    write = _app_fields if request.scene is Scene.APP else _page_fields
    fields = write(prepay, keys=keys, profile=profile, mark=mark)
    return NextStep(StepKind.SDK_PAYLOAD, fields=fields, expires_at=ends)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text is missing")
    return value


def _page_fields(prepay: str, *, keys: Keys, profile: Profile, mark: Mark) -> dict[str, str]:
    """What a page inside WeChat, or a mini-program, hands to WeChat's own code."""
    package, stamp, nonce = f"prepay_id={prepay}", str(mark.stamp), mark.nonce
    return {
        "appId": profile.appid,
        "timeStamp": stamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": page_signature(keys, profile.appid, stamp, nonce, package),
    }


def _app_fields(prepay: str, *, keys: Keys, profile: Profile, mark: Mark) -> dict[str, str]:
    """What an app hands to WeChat's kit."""
    stamp, nonce = str(mark.stamp), mark.nonce
    return {
        "appid": profile.appid,
        "partnerid": profile.merchant_id,
        "prepayid": prepay,
        "package": "Sign=WXPay",
        "noncestr": nonce,
        "timestamp": stamp,
        "sign": page_signature(keys, profile.appid, stamp, nonce, prepay),
    }


def read_payment(data: Mapping[str, Any], profile: Profile) -> PayResult:
    """Read a transaction, of an answer or a message; OutcomeUnknownError when it cannot be read."""
    try:
        outcome = TRADE_STATES[data["trade_state"]]
        if data.get("appid", profile.appid) != profile.appid:
            raise ValueError("of another application")
        is_paid = outcome is Outcome.SUCCEEDED
        return PayResult(
            outcome=outcome,
            payment_no=data["out_trade_no"],
            acquirer_no=_text(data["transaction_id"])
            if is_paid
            else data.get("transaction_id", ""),
            amount=_amount(data["amount"]) if is_paid or data.get("amount") else None,
            merchant_id=data["mchid"],
            paid_at=at_of(data["success_time"]) if is_paid else None,
            tenders=tenders_of(data.get("promotion_detail")) if is_paid else (),
            failure=failure_of("PAYERROR") if outcome is Outcome.FAILED else None,
            raw=redacted(data),
        )
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's transaction cannot be read") from error


def _amount(data: Mapping[str, Any]) -> Money:
    return Money(_whole(data["total"]), data.get("currency", "CNY"))


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not an amount in fen")
    return value


def tenders_of(promotions: object) -> tuple[AcquirerTender, ...]:
    """Read what others took off the amount and do not pay to us (docs/decisions/0120).

    Of a coupon with money behind it (CASH, 充值) WeChat settles the full amount: no part is
    missing. One without (NOCASH, 免充值) lowers what is settled: it is a tender of its giver.
    """
    found: list[AcquirerTender] = []
    for part in promotions if isinstance(promotions, list) else ():
        if part.get("type") != "NOCASH":
            continue
        ref = str(part.get("stock_id") or part.get("coupon_id") or "")
        left = _whole(part["amount"])
        for field, funder in _GIVERS:
            minor = min(left, _whole(part.get(field) or 0))
            if minor:
                found.append(AcquirerTender(funder, ref, Money(minor)))
                left -= minor
        if left:
            found.append(AcquirerTender(Funder.BANK.value, ref, Money(left)))
    return tuple(found)


_GIVERS: Final = (
    ("merchant_contribute", Funder.PLATFORM.value),
    ("other_contribute", Funder.BANK.value),
    ("wechatpay_contribute", Funder.BANK.value),
)


def expect_payment(result: PayResult, *, payment_no: str, profile: Profile) -> PayResult:
    """Pass a payment on when it is ours and the one asked about; OutcomeUnknownError otherwise."""
    if (result.payment_no, result.merchant_id) != (payment_no, profile.merchant_id):
        raise OutcomeUnknownError(f"WeChat Pay answered about another payment than {payment_no}")
    return result
