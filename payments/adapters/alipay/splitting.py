"""Sharing a payment out at Alipay (分账): relations, settlements, what became of each share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from payments.acquiring.contract import (
    Outcome,
    OutcomeUnknownError,
    PayRef,
    ShareResult,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitShare,
)
from payments.adapters.alipay import paying
from payments.adapters.alipay.codes import NO_RELATION, NO_SPLIT, SHARE_STATES, failure_of
from payments.adapters.alipay.line import Line
from payments.adapters.alipay.messages import expect, kept, subject_of, yuan
from payments.kernel.numbers import new_number

# A user number (PID) is 16 digits that begin with 2088; all else is a name to sign in with.
_USER_ID: Final = re.compile(r"2088[0-9]{12}")


def account_kind(account: str) -> str:
    """Name the kind of an account, as Alipay does."""
    return "userId" if _USER_ID.fullmatch(account) else "loginName"


def add_receiver(line: Line, receiver: SplitReceiver) -> None:
    """Allow somebody to receive shares; again is the same."""
    data = line.demand("alipay.trade.royalty.relation.bind", _relation(receiver))
    _expect_success(data)


def remove_receiver(line: Line, receiver: SplitReceiver) -> None:
    """Stop somebody from receiving shares; one nobody knows is removed already."""
    answer = line.ask("alipay.trade.royalty.relation.unbind", _relation(receiver))
    if answer.reason not in NO_RELATION:
        _expect_success(answer.good())


def _relation(receiver: SplitReceiver) -> dict[str, object]:
    one = {
        "type": account_kind(receiver.account),
        "account": receiver.account,
        "name": receiver.name,
        "memo": receiver.kind,
    }
    return {"receiver_list": [one], "out_request_no": new_number("Q")}


def _expect_success(data: Mapping[str, Any]) -> None:
    if data.get("result_code") != "SUCCESS":
        raise OutcomeUnknownError("Alipay did not say that the relation stands")


def split(line: Line, request: SplitRequest) -> SplitResult:
    """Share a payment out; under way first, each share ends by itself."""
    paper = {
        "out_request_no": request.split_no,
        "trade_no": request.acquirer_no or _trade_no(line, request.payment_no),
        "royalty_parameters": [_share_paper(line, share) for share in request.shares],
        "royalty_mode": "async",
    }
    data = line.demand("alipay.trade.order.settle", paper)
    expect("payment", said=data.get("trade_no"), asked=paper["trade_no"])
    shares = tuple(
        ShareResult(share.share_no, share.receiver, share.amount, Outcome.PENDING)
        for share in request.shares
    )
    return SplitResult(
        outcome=Outcome.PENDING,
        split_no=request.split_no,
        acquirer_split_no=str(data.get("settle_no") or ""),
        shares=shares,
        payment_no=request.payment_no,
        merchant_id=line.profile.seller_id,
        raw=kept(data),
    )


def _share_paper(line: Line, share: SplitShare) -> dict[str, str]:
    return {
        "royalty_type": "transfer",
        "trans_out_type": "userId",
        "trans_out": line.profile.seller_id,
        "trans_in_type": account_kind(share.receiver),
        "trans_in": share.receiver,
        "amount": share.amount.to_major_str(),
        "desc": subject_of(share.note or share.share_no),
    }


def query(line: Line, ref: SplitRef) -> SplitResult:
    """Ask what became of a split; Alipay wants its own number of the payment for that."""
    trade_no = ref.acquirer_no or _trade_no(line, ref.payment_no)
    if not trade_no:
        return _not_found(ref)
    paper = {"out_request_no": ref.split_no, "trade_no": trade_no}
    answer = line.ask("alipay.trade.order.settle.query", paper)
    if answer.reason in NO_SPLIT:
        return _not_found(ref)
    data = answer.good()
    expect("split", said=data.get("out_request_no"), asked=ref.split_no)
    try:
        shares = _read_shares(data["royalty_detail_list"], ref.shares)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("Alipay's split cannot be read") from error
    return SplitResult(
        outcome=_whole([share.outcome for share in shares]),
        split_no=ref.split_no,
        shares=shares,
        payment_no=ref.payment_no,
        merchant_id=line.profile.seller_id,
        raw=kept(data),
    )


def _trade_no(line: Line, payment_no: str) -> str:
    return paying.query(line, PayRef(payment_no)).acquirer_no


def _not_found(ref: SplitRef) -> SplitResult:
    return SplitResult(Outcome.NOT_FOUND, ref.split_no, payment_no=ref.payment_no)


def _read_shares(
    details: Sequence[Mapping[str, Any]], asked: Sequence[SplitShare]
) -> tuple[ShareResult, ...]:
    """Read each receiver's part; Alipay keeps no number of ours for it, the receiver names it."""
    numbers = {share.receiver: share.share_no for share in asked}
    return tuple(
        ShareResult(
            share_no=numbers.get(detail["trans_in"], ""),
            receiver=detail["trans_in"],
            amount=yuan(detail, "amount"),
            outcome=SHARE_STATES[detail["state"]],
            failure=failure_of(detail["error_code"], str(detail.get("error_desc", "")))
            if detail.get("error_code")
            else None,
        )
        for detail in details
        if detail.get("operation_type", "transfer") == "transfer"
    )


def _whole(outcomes: Sequence[Outcome]) -> Outcome:
    if not outcomes or Outcome.PENDING in outcomes:
        return Outcome.PENDING
    return Outcome.SUCCEEDED if set(outcomes) == {Outcome.SUCCEEDED} else Outcome.FAILED
