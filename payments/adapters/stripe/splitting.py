"""Sharing out at Stripe Connect: share by share, each under its own number.

Stripe forgets an idempotency key after a day, and a number of ours is for good: what has moved is
looked for before it is asked for, so that a request sent again late moves nothing twice.
"""

from __future__ import annotations

from typing import Final

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Failure,
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
from payments.adapters.stripe import splits
from payments.adapters.stripe.line import Line
from payments.adapters.stripe.messages import Paper, id_of, number_of
from payments.adapters.stripe.paying import INTENTS, never, path_of

TRANSFERS: Final = "/v1/transfers"
ACCOUNTS: Final = "/v1/accounts"


def split(line: Line, request: SplitRequest) -> SplitResult:
    """Send every share that has not moved yet.

    One that is refused says so, an unknown one leaves the split unknown.
    """
    intent = line.get(path_of(INTENTS, request.acquirer_no))
    if intent.get("id") != request.acquirer_no:
        raise OutcomeUnknownError("Stripe's answer is about another payment")
    charge = id_of(intent.get("latest_charge"))
    if not charge:
        raise never(f"{request.payment_no} has not been paid", code="payment_not_paid")
    ref = SplitRef(request.split_no, request.payment_no)
    moved = {share.share_no: share for share in _moved(line, ref)}
    shares = [
        _the_same(share, moved[share.share_no])
        if share.share_no in moved
        else _send(line, share, splits.share_paper(request, share, charge))
        for share in request.shares
    ]
    return splits.split_result(ref, shares, line.profile)


def _the_same(share: SplitShare, moved: ShareResult) -> ShareResult:
    """Pass a share on that has moved; AlreadyDoneError where it moved as another."""
    if (moved.receiver, moved.amount) != (share.receiver, share.amount):
        raise AlreadyDoneError(f"{share.share_no} stands for another share")
    return moved


def _send(line: Line, share: SplitShare, paper: Paper) -> ShareResult:
    try:
        data = line.post(TRANSFERS, paper, purpose="split", number=share.share_no)
    except DeclinedError as error:
        failure = Failure(error.code, error.acquirer_code, error.message, error.advice)
        return splits.refused_share(share, failure)
    return splits.read_share(data)


def query(line: Line, ref: SplitRef) -> SplitResult:
    """Ask which shares of a split have moved; the transfers of a payment are one group."""
    return splits.split_result(ref, _moved(line, ref), line.profile)


def _moved(line: Line, ref: SplitRef) -> list[ShareResult]:
    return [
        splits.read_share(transfer)
        for page in line.pages(TRANSFERS, {"transfer_group": ref.payment_no})
        for transfer in page
        if splits.split_of(transfer) == ref.split_no
    ]


def take_back(line: Line, request: SplitReturn) -> SplitReturnResult:
    """Take a share back; repeated under its number it is the same return.

    OutcomeUnknownError for a paper that does not say which share: nothing is sent.
    """
    if not (request.share_no and request.payment_no):
        raise OutcomeUnknownError(f"{request.return_no} does not say which share is to come back")
    transfer = line.find(
        TRANSFERS,
        lambda data: number_of(data) == request.share_no,
        params={"transfer_group": request.payment_no},
    )
    if transfer is None:
        raise never(f"{request.receiver} has no share of it", code="share_not_found")
    path = path_of(TRANSFERS, transfer["id"], "/reversals")
    if transfer.get("amount_reversed"):
        before = line.find(path, lambda data: number_of(data) == request.return_no)
        if before is not None:
            return splits.read_return(before, request, line.profile)
    paper = splits.return_paper(request)
    try:
        data = line.post(path, paper, purpose="split_return", number=request.return_no)
    except ConfigError as error:
        left = transfer["amount"] - int(transfer.get("amount_reversed") or 0)
        if error.raw.get("status") == 400 and left < request.amount.minor:
            raise never(error.message, code="return_too_much") from error
        raise
    return splits.read_return(data, request, line.profile)


def check_receiver(line: Line, receiver: SplitReceiver) -> None:
    """Make sure Stripe knows the receiver's account; it is opened with Stripe, not with us.

    DeclinedError for an account that may not receive shares.
    """
    try:
        account = line.get(path_of(ACCOUNTS, receiver.account))
    except ConfigError as error:
        raise never(error.message, code="receiver_unknown") from error
    if account.get("id") != receiver.account:
        raise OutcomeUnknownError("Stripe's answer is about another account")
    if (account.get("capabilities") or {}).get("transfers") != "active":
        raise never(f"{receiver.account} may not receive", code="receiver_not_allowed")
