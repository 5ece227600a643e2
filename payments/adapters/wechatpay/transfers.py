"""Paying out to a WeChat purse: one bill each, and its payee must confirm in WeChat.

Since 2025 nothing is paid silently: the answer's package goes to the payee's WeChat
(`wx.requestMerchantTransfer`), and until she confirms the money waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from payments.acquiring.contract import (
    NextStep,
    Outcome,
    OutcomeUnknownError,
    StepKind,
    TransferRef,
    TransferRequest,
    TransferResult,
)
from payments.acquiring.masking import redacted
from payments.adapters.wechatpay.codes import NO_SUCH, TRANSFER_STATES, failure_of
from payments.adapters.wechatpay.keys import Keys
from payments.adapters.wechatpay.line import Line
from payments.adapters.wechatpay.messages import UNREADABLE, Paper, at_of
from payments.adapters.wechatpay.profile import Profile
from payments.adapters.wechatpay.wire import encrypted
from payments.kernel.money import Money

BILLS: Final = "/v3/fund-app/mch-transfer/transfer-bills"
_BY_NUMBER: Final = f"{BILLS}/out-bill-no"
_REMARK_MAX: Final = 32


def transfer_paper(request: TransferRequest, *, keys: Keys, profile: Profile) -> Paper:
    """Write a transfer bill; the payee's account is her openid.

    From 2,000.00 on her name goes along, encrypted, and WeChat compares it.
    """
    paper: Paper = {
        "appid": profile.appid,
        "out_bill_no": request.transfer_no,
        "transfer_scene_id": profile.transfer_scene_id,
        "openid": request.payee_account,
        "transfer_amount": request.amount.minor,
        "transfer_remark": request.purpose[:_REMARK_MAX] or "转账",
        "notify_url": request.notify_url,
        "transfer_scene_report_infos": [
            {"info_type": name, "info_content": text} for name, text in profile.transfer_reports
        ],
    }
    if request.amount.minor >= profile.name_from_minor:
        paper["user_name"] = encrypted(keys, request.payee_name)
    return paper


def transfer(line: Line, request: TransferRequest) -> TransferResult:
    """Start a transfer; the answer names no amount, a question afterwards does."""
    paper = transfer_paper(request, keys=line.keys, profile=line.profile)
    sealed_for = line.keys.sealing[0] if "user_name" in paper else ""
    data = line.demand("POST", BILLS, paper, sealed_for=sealed_for)
    return _expected(read_transfer(data, line.profile), request.transfer_no)


def query(line: Line, ref: TransferRef) -> TransferResult:
    """Ask by our transfer number."""
    said = line.ask("GET", f"{_BY_NUMBER}/{ref.transfer_no}")
    if said.status == 404 and said.code in NO_SUCH:
        return TransferResult(Outcome.NOT_FOUND, ref.transfer_no)
    if not said.is_good:
        said.refuse()
    return _expected(read_transfer(said.data, line.profile), ref.transfer_no)


def cancel(line: Line, ref: TransferRef) -> TransferResult:
    """Take back what its payee has not confirmed; what is too late to cancel says how it is."""
    said = line.ask("POST", f"{_BY_NUMBER}/{ref.transfer_no}/cancel", {})
    if said.status == 404 and said.code in NO_SUCH:
        return TransferResult(Outcome.NOT_FOUND, ref.transfer_no)
    if said.code == "INVALID_REQUEST":
        return query(line, ref)
    if not said.is_good:
        said.refuse()
    return _expected(read_transfer(said.data, line.profile), ref.transfer_no)


def read_transfer(data: Mapping[str, Any], profile: Profile) -> TransferResult:
    """Read a transfer, of an answer or a message; OutcomeUnknownError when it cannot be read."""
    try:
        outcome, minor = TRANSFER_STATES[data["state"]], data.get("transfer_amount")
        if minor is not None and (type(minor) is not int or minor < 0):
            raise ValueError(f"{minor!r} is not an amount in fen")
        is_over = outcome in {Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CLOSED}
        reason = str(data.get("fail_reason") or "") if outcome is Outcome.FAILED else ""
        return TransferResult(
            outcome=outcome,
            transfer_no=data["out_bill_no"],
            acquirer_transfer_no=data["transfer_bill_no"],
            amount=None if minor is None else Money(minor),
            merchant_id=str(data.get("mch_id") or profile.merchant_id),
            completed_at=at_of(data.get("update_time")) if is_over else None,
            failure=failure_of(reason or ("FAIL" if outcome is Outcome.FAILED else "")),
            raw=redacted({k: v for k, v in data.items() if k != "package_info"}),
            step=_step(data, profile),
        )
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's transfer cannot be read") from error


def _step(data: Mapping[str, Any], profile: Profile) -> NextStep | None:
    """What the payee's page hands to WeChat so that she can confirm."""
    package = data.get("package_info")
    if not package or data["state"] != "WAIT_USER_CONFIRM":
        return None
    fields = {"mchId": profile.merchant_id, "appId": profile.appid, "package": str(package)}
    return NextStep(StepKind.SDK_PAYLOAD, fields=fields)


def _expected(result: TransferResult, transfer_no: str) -> TransferResult:
    if result.transfer_no != transfer_no:
        raise OutcomeUnknownError(f"WeChat Pay answered about another transfer than {transfer_no}")
    return result
