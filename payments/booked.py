"""Who gave what of the payments that paid something, and what of it was given back or promised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from payments.kernel.tenders import Funder
from payments.models import Payment, Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedTender:
    """One funder's part of a payment that was applied; minor units."""

    payment_no: str
    funder: str
    ref: str
    minor: int
    returned_minor: int


def booked_tenders() -> Iterator[BookedTender]:
    """Return every part but the payer's of all payments applied; one query, read in pieces."""
    rows = Tender.objects.filter(
        payment__application=Payment.Application.APPLIED, actual_minor__gt=0
    ).exclude(funder=Funder.PAYER)
    fields = ("payment__payment_no", "funder", "ref", "actual_minor", "refund_committed_minor")
    for number, funder, ref, minor, returned in rows.order_by("pk").values_list(*fields).iterator():
        yield BookedTender(
            payment_no=number, funder=funder, ref=ref, minor=minor, returned_minor=returned
        )
