"""What a basket costs: goods, then a voucher, then points, then the tied card's offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mall.loyalty.spending import PointsQuote
from mall.promotions.quoting import Quote, WayQuote, quote
from mall.promotions.rules import LineFacts
from mall.vouchers.quoting import VoucherQuote
from payments.api import AgreementView, Money

NO_VOUCHER = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the resident chose; what she left open is chosen best for her."""

    # a tied card's number, "new_card", "cashier", or "" for the best
    way: str = ""
    # a voucher's number, "none", or "" for the best
    voucher_no: str = ""
    points: int = 0
    # an offer's code where she takes another than the best
    offer_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """A basket's price by its wish, with everything she could choose instead."""

    goods: Money
    vouchers: tuple[VoucherQuote, ...]
    voucher: VoucherQuote | None
    points: PointsQuote | None
    points_used: int
    points_minor: int
    # the tied card's offers on what is left to pay
    quote: Quote
    way: WayQuote

    @property
    def payable(self) -> Money:
        """Return what is asked of the resident."""
        return self.way.payable


def price(
    *,
    lines: Sequence[LineFacts],
    wish: Wish,
    resident_id: int | None,
    cards: Sequence[AgreementView] = (),
    at: datetime | None = None,
    device: str = "",
    except_order: str = "",
) -> Pricing:
    """Price a basket: a fixed number of queries, however many lines, vouchers, cards and offers."""
    quoted = quote(
        lines=lines, cards=cards, resident_id=resident_id, at=at, except_order=except_order
    )
    way = (quoted.way(wish.way) if wish.way else None) or quoted.best
    return Pricing(
        goods=quoted.goods,
        vouchers=(),
        voucher=None,
        points=None,
        points_used=0,
        points_minor=0,
        quote=quoted,
        way=way,
    )
