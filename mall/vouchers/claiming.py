"""Claiming a voucher in a round: cheap refusals first, then all that is scarce at once."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from mall.vouchers.eligibility import Claimant, claimant_of, unfit
from mall.vouchers.errors import (
    AlreadyYoursError,
    NotEligibleError,
    RoundNotOpenError,
    RoundOverError,
    RoundUnknownError,
    SoldOutError,
)
from mall.vouchers.issuing import Issue, scopes_of, take_places, take_stock, write_voucher
from mall.vouchers.models import ClaimRound, Voucher, VoucherBatch
from payments.api import now, transact


def claim(*, resident_id: int, round_id: int, click: str) -> Voucher:
    """Claim one voucher of a round; the same click again returns the same voucher.

    `click` is the random name of the button she pressed. Refused with nothing written:
    RoundUnknownError, RoundNotOpenError, RoundOverError, SoldOutError, NotEligibleError (data:
    reason), AlreadyYoursError (data: voucher_no). The refusals cost two short reads without a lock.
    """
    key = f"round:{round_id}:{resident_id}:{click}"
    claim_round = ClaimRound.objects.select_related("batch").filter(pk=round_id).first()
    if claim_round is None:
        raise RoundUnknownError
    made = Voucher.objects.filter(source_key=key).first()
    if made is not None:
        return made
    require_open(claim_round, at=now())
    claimant = claimant_of(resident_id)
    if reason := unfit(claim_round.batch, claimant):
        raise NotEligibleError(reason=str(reason))
    try:
        return _claim(claim_round, claimant, key)
    except (IntegrityError, AlreadyYoursError, SoldOutError) as refusal:
        made = Voucher.objects.filter(source_key=key).first()
        if made is not None:
            return made  # the same click was quicker elsewhere
        if isinstance(refusal, AlreadyYoursError):
            refusal.data["voucher_no"] = _latest(claim_round.batch, resident_id)
        raise


def require_open(claim_round: ClaimRound, *, at: datetime) -> None:
    """Refuse by what was just read: not begun, over, called off, sold out."""
    if claim_round.cancelled_at is not None:
        raise RoundUnknownError
    if at < claim_round.opens_at:
        raise RoundNotOpenError(opens_at=claim_round.opens_at)
    if at >= claim_round.closes_at or claim_round.batch.state == VoucherBatch.State.ENDED:
        raise RoundOverError
    if not claim_round.left or not claim_round.batch.left:
        raise SoldOutError(round=claim_round.pk)
    if claim_round.batch.state != VoucherBatch.State.ACTIVE:
        raise RoundNotOpenError(opens_at=claim_round.opens_at)


@transact()
def _claim(claim_round: ClaimRound, claimant: Claimant, key: str) -> Voucher:
    batch = claim_round.batch
    voucher = write_voucher(
        Issue(
            batch=batch,
            round=claim_round,
            resident_id=claimant.resident_id,
            source=Voucher.Source.ROUND,
            source_key=key,
            worth_minor=batch.discount_minor,
        )
    )
    take_places(voucher, claimant, scopes_of(batch, claim_round))
    take_stock(batch, claim_round, batch.discount_minor)
    return voucher


def _latest(batch: VoucherBatch, resident_id: int) -> str:
    own = Voucher.objects.filter(batch=batch, resident_id=resident_id).order_by("-pk")
    return own.values_list("voucher_no", flat=True).first() or ""
