"""Sharing a payment out through Stripe Connect: one transfer a share, one reversal a return.

A transfer takes its money from the payment's own charge (`source_transaction`), so it waits for
that money and can never share out more than was paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from payments.acquiring.contract import (
    Failure,
    Outcome,
    OutcomeUnknownError,
    ShareResult,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
    SplitShare,
)
from payments.acquiring.masking import redacted
from payments.adapters.stripe.messages import (
    NUMBER,
    Paper,
    amount_of,
    money_of,
    number_of,
    text_of,
)
from payments.adapters.stripe.wire import Profile

SPLIT: Final = "linli_split"


def share_paper(request: SplitRequest, share: SplitShare, charge: str) -> Paper:
    """Write POST /v1/transfers."""
    return {
        **amount_of(share.amount),
        "destination": share.receiver,
        "source_transaction": charge,
        "transfer_group": request.payment_no,
        "metadata": {NUMBER: share.share_no, SPLIT: request.split_no},
    }


def return_paper(request: SplitReturn) -> Paper:
    """Write POST /v1/transfers/{id}/reversals."""
    return {
        "amount": amount_of(request.amount)["amount"],
        "metadata": {NUMBER: request.return_no, SPLIT: request.split_no},
    }


def split_of(data: Mapping[str, Any]) -> str:
    """Return the number of the split a transfer belongs to; "" when it is none of ours."""
    metadata = data.get("metadata")
    number = metadata.get(SPLIT) if isinstance(metadata, Mapping) else None
    return number if isinstance(number, str) else ""


def read_share(data: Mapping[str, Any]) -> ShareResult:
    """Read a transfer; OutcomeUnknownError when it cannot be read.

    A transfer that exists has moved its money; what was taken back is another paper.
    """
    try:
        return ShareResult(
            share_no=number_of(data),
            receiver=text_of(data["destination"]),
            amount=money_of(data["amount"], data["currency"]),
            outcome=Outcome.SUCCEEDED,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError("Stripe's transfer cannot be read") from error


def refused_share(share: SplitShare, failure: Failure) -> ShareResult:
    """Write down that a share did not reach its receiver."""
    return ShareResult(share.share_no, share.receiver, share.amount, Outcome.FAILED, failure)


def split_result(ref: SplitRef, shares: Sequence[ShareResult], profile: Profile) -> SplitResult:
    """Sum shares up: what happened to each is in them, the split failed when all of them did."""
    has_moved = any(share.outcome is Outcome.SUCCEEDED for share in shares)
    outcome = Outcome.SUCCEEDED if has_moved else Outcome.FAILED
    return SplitResult(
        outcome if shares else Outcome.NOT_FOUND,
        ref.split_no,
        shares=tuple(shares),
        payment_no=ref.payment_no,
        merchant_id=profile.merchant_id,
    )


def read_return(
    data: Mapping[str, Any], request: SplitReturn, profile: Profile
) -> SplitReturnResult:
    """Read a reversal; OutcomeUnknownError when it cannot be read or is another."""
    try:
        amount, number = money_of(data["amount"], data["currency"]), text_of(data["id"])
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError("Stripe's reversal cannot be read") from error
    if number_of(data) != request.return_no or amount != request.amount:
        raise OutcomeUnknownError(f"Stripe answered about another return than {request.return_no}")
    return SplitReturnResult(
        Outcome.SUCCEEDED,
        request.return_no,
        split_no=request.split_no,
        acquirer_return_no=number,
        amount=amount,
        merchant_id=profile.merchant_id,
        raw=redacted(data),
    )
