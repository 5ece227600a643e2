"""What a voucher takes off a basket or a bill, and why not: pure, whole fen, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mall.promotions.funding import Share
from mall.promotions.rules import LineFacts
from payments.api import spread

# Every order leaves something to pay: an acquirer takes no payment of nothing.
_LEFT_TO_PAY = 1


class Refusal(StrEnum):
    """Why a voucher does not go on a basket."""

    NONE = ""
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    ON_ANOTHER_ORDER = "on_another_order"
    NO_SUCH_GOODS = "no_such_goods"
    BELOW_THRESHOLD = "below_threshold"
    NOT_HERE = "not_here"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """A voucher in plain facts; fen, instants aware."""

    voucher_id: int
    voucher_no: str
    name: str
    worth_minor: int
    threshold_minor: int
    valid_from: datetime
    expires_at: datetime
    claimed_at: datetime
    funding: tuple[Share, ...]
    # None counts on everything; goods are product ids
    included: frozenset[int] | None = None
    excluded: frozenset[int] = frozenset()
    physical_only: bool = True
    is_red_packet: bool = False
    # whether another order does not hold it; whether the order that asks does
    is_free: bool = True
    is_ours: bool = False
    is_for_the_mall: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a voucher takes off (fen), or why nothing; how much is missing to its threshold."""

    discount_minor: int = 0
    shares: tuple[int, ...] = ()
    refusal: Refusal = Refusal.NONE
    missing_minor: int = 0


def judge(voucher: VoucherFacts, lines: Sequence[LineFacts], *, at: datetime) -> Judgement:
    """Say what a voucher takes off these lines: never more than the lines it counts on.

    Where it would pay the whole basket one fen is left to pay.
    """
    nothing = (0,) * len(lines)
    values = [line.value_minor if _counts(voucher, line) else 0 for line in lines]
    eligible = sum(values)
    refusal = _refusal(voucher, eligible, at=at)
    if refusal:
        missing = max(0, voucher.threshold_minor - eligible)
        return Judgement(shares=nothing, refusal=refusal, missing_minor=missing)
    whole = sum(line.value_minor for line in lines)
    discount = min(voucher.worth_minor, eligible, whole - _LEFT_TO_PAY)
    if discount <= 0:
        return Judgement(shares=nothing, refusal=Refusal.NOTHING_LEFT)
    return Judgement(discount_minor=discount, shares=tuple(spread(discount, values)))


def rank(voucher: VoucherFacts, discount_minor: int) -> tuple[int, int, datetime, datetime, int]:
    """Return the key by which the best voucher comes first.

    Larger amount, higher threshold, earlier expiry, earlier claim, smaller id.
    """
    return (
        -discount_minor,
        -voucher.threshold_minor,
        voucher.expires_at,
        voucher.claimed_at,
        voucher.voucher_id,
    )


def off_the_bill(*, worth_minor: int, threshold_minor: int, bill_minor: int) -> int:
    """Return what a voucher takes off a merchant's bill (fen): nothing below its threshold."""
    if bill_minor <= 0 or bill_minor < threshold_minor:
        return 0
    return min(worth_minor, bill_minor)


def _counts(voucher: VoucherFacts, line: LineFacts) -> bool:
    if voucher.physical_only and not line.is_physical:
        return False
    if line.product_id in voucher.excluded:
        return False
    return voucher.included is None or line.product_id in voucher.included


def _refusal(voucher: VoucherFacts, eligible: int, *, at: datetime) -> Refusal:
    # What an order holds stays good for it, whatever the clock says (decision 0046).
    refused = (
        (Refusal.NOT_HERE, not voucher.is_for_the_mall),
        (Refusal.EXPIRED, at >= voucher.expires_at and not voucher.is_ours),
        (Refusal.NOT_YET, at < voucher.valid_from),
        (Refusal.ON_ANOTHER_ORDER, not (voucher.is_free or voucher.is_ours)),
        (Refusal.NO_SUCH_GOODS, not eligible),
        (Refusal.BELOW_THRESHOLD, eligible < voucher.threshold_minor),
    )
    return next((why for why, is_so in refused if is_so), Refusal.NONE)
