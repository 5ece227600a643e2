"""The sandbox acquirer's papers about splits: ours in its words, its words in ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payments.acquiring.contract import (
    Outcome,
    OutcomeUnknownError,
    ShareResult,
    SplitReceiver,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
)
from payments.acquiring.masking import redacted
from payments.adapters.sandbox.codes import MONEY_STATES, SPLIT_STATES, failure_of
from payments.adapters.sandbox.messages import Paper, amount_paper, read_amount


def receiver_paper(receiver: SplitReceiver) -> Paper:
    """Write POST /v1/receivers."""
    return {"account": receiver.account, "name": receiver.name, "kind": receiver.kind}


def split_paper(request: SplitRequest) -> Paper:
    """Write POST /v1/splits; its notices go where the payment's go."""
    return {
        "split_no": request.split_no,
        "our_no": request.payment_no,
        "is_last": request.is_last,
        "shares": [
            {
                "share_no": share.share_no,
                "receiver": share.receiver,
                "amount": amount_paper(share.amount),
                "note": share.note,
            }
            for share in request.shares
        ],
    }


def return_paper(request: SplitReturn) -> Paper:
    """Write POST /v1/split-returns."""
    return {
        "return_no": request.return_no,
        "split_no": request.split_no,
        "receiver": request.receiver,
        "amount": amount_paper(request.amount),
    }


def read_split(data: Mapping[str, Any]) -> SplitResult:
    """Read a split; OutcomeUnknownError when it cannot be read."""
    try:
        return SplitResult(
            outcome=SPLIT_STATES[data["split_state"]],
            split_no=data["split_no"],
            acquirer_split_no=data["acquirer_split_no"],
            shares=tuple(_read_share(share) for share in data["shares"]),
            payment_no=data["our_no"],
            merchant_id=data["merchant_id"],
            raw=redacted(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("the sandbox's split cannot be read") from error


def _read_share(data: Mapping[str, Any]) -> ShareResult:
    return ShareResult(
        share_no=data["share_no"],
        receiver=data["receiver"],
        amount=read_amount(data),
        outcome=MONEY_STATES[data["share_state"]],
        failure=failure_of(data["failure_code"]),
    )


def read_split_return(data: Mapping[str, Any]) -> SplitReturnResult:
    """Read a returned share; OutcomeUnknownError when it cannot be read."""
    try:
        return SplitReturnResult(
            outcome=MONEY_STATES[data["return_state"]],
            return_no=data["return_no"],
            split_no=data["split_no"],
            acquirer_return_no=data["acquirer_return_no"],
            amount=read_amount(data),
            merchant_id=data["merchant_id"],
            failure=failure_of(data["failure_code"]),
            raw=redacted(data),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutcomeUnknownError("the sandbox's split return cannot be read") from error


def expect_split(result: SplitResult, split_no: str) -> SplitResult:
    """Pass a split on when it is the one asked about; OutcomeUnknownError for any other."""
    if result.split_no != split_no:
        raise OutcomeUnknownError(f"the sandbox answered about another split than {split_no}")
    return result


def expect_shares(result: SplitResult, request: SplitRequest) -> SplitResult:
    """Pass a split on when payment, receivers and amounts are those asked for."""
    expect_split(result, request.split_no)
    asked = {(share.share_no, share.receiver, share.amount) for share in request.shares}
    said = {(share.share_no, share.receiver, share.amount) for share in result.shares}
    if result.payment_no != request.payment_no or said != asked:
        raise OutcomeUnknownError(f"the sandbox answered other shares for {request.split_no}")
    return result


def expect_split_return(result: SplitReturnResult, request: SplitReturn) -> SplitReturnResult:
    """Pass a returned share on when it is the one asked for; OutcomeUnknownError for any other."""
    if (result.return_no, result.split_no, result.amount) != (
        request.return_no,
        request.split_no,
        request.amount,
    ):
        raise OutcomeUnknownError(f"the sandbox answered another return for {request.return_no}")
    return result


def not_found_split(split_no: str, payment_no: str) -> SplitResult:
    """Say that the acquirer has never heard of a split."""
    return SplitResult(Outcome.NOT_FOUND, split_no, payment_no=payment_no)
