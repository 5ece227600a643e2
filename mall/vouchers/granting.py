"""Giving a resident a voucher without a round: a gift, a prize, by hand with a reason."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from mall.accounts.models import User
from mall.vouchers.eligibility import claimant_of
from mall.vouchers.errors import GrantRefusedError, SoldOutError, VoucherGoneError
from mall.vouchers.issuing import Issue, scopes_of, take_places, take_stock, write_voucher
from mall.vouchers.models import HandGrant, Voucher, VoucherBatch
from payments.api import business_date, now, transact

# How many one member of staff may give by hand on one day.
GRANTS_A_DAY: Final[int] = settings.LINLI_VOUCHER_GRANTS_A_DAY


@transact()
def grant(
    *,
    batch_code: str,
    resident_id: int,
    key: str,
    denomination_minor: int | None = None,
    source: str = Voucher.Source.RAIN,
) -> str:
    """Give a voucher of a batch in the caller's transaction; return its number.

    The same key again returns the same number and changes nothing. `denomination_minor` is what
    this one is worth (fen; at most what the batch says, which is also the default). Limits per
    person are the giver's business here. VoucherGoneError when the batch does not run or has no
    room.
    """
    made = Voucher.objects.filter(source_key=key).values_list("voucher_no", flat=True).first()
    if made is not None:
        return made
    batch = VoucherBatch.objects.filter(code=batch_code).first()
    if batch is None:
        raise VoucherGoneError(batch=batch_code)
    worth = batch.discount_minor if denomination_minor is None else denomination_minor
    if not 0 < worth <= batch.discount_minor:
        raise ValueError(f"{batch_code}: {worth} fen is no worth of this batch")
    issue = Issue(
        batch=batch, resident_id=resident_id, source=source, source_key=key, worth_minor=worth
    )
    try:
        with transaction.atomic():
            voucher = write_voucher(issue)
            take_stock(batch, None, worth)
    except SoldOutError as error:
        raise VoucherGoneError(batch=batch_code) from error
    except IntegrityError:
        return Voucher.objects.values_list("voucher_no", flat=True).get(source_key=key)
    return voucher.voucher_no


def grant_by_hand(
    *, batch: VoucherBatch, resident: User, by: User, reason: str, form_key: str
) -> Voucher:
    """Give a resident a voucher with a reason; sent twice it is one.

    The batch's own limits per person hold: AlreadyYoursError. SoldOutError when it does not run or
    has no more, GrantRefusedError (data: limit) after as many as one person may give on one day,
    ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a voucher is given with a reason")
    key = f"hand:{by.pk}:{form_key}"
    try:
        return _given_by_hand(batch=batch, resident=resident, by=by, reason=reason, key=key)
    except IntegrityError:
        # The same form sent twice at once: the first press has given it; anything else is raised.
        made = Voucher.objects.filter(source_key=key).first()
        if made is None:
            raise
        return made


@transact()
def _given_by_hand(
    *, batch: VoucherBatch, resident: User, by: User, reason: str, key: str
) -> Voucher:
    made = Voucher.objects.filter(source_key=key).first()
    if made is not None:
        return made
    voucher = write_voucher(
        Issue(
            batch=batch,
            resident_id=resident.pk,
            source=Voucher.Source.HAND,
            source_key=key,
            worth_minor=batch.discount_minor,
        )
    )
    _count_for_the_day(voucher, by=by, reason=reason.strip()[:200])
    take_places(voucher, claimant_of(resident.pk), scopes_of(batch, None))
    take_stock(batch, None, batch.discount_minor)
    return voucher


def _count_for_the_day(voucher: Voucher, *, by: User, reason: str) -> None:
    """Write down who gave it, under the next of her numbers of the day."""
    day = business_date()
    for _attempt in range(GRANTS_A_DAY):
        slot = HandGrant.objects.filter(by=by, day=day).count()
        if slot >= GRANTS_A_DAY:
            break
        try:
            with transaction.atomic():
                HandGrant.objects.create(
                    voucher=voucher, by=by, reason=reason, day=day, slot=slot, at=now()
                )
                return
        except IntegrityError:
            continue  # another window took this number
    raise GrantRefusedError(limit=GRANTS_A_DAY)
