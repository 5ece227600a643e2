"""What Oscar's own screens show of an order's money: a copy, never asked by us."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils.text import slugify
from oscar.apps.payment.models import Source, SourceType, Transaction

from payments.api import Funder, Money, TenderPart

_NAMES = {Funder.PAYER: "Paid online", Funder.BANK: "Bank offer"}
_OTHERS = "Other funds"


def show_paid(*, order_pk: int, payment_no: str, tenders: Sequence[TenderPart]) -> None:
    """Copy what was paid and by whom."""
    for part in tenders:
        kind = _kind(_NAMES.get(part.funder, _OTHERS))
        source = Source.objects.create(
            order_id=order_pk,
            source_type=kind,
            currency=part.amount.currency,
            amount_allocated=part.amount.major,
            amount_debited=part.amount.major,
            reference=payment_no,
            label=part.ref,
        )
        Transaction.objects.create(
            source=source,
            txn_type=Transaction.DEBIT,
            amount=part.amount.major,
            reference=payment_no,
            status="succeeded",
        )


def _kind(name: str) -> SourceType:
    """Return Oscar's source type of that name, made when first needed.

    Found by its code, which is unique: of a name two first payments at once leave two.
    """
    kind, _made = SourceType.objects.get_or_create(code=slugify(name), defaults={"name": name})
    return kind


def show_refunded(*, order_pk: int, refund_no: str, amount: Money) -> None:
    """Copy what the resident got back."""
    sources = Source.objects.filter(order_id=order_pk, source_type__name=_NAMES[Funder.PAYER])
    source = sources.order_by("pk").first()
    if source is None:
        return
    Source.objects.filter(pk=source.pk).update(amount_refunded=F("amount_refunded") + amount.major)
    Transaction.objects.create(
        source=source,
        txn_type=Transaction.REFUND,
        amount=amount.major,
        reference=refund_no,
        status="succeeded",
    )
