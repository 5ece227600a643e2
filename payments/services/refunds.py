"""Giving money back: promised inside the caller's transaction, asked of the acquirer afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import IntegrityError

from payments.acquiring.contract import (
    DeclinedError,
    Outcome,
    RefundRef,
    RefundRequest,
    RefundResult,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.kernel.tenders import TenderPart
from payments.models import Payment, Refund
from payments.papers import RefundView, view_of_refund
from payments.selectors import UnknownNumberError, refund_view
from payments.services.accounts import adapter_of, notify_url
from payments.services.errands import (
    ask_about_errand,
    is_due_to_ask,
    send_errand,
)
from payments.services.payments import IdempotencyConflictError
from payments.services.returning import (
    RefundStage,
    RefundWish,
    promise_refund,
)
from payments.services.sending import failure_of
from payments.services.steps import locked_payment
from payments.services.transactions import require_transaction


class NotRefundableError(LinliError):
    """Only money that paid what was owed can be given back by wish."""

    code = "not_refundable"


def request_refund(  # noqa: PLR0913 - the door takes what the paper needs, each by its name
    *,
    payment_no: str,
    refund_key: str,
    tenders: Sequence[TenderPart],
    reason: str,
    stage: RefundStage,
    reference: str = "",
    supplier_parts: Sequence[tuple[str, Money]] = (),
    share_returns: Sequence[tuple[str, Money]] | None = None,
) -> RefundView:
    """Promise part or all of a payment back. In a transaction; the runner asks the acquirer.

    `tenders` says who gets what back (the payer's part, the bank's part, ...); `supplier_parts` is
    what suppliers give back after pickup. Where the acquirer shared the payment out, each receiver
    gives back its part first: in proportion, or what `share_returns` says by share number; the
    refund is sent when all have ended. The same `refund_key` is the same refund and returns it;
    with other figures IdempotencyConflictError. RefundExceedsCapturedError when somebody would get
    more than she gave, ShareReturnError when the shares cannot be taken back like this,
    NotRefundableError for money that was never applied, UnknownNumberError.
    """
    require_transaction()
    payment = locked_payment(payment_no)
    if payment.application != Payment.Application.APPLIED:
        raise NotRefundableError(payment_no=payment_no)
    wish = RefundWish(
        refund_key=refund_key,
        tenders=tuple(tenders),
        reason=reason,
        reference=reference or payment.reference,
        stage=str(stage),
        supplier_parts=tuple(supplier_parts),
        share_returns=share_returns,
    )
    before = Refund.objects.filter(refund_key=refund_key).first()
    if before is not None:
        return view_of_refund(_same(before, payment, wish))
    try:
        return view_of_refund(promise_refund(payment, wish))
    except IntegrityError:
        before = Refund.objects.filter(refund_key=refund_key).first()
        if before is None:
            raise
        return view_of_refund(_same(before, payment, wish))


def _same(refund: Refund, payment: Payment, wish: RefundWish) -> Refund:
    before = {(row.funder, row.ref): row.amount_minor for row in refund.tenders.all()}
    now_ = {(str(part.funder), part.ref): part.amount.minor for part in wish.tenders if part.amount}
    if refund.payment.pk != payment.pk or before != now_:
        raise IdempotencyConflictError(refund_key=wish.refund_key)
    return refund


def send_refund(refund_no: str) -> RefundView:
    """Ask the acquirer to give the money back, or ask what became of it; return how it stands.

    Network: not inside a transaction. Always under the same number; a silence changes nothing but
    the plan to ask. One that is over stays as it is. UnknownNumberError.
    """
    refuse_inside_transaction()
    rows = Refund.objects.select_related("payment__account")
    refund = rows.filter(refund_no=refund_no).first()
    if refund is None:
        raise UnknownNumberError(refund_no=refund_no)
    if refund.status == Refund.Status.CREATED:
        _send(refund)
    elif is_due_to_ask(refund):
        _ask(refund)
    return refund_view(refund_no)


def _send(refund: Refund) -> None:
    payment = refund.payment
    request = RefundRequest(
        refund_no=refund.refund_no,
        payment_no=payment.payment_no,
        amount=refund.amount,
        paid=refund.amount if refund.of_acquirer_no else payment.captured,
        reason=refund.reason,
        notify_url=notify_url(payment.account),
        acquirer_no=refund.of_acquirer_no or payment.acquirer_no,
    )

    def ask() -> RefundResult:
        # When it was sent is only known once it is claimed.
        return adapter_of(payment.account).refund(replace(request, sent_at=refund.sent_at))

    def refused(error: DeclinedError) -> RefundResult:
        return RefundResult(
            outcome=Outcome.FAILED,
            refund_no=request.refund_no,
            failure=failure_of(error),
            raw=error.raw,
        )

    send_errand(
        refund,
        account=payment.account,
        request=ask,
        refused=refused,
    )


def _ask(refund: Refund) -> None:
    payment = refund.payment
    ref = RefundRef(
        refund.refund_no,
        payment.payment_no,
        acquirer_refund_no=refund.acquirer_refund_no,
        acquirer_no=refund.of_acquirer_no or payment.acquirer_no,
        sent_at=refund.sent_at,
    )
    ask_about_errand(
        refund,
        account=payment.account,
        question=lambda: adapter_of(payment.account).query_refund(ref),
    )
