"""Corrections by staff: what a closed statement got wrong becomes a line of the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.db.models.functions import Abs

from groupleader.errors import (
    CorrectionAmountError,
    OwnStatementError,
    ReasonMissingError,
    SecondPersonNeededError,
)
from groupleader.models import Correction, Leader, SettlementStatement, SupplierAccount
from groupleader.services.history import record
from groupleader.services.holding import hold
from payments.api import (
    IllegalTransitionError,
    Money,
    advance,
    new_number,
    now,
    post_commission_earned,
    post_commission_reversed,
    post_supplier_corrected,
    transact,
)

log = structlog.get_logger(__name__)
Status = Correction.Status
_MOST_MINOR = 10_000_000
_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be corrected: so much in the party's favour (fen), or below zero against it."""

    amount_minor: int
    reason: str
    about: SettlementStatement | None = None


@transact()
def propose_correction(
    *, party: Leader | SupplierAccount, wish: Wish, by: Any, key: str
) -> Correction:
    """Write a correction down; it counts at once up to LINLI_CORRECTION_FOUR_EYES_MINOR.

    The same `key` again is the same correction. Above the limit a second person approves it: also
    where this one together with those of the last 30 days that nobody else approved is above it.
    CorrectionAmountError for nothing or beyond 100,000.00, ReasonMissingError, OwnStatementError.
    """
    if by.pk == party.user_id:
        raise OwnStatementError
    if not 0 < abs(wish.amount_minor) <= _MOST_MINOR:
        raise CorrectionAmountError
    if not wish.reason.strip():
        raise ReasonMissingError
    hold(party)
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                leader=party if isinstance(party, Leader) else None,
                supplier=party if isinstance(party, SupplierAccount) else None,
                correction_no=new_number("C"),
                amount_minor=wish.amount_minor,
                reason=wish.reason.strip()[:400],
                about=wish.about,
                key=key,
                proposed_by=by,
                proposed_at=now(),
                needs_two=abs(wish.amount_minor) + _alone_minor(party)
                > settings.LINLI_CORRECTION_FOUR_EYES_MINOR,
            )
    except IntegrityError:
        return Correction.objects.get(key=key)
    if wish.about is not None:
        record(wish.about, "corrected", by=by, note=f"{correction} {wish.reason.strip()}")
    if not correction.needs_two:
        _approve(correction, by=by)
    return correction


def _alone_minor(party: Leader | SupplierAccount) -> int:
    """Return what one person alone gave and took lately, one direction like the other (fen)."""
    lately = party.corrections.filter(
        status=Status.APPROVED, needs_two=False, proposed_at__gt=now() - _LATELY
    )
    return lately.aggregate(sum=Sum(Abs("amount_minor")))["sum"] or 0


@transact()
def approve_correction(*, correction: Correction, by: Any) -> None:
    """Let a correction count: the books owe so much more or less from now on.

    SecondPersonNeededError for who proposed it, OwnStatementError for whose it is.
    """
    if by.pk == correction.party.user_id:
        raise OwnStatementError
    if correction.needs_two and by.pk == correction.proposed_by_id:
        raise SecondPersonNeededError
    _approve(correction, by=by)


@transact()
def refuse_correction(*, correction: Correction, by: Any) -> None:
    """Drop a proposed correction. IllegalTransitionError once it counts."""
    changes = {"decided_by": by, "decided_at": now()}
    if not advance(correction, Correction.EDGES, Status.REFUSED, **changes):
        raise IllegalTransitionError(to=Status.REFUSED)


def _approve(correction: Correction, *, by: Any) -> None:
    changes = {"decided_by": by, "decided_at": now()}
    if not advance(correction, Correction.EDGES, Status.APPROVED, **changes):
        raise IllegalTransitionError(to=Status.APPROVED)
    key = f"correction:{correction.correction_no}"
    minor = correction.amount_minor
    if correction.supplier is not None:
        post_supplier_corrected(
            key=correction.correction_no, supplier_ref=correction.supplier.ref, minor=minor
        )
    elif minor > 0:
        post_commission_earned(key=key, leader_ref=correction.party.ref, amount=Money(minor))
    else:
        post_commission_reversed(key=key, leader_ref=correction.party.ref, amount=Money(-minor))
    log.info("correction.approved", correction_no=correction.correction_no, amount_minor=minor)
