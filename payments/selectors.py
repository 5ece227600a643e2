"""Reading the small bank's books: questions the floors above may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from payments.kernel.errors import LinliError
from payments.models import Payment, Refund, Split, SplitReturn, Transfer
from payments.papers import (
    PaymentView,
    RefundView,
    TransferView,
    view_of_payment,
    view_of_refund,
    view_of_transfer,
)
from payments.split_papers import SplitReturnView, SplitView, view_of_return, view_of_split

_AT_ONCE: Final = 500


class UnknownNumberError(LinliError):
    """There is no payment, refund, split, tied card or transfer of this number."""

    code = "unknown_number"
    http_status = 404


def _payments() -> QuerySet[Payment]:
    return Payment.objects.select_related("account", "agreement").prefetch_related("tenders")


def _refunds() -> QuerySet[Refund]:
    return Refund.objects.select_related("payment").prefetch_related("tenders")


def payment_view(payment_no: str) -> PaymentView:
    """Return one payment; UnknownNumberError."""
    payment = _payments().filter(payment_no=payment_no).first()
    if payment is None:
        raise UnknownNumberError(payment_no=payment_no)
    return view_of_payment(payment)


def attempts(reference: str) -> list[PaymentView]:
    """Return every attempt to collect for this reference, the newest first."""
    rows = _payments().filter(reference=reference).order_by("-pk")
    return [view_of_payment(payment) for payment in rows]


def applied_payments(references: Sequence[str]) -> dict[str, str]:
    """Return which payment paid each of these references; one that nothing paid is not named."""
    found: dict[str, str] = {}
    for start in range(0, len(references), _AT_ONCE):
        rows = Payment.objects.filter(
            reference__in=references[start : start + _AT_ONCE],
            application=Payment.Application.APPLIED,
        )
        found |= dict(rows.values_list("reference", "payment_no"))
    return found


def refund_view(refund_no: str) -> RefundView:
    """Return one refund; UnknownNumberError."""
    refund = _refunds().filter(refund_no=refund_no).first()
    if refund is None:
        raise UnknownNumberError(refund_no=refund_no)
    return view_of_refund(refund)


def refunds_of(payment_no: str) -> list[RefundView]:
    """Return every refund of what a payment captured, the oldest first; held money was not its."""
    rows = _refunds().filter(payment__payment_no=payment_no).exclude(stage=Refund.Stage.HELD)
    rows = rows.order_by("pk")
    return [view_of_refund(refund) for refund in rows]


def transfer_view(transfer_no: str) -> TransferView:
    """Return one transfer; UnknownNumberError."""
    transfer = Transfer.objects.filter(transfer_no=transfer_no).first()
    if transfer is None:
        raise UnknownNumberError(transfer_no=transfer_no)
    return view_of_transfer(transfer)


def split_view(split_no: str) -> SplitView:
    """Return one split; UnknownNumberError."""
    split = Split.objects.select_related("payment").filter(split_no=split_no).first()
    if split is None:
        raise UnknownNumberError(split_no=split_no)
    return view_of_split(split)


def splits_of(payment_no: str) -> list[SplitView]:
    """Return every split of a payment, the oldest first."""
    rows = Split.objects.select_related("payment").filter(payment__payment_no=payment_no)
    return [view_of_split(split) for split in rows.order_by("pk")]


def return_view(return_no: str) -> SplitReturnView:
    """Return one return of a share; UnknownNumberError."""
    rows = SplitReturn.objects.select_related("share__split", "refund")
    found = rows.filter(return_no=return_no).first()
    if found is None:
        raise UnknownNumberError(return_no=return_no)
    return view_of_return(found)
