"""WeChat Pay's papers about profit sharing: ours in its words, its words in ours. Pure.

WeChat knows a share by its receiver and has no number of ours for it. So our share number stands at
the end of the share's description, after "#"; it comes back in answers and in the day's bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from payments.acquiring.contract import (
    Outcome,
    OutcomeUnknownError,
    ShareResult,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
    SplitShare,
)
from payments.acquiring.masking import redacted
from payments.adapters.wechatpay.codes import SHARE_STATES, SPLIT_OVER, failure_of
from payments.adapters.wechatpay.keys import Keys
from payments.adapters.wechatpay.messages import UNREADABLE, Paper
from payments.adapters.wechatpay.profile import Profile
from payments.adapters.wechatpay.wire import encrypted
from payments.kernel.money import Money

MARK: Final = "#"
_KINDS: Final[Mapping[str, str]] = {"merchant": "MERCHANT_ID", "person": "PERSONAL_OPENID"}
_NOTE_MAX: Final = 40


def receiver_paper(receiver: SplitReceiver, *, keys: Keys, profile: Profile) -> Paper:
    """Write POST /v3/profitsharing/receivers/add; the name goes encrypted."""
    return {
        **named_paper(receiver, profile),
        "name": encrypted(keys, receiver.name),
        "relation_type": profile.relation_type,
    }


def named_paper(receiver: SplitReceiver, profile: Profile) -> Paper:
    """Write POST /v3/profitsharing/receivers/delete."""
    kind = _KINDS.get(receiver.kind, _KINDS["merchant"])
    return {"appid": profile.appid, "type": kind, "account": receiver.account}


def split_paper(request: SplitRequest, profile: Profile, *, acquirer_no: str) -> Paper:
    """Write POST /v3/profitsharing/orders."""
    return {
        "appid": profile.appid,
        "transaction_id": acquirer_no,
        "out_order_no": request.split_no,
        "receivers": [_share_paper(share) for share in request.shares],
        "unfreeze_unsplit": request.is_last,
    }


def _share_paper(share: SplitShare) -> Paper:
    is_merchant = share.receiver.isascii() and share.receiver.isdecimal()
    return {
        "type": _KINDS["merchant" if is_merchant else "person"],
        "account": share.receiver,
        "amount": share.amount.minor,
        "description": f"{share.note[:_NOTE_MAX]}{MARK}{share.share_no}",
    }


def unfreeze_paper(ref: SplitRef, *, acquirer_no: str) -> Paper:
    """Write POST /v3/profitsharing/orders/unfreeze: an order of its own, named after the split."""
    return {
        "transaction_id": acquirer_no,
        "out_order_no": unfreeze_no(ref.split_no),
        "description": f"解冻剩余资金{MARK}{ref.split_no}",
    }


def unfreeze_no(split_no: str) -> str:
    """Name the release of what is left after a split; asked again it is the same."""
    return f"{split_no}-U"


def return_paper(request: SplitReturn) -> Paper:
    """Write POST /v3/profitsharing/return-orders."""
    return {
        "out_order_no": request.split_no,
        "out_return_no": request.return_no,
        "return_mchid": request.receiver,
        "amount": request.amount.minor,
        "description": "退款",
    }


def share_no_of(description: object) -> str:
    """Read our share number out of a description; "" where there is none."""
    _note, mark, number = str(description or "").rpartition(MARK)
    return number if mark else ""


def read_split(data: Mapping[str, Any], ref: SplitRef, *, merchant_id: str) -> SplitResult:
    """Read a split; OutcomeUnknownError when it cannot be read or is another."""
    try:
        is_over = data["state"] in SPLIT_OVER
        lines = [part for part in data.get("receivers") or () if share_no_of(_said(part))]
        shares = tuple(_read_share(part) for part in lines)
        result = SplitResult(
            outcome=_outcome(shares) if is_over else Outcome.PENDING,
            split_no=data["out_order_no"],
            acquirer_split_no=data["order_id"],
            shares=shares,
            payment_no=ref.payment_no,
            merchant_id=merchant_id,
            raw=redacted(data),
        )
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's split cannot be read") from error
    if result.split_no != ref.split_no or data.get("transaction_id") != ref.acquirer_no:
        raise OutcomeUnknownError(f"WeChat Pay answered about another split than {ref.split_no}")
    return result


def _said(part: Mapping[str, Any]) -> object:
    return part.get("description")


def _outcome(shares: tuple[ShareResult, ...]) -> Outcome:
    """A split is done when each share is; where one failed the shares tell, each for itself."""
    if not shares or any(share.outcome is Outcome.PENDING for share in shares):
        return Outcome.PENDING
    is_done = all(share.outcome is Outcome.SUCCEEDED for share in shares)
    return Outcome.SUCCEEDED if is_done else Outcome.FAILED


def _read_share(part: Mapping[str, Any]) -> ShareResult:
    outcome = SHARE_STATES[part["result"]]
    reason = str(part.get("fail_reason") or "") if outcome is Outcome.FAILED else ""
    return ShareResult(
        share_no=share_no_of(part["description"]),
        receiver=part["account"],
        amount=_fen(part["amount"]),
        outcome=outcome,
        failure=failure_of(reason),
    )


def _fen(value: object) -> Money:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not an amount in fen")
    return Money(value)


def expect_shares(result: SplitResult, request: SplitRequest) -> SplitResult:
    """Pass a split on when receivers and amounts are those asked for."""
    asked = {(share.share_no, share.receiver, share.amount) for share in request.shares}
    said = {(share.share_no, share.receiver, share.amount) for share in result.shares}
    if said != asked:
        raise OutcomeUnknownError(f"WeChat Pay answered other shares for {request.split_no}")
    return result


def read_unfrozen(data: Mapping[str, Any], ref: SplitRef, *, merchant_id: str) -> SplitResult:
    """Read the release of what was left; OutcomeUnknownError for another or an unreadable one."""
    try:
        is_over, number = data["state"] in SPLIT_OVER, data["out_order_no"]
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's release cannot be read") from error
    if number != unfreeze_no(ref.split_no):
        raise OutcomeUnknownError(f"WeChat Pay answered about another release than {ref.split_no}")
    return SplitResult(
        outcome=Outcome.SUCCEEDED if is_over else Outcome.PENDING,
        split_no=ref.split_no,
        payment_no=ref.payment_no,
        merchant_id=merchant_id,
        raw=redacted(data),
    )


def read_return(
    data: Mapping[str, Any], request: SplitReturn, *, merchant_id: str
) -> SplitReturnResult:
    """Read a returned share; OutcomeUnknownError for an unreadable one or another."""
    try:
        outcome = SHARE_STATES[data["result"]]
        reason = str(data.get("fail_reason") or "") if outcome is Outcome.FAILED else ""
        result = SplitReturnResult(
            outcome=outcome,
            return_no=data["out_return_no"],
            split_no=data["out_order_no"],
            acquirer_return_no=data["return_id"],
            amount=_fen(data["amount"]),
            merchant_id=merchant_id,
            failure=failure_of(reason),
            raw=redacted(data),
        )
    except UNREADABLE as error:
        raise OutcomeUnknownError("WeChat Pay's returned share cannot be read") from error
    if (result.return_no, result.split_no, result.amount) != (
        request.return_no,
        request.split_no,
        request.amount,
    ):
        raise OutcomeUnknownError(f"WeChat Pay answered another return for {request.return_no}")
    return result
