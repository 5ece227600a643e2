"""Paying withheld tax to the tax office: a month, with the receipt, by two people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction

from groupleader.errors import (
    NotEqualError,
    NothingWithheldError,
    NotYetError,
    ReasonMissingError,
    SecondPersonNeededError,
)
from groupleader.models import TaxRemittance
from mall.api import paper_of
from payments.api import (
    IllegalTransitionError,
    Money,
    balances_by_label,
    business_date,
    now,
    post_tax_remitted,
    transact,
)

log = structlog.get_logger(__name__)
_MONTH: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the tax office gave: its number, the day it was paid, a picture or PDF of it."""

    number: str
    paid_on: date
    proof: Any


def withheld_by_month() -> dict[str, int]:
    """Return what is withheld and not remitted yet, month by month (fen), from the books."""
    sums: dict[str, int] = {}
    for (_leader, month), minor in balances_by_label("2401").items():
        sums[month] = sums.get(month, 0) - minor
    return {month: minor for month, minor in sorted(sums.items()) if minor}


def withheld_of(month: str) -> list[tuple[str, Money]]:
    """Return each leader's part of a month's tax that is not remitted yet, from the books."""
    return [
        (leader, Money(-minor))
        for (leader, of), minor in sorted(balances_by_label("2401").items())
        if of == month and minor < 0
    ]


@transact()
def prepare_remittance(*, month: str, receipt: Receipt, by: Any) -> TaxRemittance:
    """Write down that a month's tax was paid; a second person books it. Again it is the first.

    ValueError for what is no month, NotYetError before it is over, NothingWithheldError,
    ReasonMissingError without the receipt's number, UploadRefusedError.
    """
    if not _MONTH.fullmatch(month):
        raise ValueError(f"{month!r} is no month")
    if f"{business_date():%Y-%m}" <= month:
        raise NotYetError
    found = TaxRemittance.objects.filter(month=month).first()
    if found is not None:
        return found
    parts = withheld_of(month)
    if not parts:
        raise NothingWithheldError
    if not receipt.number.strip():
        raise ReasonMissingError
    try:
        with transaction.atomic():
            return TaxRemittance.objects.create(
                month=month,
                amount_minor=sum(part.minor for _leader, part in parts),
                people=len(parts),
                paid_on=receipt.paid_on,
                receipt_no=receipt.number.strip()[:40],
                proof=paper_of(receipt.proof),
                prepared_by=by,
                prepared_at=now(),
            )
    except IntegrityError:
        return TaxRemittance.objects.get(month=month)


@transact()
def book_remittance(*, remittance: TaxRemittance, by: Any) -> None:
    """Book a prepared remittance: the tax is owed no more. Booked again it changes nothing.

    SecondPersonNeededError for who prepared it, NotEqualError where the books have moved since.
    """
    remittance.refresh_from_db()
    if remittance.booked_at is not None:
        return
    if by.pk == remittance.prepared_by_id:
        raise SecondPersonNeededError
    parts = withheld_of(remittance.month)
    if sum(part.minor for _leader, part in parts) != remittance.amount_minor:
        raise NotEqualError(differences=[remittance.month])
    booked = TaxRemittance.objects.filter(pk=remittance.pk, booked_at=None).update(
        booked_by=by, booked_at=now()
    )
    if not booked:
        raise IllegalTransitionError(to="booked")
    post_tax_remitted(month=remittance.month, leaders=parts)
    log.info("tax.remitted", month=remittance.month, amount_minor=remittance.amount_minor)
