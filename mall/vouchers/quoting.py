"""Which of a resident's vouchers go on a basket, what each takes off, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mall.promotions.funding import Share
from mall.promotions.rules import LineFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherQuote:
    """One voucher on one basket; amounts in fen."""

    voucher_no: str
    name: str
    discount_minor: int
    # per line of the basket, in its order; sums to discount_minor
    shares: tuple[int, ...]
    funding: tuple[Share, ...]
    expires_at: datetime
    is_red_packet: bool = False
    # why it does not go on this basket, for a screen; empty when it does
    hint: str = ""


def vouchers_for(
    *,
    resident_id: int | None,
    lines: Sequence[LineFacts],
    at: datetime,
    except_order: str = "",
) -> list[VoucherQuote]:
    """Quote every voucher she holds, the best usable one first; what `except_order` holds is free."""
    return []
