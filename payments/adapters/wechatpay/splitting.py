"""Sharing a payment out at WeChat Pay: receivers, splits, shares taken back, the rest released."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from payments.acquiring.contract import (
    DeclinedError,
    Outcome,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
)
from payments.adapters.wechatpay import paying, splits
from payments.adapters.wechatpay.codes import NO_SUCH
from payments.adapters.wechatpay.line import Line

SHARING: Final = "/v3/profitsharing"


def add_receiver(line: Line, receiver: SplitReceiver) -> None:
    """Allow somebody to receive shares; again is the same."""
    paper = splits.receiver_paper(receiver, keys=line.keys, profile=line.profile)
    name = line.keys.sealing[0]
    line.demand("POST", f"{SHARING}/receivers/add", paper, sealed_for=name)


def remove_receiver(line: Line, receiver: SplitReceiver) -> None:
    """Stop somebody from receiving shares; one nobody knows is removed already."""
    paper = splits.named_paper(receiver, line.profile)
    said = line.ask("POST", f"{SHARING}/receivers/delete", paper)
    if not said.is_good and said.code not in NO_SUCH:
        said.refuse()


def split(line: Line, request: SplitRequest) -> SplitResult:
    """Share a payment out; under way first."""
    ref = _known(
        line, SplitRef(request.split_no, request.payment_no, acquirer_no=request.acquirer_no)
    )
    paper = splits.split_paper(request, line.profile, acquirer_no=ref.acquirer_no)
    data = line.demand("POST", f"{SHARING}/orders", paper)
    result = splits.read_split(data, ref, merchant_id=line.profile.merchant_id)
    return splits.expect_shares(result, request)


def query(line: Line, ref: SplitRef) -> SplitResult:
    """Ask by our split number and WeChat's number of the payment."""
    try:
        ref = _known(line, ref)
    except DeclinedError:
        return _not_found(ref)
    path = f"{SHARING}/orders/{ref.split_no}?transaction_id={ref.acquirer_no}"
    said = line.ask("GET", path)
    if said.status == 404 and said.code in NO_SUCH:
        return _not_found(ref)
    if not said.is_good:
        said.refuse()
    return splits.read_split(said.data, ref, merchant_id=line.profile.merchant_id)


def _not_found(ref: SplitRef) -> SplitResult:
    return SplitResult(Outcome.NOT_FOUND, ref.split_no, payment_no=ref.payment_no)


def _known(line: Line, ref: SplitRef) -> SplitRef:
    """Fill in WeChat's number of the payment; DeclinedError for one that was not paid there."""
    if ref.acquirer_no:
        return ref
    payment = paying.query(line, ref.payment_no)
    if not payment.acquirer_no:
        raise DeclinedError(
            f"{ref.payment_no} was not paid at WeChat Pay", code="payment_not_found"
        )
    return replace(ref, acquirer_no=payment.acquirer_no)


def take_back(line: Line, request: SplitReturn) -> SplitReturnResult:
    """Take a share back; asked again with the same number it says what became of it."""
    data = line.demand("POST", f"{SHARING}/return-orders", splits.return_paper(request))
    return splits.read_return(data, request, merchant_id=line.profile.merchant_id)


def unfreeze(line: Line, ref: SplitRef) -> SplitResult:
    """Release the rest of the payment to ourselves; twice is the same."""
    ref = _known(line, ref)
    paper = splits.unfreeze_paper(ref, acquirer_no=ref.acquirer_no)
    data = line.demand("POST", f"{SHARING}/orders/unfreeze", paper)
    return splits.read_unfrozen(data, ref, merchant_id=line.profile.merchant_id)
