"""A voucher's way through an order: locked with it, used when it is paid, free again or forfeited.

Everything here joins the caller's transaction, by conditional updates. Locking writes the voucher's
own row only: no row that others want too.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Value, When

from mall.vouchers.errors import VoucherGoneError
from mall.vouchers.models import Voucher, VoucherBatch, VoucherUse
from payments.api import advance, now

State = Voucher.State
Use = VoucherUse.State
_IN_THE_WALLET = (State.HELD, State.RETURNED)


def lock(*, voucher_no: str, resident_id: int, order_no: str, discount_minor: int) -> None:
    """Hold a voucher for an order, in its transaction; VoucherGoneError when it is not free.

    Asked again for the same order it stays locked, with the new discount: also when it has expired
    meanwhile, because the order keeps what it holds. `discount_minor` is what it takes off (fen).
    """
    if _is_locked_again(
        voucher_no=voucher_no,
        resident_id=resident_id,
        order_no=order_no,
        discount_minor=discount_minor,
    ):
        return
    at = now()
    taken = Voucher.objects.filter(
        voucher_no=voucher_no,
        resident_id=resident_id,
        state__in=_IN_THE_WALLET,
        valid_from__lte=at,
        expires_at__gt=at,
        worth_minor__gte=discount_minor,
        # No join: the state must be judged again by who waited for this row.
        batch__in=VoucherBatch.objects.exclude(place=VoucherBatch.Place.MERCHANTS),
    ).update(state=State.LOCKED, changed_at=at)
    if not taken:
        raise VoucherGoneError(voucher_no=voucher_no)
    VoucherUse.objects.create(
        voucher=Voucher.objects.only("pk").get(voucher_no=voucher_no),
        order_no=order_no,
        discount_minor=discount_minor,
        locked_at=at,
    )


def mark_used(order_no: str) -> None:
    """Mark the order's voucher used, when it is paid; the second time changes nothing."""
    use = live_use(order_no)
    if use is not None and _move(use, Use.USED, used_at=now()):
        _move_voucher(use.voucher_id, State.USED, came_from=[State.LOCKED])


def release(order_no: str) -> None:
    """Give an unpaid order's voucher back to its holder; the second time changes nothing.

    What has expired meanwhile is not given back: it has expired.
    """
    use = live_use(order_no)
    if use is None or not _move(use, Use.RELEASED, came_from=[Use.LOCKED], ended_at=now()):
        return
    at = now()
    Voucher.objects.filter(pk=use.voucher_id, state=State.LOCKED).update(
        state=Case(When(expires_at__lte=at, then=Value(State.EXPIRED)), default=Value(State.HELD)),
        changed_at=at,
    )


def take_back(*, order_no: str, amount_minor: int, is_whole: bool) -> None:
    """Return a part of a used voucher (fen) to its funders at a refund.

    When the whole order went back the voucher returns to its holder or is forfeited, as its batch
    says; what has expired meanwhile has expired. After that nothing more changes. ValueError beyond
    what the voucher gave, or where it is not used.
    """
    use = live_use(order_no)
    if use is None:
        return
    if amount_minor:
        given_back = VoucherUse.objects.filter(
            pk=use.pk, state=Use.USED, discount_minor__gte=F("returned_minor") + amount_minor
        ).update(returned_minor=F("returned_minor") + amount_minor)
        if not given_back:
            raise ValueError(f"{order_no}: {amount_minor} fen is more than the voucher gave")
    if is_whole and _move(use, Use.TAKEN_BACK, came_from=[Use.USED], ended_at=now()):
        _back_to_the_wallet(use.voucher_id)


def live_use(order_no: str) -> VoucherUse | None:
    """Return the use an order holds or has had, unless it was released or taken back."""
    return VoucherUse.objects.filter(order_no=order_no, state__in=[Use.LOCKED, Use.USED]).first()


def _is_locked_again(
    *, voucher_no: str, resident_id: int, order_no: str, discount_minor: int
) -> bool:
    return bool(
        VoucherUse.objects.filter(
            order_no=order_no,
            state=Use.LOCKED,
            voucher__in=Voucher.objects.filter(
                voucher_no=voucher_no, resident_id=resident_id, worth_minor__gte=discount_minor
            ),
        ).update(discount_minor=discount_minor)
    )


def _back_to_the_wallet(voucher_id: int) -> None:
    at = now()
    # An UPDATE may not look at a joined table: which batches forfeit is asked by a subquery.
    forfeiting = VoucherBatch.objects.filter(
        refund_policy=VoucherBatch.RefundPolicy.FORFEIT
    ).values("pk")
    Voucher.objects.filter(pk=voucher_id, state=State.USED).update(
        state=Case(
            When(batch_id__in=forfeiting, then=Value(State.FORFEITED)),
            When(expires_at__lte=at, then=Value(State.EXPIRED)),
            default=Value(State.RETURNED),
        ),
        changed_at=at,
    )


def _move(use: VoucherUse, to: str, **changes: Any) -> bool:
    return advance(use, VoucherUse.EDGES, to, field="state", **changes)


def _move_voucher(voucher_id: int, to: str, *, came_from: list[str]) -> None:
    Voucher.objects.filter(pk=voucher_id, state__in=came_from).update(state=to, changed_at=now())
