"""Asking for shares back: by wish, by a refund that waits, or again by a person."""

from __future__ import annotations

from payments.acquiring.contract import (
    DeclinedError,
    NotSupportedError,
    Outcome,
    SplitReturnResult,
)
from payments.acquiring.contract import SplitReturn as ReturnPaper
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.errors import IllegalTransitionError
from payments.kernel.money import Money
from payments.kernel.transact import transact
from payments.models import Decision, Payment, SplitReturn, SplitShare
from payments.selectors import UnknownNumberError, return_view
from payments.services.accounts import adapter_of
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import move_errand
from payments.services.errands import ask_about_errand, is_due_to_ask, send_errand
from payments.services.payments import IdempotencyConflictError
from payments.services.sending import failure_of
from payments.services.share_returns import PlannedReturn, free_share, open_return
from payments.services.steps import locked_payment
from payments.services.transactions import require_transaction
from payments.split_papers import SplitReturnView, view_of_return


def request_split_return(*, share_no: str, return_key: str, amount: Money) -> SplitReturnView:
    """Want part or all of one share back without a refund. In a transaction; the runner asks.

    The same `return_key` is the same return and returns it; with other figures
    IdempotencyConflictError. ShareReturnError for more than is out, UnknownNumberError.
    """
    require_transaction()
    rows = SplitShare.objects.filter(share_no=share_no)
    payment_no = rows.values_list("split__payment__payment_no", flat=True).first()
    if payment_no is None:
        raise UnknownNumberError(share_no=share_no)
    payment: Payment = locked_payment(payment_no)
    share = rows.select_related("split").get()
    before = SplitReturn.objects.filter(return_key=return_key).first()
    if before is not None:
        if before.share.pk != share.pk or before.amount != amount:
            raise IdempotencyConflictError(return_key=return_key)
        return view_of_return(before)
    made = open_return(PlannedReturn(share=share, minor=amount.minor), return_key=return_key)
    free_share(payment, amount.minor)
    return view_of_return(made)


@transact()
def retry_return(return_no: str, *, by: str) -> SplitReturnView:
    """Ask a receiver again for what it did not give back, under the same number (B14).

    IllegalTransitionError unless it was refused, and while it is being repaid another way.
    """
    found = _found(return_no)
    locked_payment(found.share.split.payment.payment_no)
    repaid = Decision.objects.filter(
        subject_no=return_no, kind=Decision.Kind.ADVANCE_REPAID
    ).exclude(status=Decision.Status.REJECTED)
    found.refresh_from_db()
    if repaid.exists() or not move_errand(
        found, ErrandEvent.RETRY, by=by, next_action_at=now(), done_at=None, tries=0
    ):
        raise IllegalTransitionError(to=SplitReturn.Status.CREATED)
    return return_view(return_no)


def send_split_return(return_no: str) -> SplitReturnView:
    """Ask for a share back, or what became of it; return how it stands.

    Network: not inside a transaction. Always under the same number: where acquirers have no
    question about a return, the request repeated is the question. UnknownNumberError.
    """
    refuse_inside_transaction()
    found = _found(return_no)
    if found.status == SplitReturn.Status.CREATED:
        _send(found)
    elif is_due_to_ask(found):
        account = found.share.split.payment.account
        ask_about_errand(found, account=account, question=lambda: _ask_back(found))
    return return_view(return_no)


def _send(found: SplitReturn) -> None:
    def refused(error: DeclinedError) -> SplitReturnResult:
        return SplitReturnResult(
            outcome=Outcome.FAILED,
            return_no=found.return_no,
            failure=failure_of(error),
            raw=error.raw,
        )

    send_errand(
        found,
        account=found.share.split.payment.account,
        request=lambda: _ask_back(found),
        refused=refused,
    )


def _ask_back(found: SplitReturn) -> SplitReturnResult:
    """Ask the receiver's acquirer; one that takes no shares back refuses for good."""
    share, split = found.share, found.share.split
    request = ReturnPaper(
        return_no=found.return_no,
        split_no=split.split_no,
        receiver=share.receiver,
        amount=found.amount,
        share_no=share.share_no,
        payment_no=split.payment.payment_no,
        acquirer_split_no=split.acquirer_split_no,
    )
    try:
        return adapter_of(split.payment.account).split_return(request)
    except NotSupportedError as error:
        raise DeclinedError(error.message, code="split_return_not_offered") from error


def _found(return_no: str) -> SplitReturn:
    rows = SplitReturn.objects.select_related("share__split__payment__account", "refund")
    found = rows.filter(return_no=return_no).first()
    if found is None:
        raise UnknownNumberError(return_no=return_no)
    return found
