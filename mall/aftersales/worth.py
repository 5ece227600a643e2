"""What a decision is worth before anything is booked: to her, in all, and to the supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mall.aftersales.errors import AskedNothingError, AskedTooMuchError
from mall.aftersales.models import AfterSalesCase, Bearer
from mall.ordering.backs import Gone, backs_of, forfeit
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.parts import back_of
from mall.promotions.models import BankOffer
from mall.promotions.reservation import live_use
from payments.api import RefundStage, part_of_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What is asked for or given: pieces, or fen to the resident off pieces she keeps."""

    quantity: int = 0
    payer_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What would go back (fen): to her, in all, and of it not owed to the supplier."""

    gone: Gone
    payer_minor: int
    value_minor: int
    cost_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of a line: pieces, and what she paid for them (fen)."""

    quantity: int
    payer_minor: int


def left_of(line: LineFulfilment) -> Left:
    """Return what of a line has not gone back; no query."""
    paid = line.value_minor - line.offer_share_minor
    back = line.refunded_minor - line.returned_share_minor
    return Left(quantity=line.quantity - line.refunded_quantity, payer_minor=paid - back)


def asked_of(case: AfterSalesCase) -> Claimed:
    """Return what the resident asked for."""
    if case.asked_quantity:
        return Claimed(quantity=case.asked_quantity)
    return Claimed(payer_minor=case.asked_minor)


def given_of(case: AfterSalesCase) -> Claimed:
    """Return what was offered or decided."""
    if case.given_quantity:
        return Claimed(quantity=case.given_quantity)
    return Claimed(payer_minor=case.given_minor)


def worth_of(
    order: OrderFulfilment, line: LineFulfilment, claimed: Claimed, *, bearer: str
) -> Worth:
    """Compute what a decision gives back; nothing is written.

    AskedNothingError, and AskedTooMuchError beyond what is left of the line. Where the bank's offer
    is forfeited with it she gets that much less, as for any other refund.
    """
    gone = _gone(line, claimed, bearer=bearer)
    backs = backs_of(order, [gone])
    use = live_use(order.order_no)
    if use is not None and use.offer.refund_policy == BankOffer.RefundPolicy.FORFEIT:
        forfeit(backs, use.offer)
    return Worth(
        gone=gone,
        payer_minor=sum(back.value_minor - back.share_minor for back in backs),
        value_minor=sum(back.value_minor for back in backs),
        cost_minor=sum(back.cost_minor for back in backs),
    )


def payer_of_pieces(line: LineFulfilment, counts: Sequence[int]) -> list[int]:
    """Return what its payer gets for so many pieces, for each of them (fen); one query.

    What a bank forfeits of the order's offer is not looked at: worth_of() says that.
    """
    parts = [row.minor for row in line.discounts.order_by("pk")]
    parts.append(line.value_minor - sum(parts))
    pieces, left_minor = line.quantity - line.refunded_quantity, line.value_minor
    left_minor -= line.refunded_minor
    values = (part_of_share(left_minor, done=0, now=count, whole=pieces) for count in counts)
    return [back_of(parts, done_minor=line.refunded_minor, now_minor=v)[-1] for v in values]


def stage_of(order: OrderFulfilment, *, bearer: str) -> RefundStage:
    """Return whose loss it is in the books: by where the goods are and who bears it."""
    if order.status not in {Status.COLLECTED, Status.CLOSED}:
        return RefundStage.BEFORE_PICKUP
    is_suppliers = bearer == Bearer.SUPPLIER
    return RefundStage.AFTER_PICKUP if is_suppliers else RefundStage.GOODWILL


def _gone(line: LineFulfilment, claimed: Claimed, *, bearer: str) -> Gone:
    left = left_of(line)
    if claimed.quantity:
        off_minor = 0
        if claimed.quantity > left.quantity:
            raise AskedTooMuchError(quantity=left.quantity, payer_minor=left.payer_minor)
    elif claimed.payer_minor:
        if claimed.payer_minor > left.payer_minor:
            raise AskedTooMuchError(quantity=left.quantity, payer_minor=left.payer_minor)
        off_minor = _value_for(line, claimed.payer_minor)
    else:
        raise AskedNothingError
    is_suppliers = bearer == Bearer.SUPPLIER
    return Gone(
        line_id=line.pk,
        quantity=claimed.quantity,
        off_minor=off_minor,
        cost_minor=_cost(line, claimed.quantity, off_minor) if is_suppliers else 0,
    )


def _cost(line: LineFulfilment, quantity: int, off_minor: int) -> int:
    """Return the supplier's part: of the pieces, or of the value that is taken off (fen)."""
    left_minor = line.cost_minor - line.returned_cost_minor
    if quantity:
        pieces = line.quantity - line.refunded_quantity
        return part_of_share(left_minor, done=0, now=quantity, whole=pieces)
    value = line.value_minor - line.refunded_minor
    return part_of_share(left_minor, done=0, now=off_minor, whole=value)


def _value_for(line: LineFulfilment, payer_minor: int) -> int:
    """Return the least value off a line that gives its payer so much (fen).

    The payer's part only grows with the value, a fen at a time, so it is found by halving.
    """
    parts = [row.minor for row in line.discounts.order_by("pk")]
    parts.append(line.value_minor - sum(parts))
    low, high = 1, line.value_minor - line.refunded_minor
    while low < high:
        middle = (low + high) // 2
        got = back_of(parts, done_minor=line.refunded_minor, now_minor=middle)[-1]
        low, high = (low, middle) if got >= payer_minor else (middle + 1, high)
    return low
