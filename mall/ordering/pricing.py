"""What a basket costs: goods, then a voucher, then points, then the tied card's offer.

A fixed number of queries, then pure arithmetic in fen. Which voucher is best depends on the card:
one that saves ten may bring the basket below a threshold that saves sixteen. Where the resident
left the voucher open, every way of payment is therefore priced with each of hers and without, and
the combination she pays least for is taken (docs/decisions/0043-the-best-combination.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from mall.loyalty.spending import PointsQuote, purse
from mall.promotions.quoting import Quote, WayKind, WayQuote, prepare
from mall.promotions.rules import LineFacts
from mall.vouchers.quoting import VoucherQuote, vouchers_for
from payments.api import AgreementView, Money, now

NO_VOUCHER = "none"

# Vouchers that take off the same of every line are one candidate; who holds more different ones
# than this has the best of these tried.
_CANDIDATES_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the resident chose; what she left open is chosen best for her."""

    # a tied card's number, "new_card", "cashier", or "" for the best
    way: str = ""
    # a voucher's number, "none", or "" for the best
    voucher_no: str = ""
    # at most so many: what does not go on the basket stays hers
    points: int = 0
    # an offer's code where she takes another than the best
    offer_code: str = ""
    # at the cashier: what she pays out of, and where she stands then; "" leaves it to the acquirer
    purse: str = ""
    scene: str = ""
    # where the page she pays on is opened from; some acquirers ask
    payer_ip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """A basket's price by its wish, with everything she could choose instead."""

    goods: Money
    vouchers: tuple[VoucherQuote, ...]
    voucher: VoucherQuote | None
    points: PointsQuote | None
    points_used: int
    points_minor: int
    # the tied cards' offers on what is left to pay, each way with the voucher that suits it
    quote: Quote
    way: WayQuote
    _voucher_by_way: Mapping[str, VoucherQuote | None] = field(default_factory=dict)

    @property
    def payable(self) -> Money:
        """Return what she pays in the end: also without what the bank will take off by itself."""
        return paid_in_the_end(self.way)

    @property
    def asked(self) -> Money:
        """Return what the acquirer is asked to collect."""
        return self.way.payable

    @property
    def voucher_minor(self) -> int:
        """Return what the voucher takes off (fen)."""
        return self.voucher.discount_minor if self.voucher else 0

    @property
    def offer_minor(self) -> int:
        """Return what the bank offer takes off, whoever decides it (fen)."""
        return self.way.goods.minor - self.payable.minor

    @property
    def discount_minor(self) -> int:
        """Return what is saved in all (fen)."""
        return self.goods.minor - self.payable.minor

    def voucher_of(self, way: str) -> VoucherQuote | None:
        """Return the voucher a way of payment was priced with."""
        return self._voucher_by_way.get(way)


def paid_in_the_end(way: WayQuote) -> Money:
    """Return what a way costs her when the bank has taken off what it is expected to."""
    return way.payable - way.expected


def price(  # noqa: PLR0913 - everything a price depends on, each by its name
    *,
    lines: Sequence[LineFacts],
    wish: Wish,
    resident_id: int | None,
    cards: Sequence[AgreementView] = (),
    at: datetime | None = None,
    device: str = "",
    except_order: str = "",
) -> Pricing:
    """Price a basket: a fixed number of queries, however many lines, vouchers, cards and offers.

    A wished voucher that is gone becomes none, points beyond what goes are left out, a way that is
    gone becomes the best: the caller compares what she saw. What ``except_order`` holds is as good
    as free, because it would be swapped.
    """
    at = at or now()
    goods = Money(sum(line.value_minor for line in lines))
    vouchers = tuple(
        vouchers_for(resident_id=resident_id, lines=lines, at=at, except_order=except_order)
    )
    offers = prepare(
        cards=cards, resident_id=resident_id, at=at, except_order=except_order, device=device
    )
    quote = partial(offers.quote, offer_code=wish.offer_code)

    points = partial(
        purse(resident_id=resident_id, at=at, except_order=except_order).quote, wanted=wish.points
    )
    options = [
        _Option.of(lines, voucher, points=points, quote=quote)
        for voucher in _candidates(vouchers, wish, goods)
    ]
    return _choose(options, wish, goods=goods, vouchers=vouchers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """The basket priced with one voucher, or without."""

    voucher: VoucherQuote | None
    points: PointsQuote
    quote: Quote

    @classmethod
    def of(
        cls,
        lines: Sequence[LineFacts],
        voucher: VoucherQuote | None,
        *,
        points: Callable[[Sequence[LineFacts]], PointsQuote],
        quote: Callable[[Sequence[LineFacts]], Quote],
    ) -> _Option:
        left = less(lines, voucher.shares) if voucher else lines
        spent = points(left)
        return cls(voucher=voucher, points=spent, quote=quote(less(left, spent.shares)))

    def cost(self, key: str) -> int:
        """Return what a way of payment costs in the end (fen)."""
        way = self.quote.way(key)
        return paid_in_the_end(way).minor if way else self.quote.goods.minor


def less(lines: Sequence[LineFacts], shares: Sequence[int]) -> Sequence[LineFacts]:
    """Return the lines with what is left to pay of each after a discount's shares."""
    if not any(shares):
        return lines
    return [
        replace(line, value_minor=line.value_minor - share)
        for line, share in zip(lines, shares, strict=True)
    ]


def _candidates(
    vouchers: Iterable[VoucherQuote], wish: Wish, goods: Money
) -> list[VoucherQuote | None]:
    """Return what may be tried: no voucher first, so that one that changes nothing is kept."""
    usable = [each for each in vouchers if 0 < each.discount_minor < goods.minor and not each.hint]
    if wish.voucher_no:
        named = [each for each in usable if each.voucher_no == wish.voucher_no]
        return [*named] or [None]
    alike: dict[tuple[int, ...], VoucherQuote] = {}
    for each in usable:
        alike.setdefault(each.shares, each)
    return [None, *list(alike.values())[:_CANDIDATES_MAX]]


def _choose(
    options: Sequence[_Option],
    wish: Wish,
    *,
    goods: Money,
    vouchers: tuple[VoucherQuote, ...],
) -> Pricing:
    """Give every way the option it costs least with, and take the wished or the cheapest way."""
    keys = [way.key for way in options[0].quote.ways]
    cheapest = {key: min(options, key=lambda option: option.cost(key)) for key in keys}
    ways = tuple(way for key in keys if (way := cheapest[key].quote.way(key)))
    tied = [way for way in ways if way.kind is WayKind.AGREEMENT]
    cashier = next(way for way in ways if way.kind is WayKind.CASHIER)
    best = min(tied, key=lambda way: paid_in_the_end(way).minor, default=cashier)
    way = next((way for way in ways if way.key == wish.way), best)
    chosen = cheapest[way.key]
    return Pricing(
        goods=goods,
        vouchers=vouchers,
        voucher=chosen.voucher,
        points=chosen.points,
        points_used=_points_behind(chosen.points),
        points_minor=sum(chosen.points.shares),
        quote=Quote(goods=best.goods, ways=ways, best=best),
        way=way,
        _voucher_by_way={key: option.voucher for key, option in cheapest.items()},
    )


def _points_behind(quoted: PointsQuote) -> int:
    return -(-sum(quoted.shares) // quoted.fen_per_point)
