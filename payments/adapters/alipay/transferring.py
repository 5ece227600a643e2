"""Paying somebody out of our balance at Alipay: to an Alipay account or a bank card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from payments.acquiring.contract import (
    Outcome,
    OutcomeUnknownError,
    TransferRef,
    TransferRequest,
    TransferResult,
)
from payments.adapters.alipay.codes import NO_TRANSFER, TRANSFER_STATES, failure_of
from payments.adapters.alipay.line import Line, Return
from payments.adapters.alipay.messages import (
    expect,
    kept,
    subject_of,
    time_of,
    yuan,
)
from payments.adapters.alipay.profile import Profile

_USER_ID: Final = re.compile(r"2088[0-9]{12}")
_CARD: Final = re.compile(r"[0-9]{12,19}")
_SCENE: Final = "DIRECT_TRANSFER"


def transfer_paper(request: TransferRequest) -> dict[str, object]:
    """Write alipay.fund.trans.uni.transfer. Name and account were frozen when it was approved."""
    is_card = bool(_CARD.fullmatch(request.payee_account)) and not _USER_ID.fullmatch(
        request.payee_account
    )
    payee: dict[str, object] = {
        "identity": request.payee_account,
        "identity_type": _identity_type(request.payee_account, is_card=is_card),
        "name": request.payee_name,
    }
    if is_card:
        # 2: a person's account; Alipay finds the bank by the number where none is named.
        payee["bankcard_ext_info"] = {"account_type": "2", "inst_name": request.payee_bank}
    return {
        "out_biz_no": request.transfer_no,
        "trans_amount": request.amount.to_major_str(),
        "product_code": _product(is_card=is_card),
        "biz_scene": _SCENE,
        "order_title": subject_of(request.purpose),
        "payee_info": payee,
        "remark": subject_of(request.purpose),
    }


def _identity_type(account: str, *, is_card: bool) -> str:
    if is_card:
        return "BANKCARD_ACCOUNT"
    return "ALIPAY_USER_ID" if _USER_ID.fullmatch(account) else "ALIPAY_LOGON_ID"


def _product(*, is_card: bool) -> str:
    return "TRANS_BANKCARD_NO_PWD" if is_card else "TRANS_ACCOUNT_NO_PWD"


def transfer(line: Line, request: TransferRequest) -> TransferResult:
    """Pay out; the same number again is the same transfer.

    The answer to a transfer names no amount: until a question has told it, it is under way.
    """
    paper = transfer_paper(request)
    data = line.demand("alipay.fund.trans.uni.transfer", paper, Return(request.notify_url))
    said = read_transfer(data, line.profile)
    expect("transfer", said=said.transfer_no, asked=request.transfer_no)
    is_proven = said.outcome is not Outcome.SUCCEEDED or said.amount is not None
    return said if is_proven else replace(said, outcome=Outcome.PENDING)


def query(line: Line, ref: TransferRef) -> TransferResult:
    """Ask by Alipay's number; by ours, which it keeps apart for accounts and cards, until then."""
    for named in _names(ref):
        answer = line.ask("alipay.fund.trans.common.query", named)
        if answer.reason not in NO_TRANSFER:
            return _read_asked(answer.good(), line, ref)
    return TransferResult(Outcome.NOT_FOUND, ref.transfer_no)


def _names(ref: TransferRef) -> list[dict[str, object]]:
    if ref.acquirer_transfer_no:
        return [{"order_id": ref.acquirer_transfer_no}]
    ours = {"out_biz_no": ref.transfer_no, "biz_scene": _SCENE}
    return [{**ours, "product_code": _product(is_card=is_card)} for is_card in (False, True)]


def _read_asked(data: Mapping[str, Any], line: Line, ref: TransferRef) -> TransferResult:
    result = read_transfer(data, line.profile)
    expect("transfer", said=result.transfer_no, asked=ref.transfer_no)
    return result


def read_transfer(data: Mapping[str, Any], profile: Profile) -> TransferResult:
    """Read a transfer from an answer or a message; OutcomeUnknownError when it cannot be read."""
    try:
        outcome = TRANSFER_STATES[data["status"]]
        is_over = outcome in {Outcome.FAILED, Outcome.CLOSED}
        code = str(data.get("error_code") or data["status"])
        return TransferResult(
            outcome=outcome,
            transfer_no=data["out_biz_no"],
            acquirer_transfer_no=str(data.get("order_id") or ""),
            amount=yuan(data, "trans_amount") if data.get("trans_amount") else None,
            merchant_id=profile.seller_id,
            completed_at=time_of(data, "pay_date", "trans_date"),
            failure=failure_of(code, str(data.get("fail_reason", ""))) if is_over else None,
            raw=kept(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Alipay's transfer cannot be read") from error
