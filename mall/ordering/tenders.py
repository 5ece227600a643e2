"""Who pays which part of an order: the resident, and whoever funds the discounts, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override

from mall.ordering.models import OrderDiscount
from mall.ordering.pricing import Pricing
from mall.promotions.funding import Share
from payments.api import Funder, Money, TenderPart, spread

Source = OrderDiscount.Source
DecidedBy = OrderDiscount.DecidedBy

# Their part is owed to us and is no price cut: it leaves the base of commission as it is.
OUTSIDE = frozenset({Funder.BANK, Funder.GOVERNMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderPart:
    """What one funder bears of a discount, on each line in the order of the lines (fen)."""

    funder: Funder
    ref: str
    minors: tuple[int, ...]

    @property
    def minor(self) -> int:
        """Return what it bears in all (fen)."""
        return sum(self.minors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """One voucher, use of points or bank offer on an order, divided by line and funder."""

    source: str
    source_no: str
    name: str
    decided_by: str
    parts: tuple[FunderPart, ...]

    @property
    def minor(self) -> int:
        """Return what it takes off in all (fen)."""
        return sum(part.minor for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An order's money: what she pays in the end, and every discount by line and funder."""

    payable: Money
    lines: int
    discounts: tuple[Discount, ...]

    @property
    def shares(self) -> tuple[int, ...]:
        """Return what is taken off each line (fen)."""
        return self._per_line(part for each in self.discounts for part in each.parts)

    @property
    def own_shares(self) -> tuple[int, ...]:
        """Return what of each line's share neither a bank nor an authority pays (fen)."""
        parts = (part for each in self.discounts for part in each.parts)
        return self._per_line(part for part in parts if part.funder not in OUTSIDE)

    @property
    def tenders(self) -> tuple[TenderPart, ...]:
        """Return what is asked of the payer and what the funders give by our own word.

        One part per funder and label, whichever discounts it comes from.
        """
        asked = self.payable + Money(sum(part.amount.minor for part in self.expected))
        return (TenderPart(funder=Funder.PAYER, amount=asked), *self._merged(DecidedBy.SHOP))

    @property
    def expected(self) -> tuple[TenderPart, ...]:
        """Return what the acquirer is expected to take off by itself, on behalf of funders."""
        return self._merged(DecidedBy.BANK)

    def _merged(self, decided_by: str) -> tuple[TenderPart, ...]:
        sums: Counter[tuple[Funder, str]] = Counter()
        for each in self.discounts:
            if each.decided_by == decided_by:
                for part in each.parts:
                    sums[part.funder, part.ref] += part.minor
        return tuple(
            TenderPart(funder=funder, ref=ref, amount=Money(minor))
            for (funder, ref), minor in sums.items()
        )

    def _per_line(self, parts: Iterable[FunderPart]) -> tuple[int, ...]:
        rows = [part.minors for part in parts]
        return tuple(sum(column) for column in zip(*rows, strict=True)) or (0,) * self.lines


def split_of(pricing: Pricing, *, lines: int) -> Split:
    """Divide an order's value as it was priced, to the fen."""
    return Split(payable=pricing.payable, lines=lines, discounts=tuple(_discounts(pricing)))


def funders_parts(shares: Sequence[int], funding: Sequence[Share]) -> tuple[FunderPart, ...]:
    """Divide a discount's shares (fen per line) among its funders by their percents.

    Each funder bears its percent of the whole discount to the fen, and the parts of a line sum to
    its share: every funder's part is spread over what the funders before it left of each line.
    """
    left = list(shares)
    parts = []
    whole = spread(sum(shares), [share.percent for share in funding])
    for share, minor in zip(funding, whole, strict=True):
        minors = spread(minor, left)
        left = [rest - each for rest, each in zip(left, minors, strict=True)]
        if minor:
            parts.append(FunderPart(funder=share.funder, ref=share.ref, minors=tuple(minors)))
    return tuple(parts)


def _in_the_shops_language(text: Promise) -> str:
    with override(settings.LANGUAGE_CODE):
        return str(text)


def _discounts(pricing: Pricing) -> Iterator[Discount]:
    voucher, points, way = pricing.voucher, pricing.points, pricing.way
    if voucher is not None:
        yield Discount(
            source=Source.VOUCHER,
            source_no=voucher.voucher_no,
            name=voucher.name,
            decided_by=DecidedBy.SHOP,
            parts=funders_parts(voucher.shares, voucher.funding),
        )
    if points is not None and pricing.points_minor:
        yield Discount(
            source=Source.POINTS,
            source_no=str(pricing.points_used),
            name=_in_the_shops_language(Source.POINTS.label),
            decided_by=DecidedBy.SHOP,
            parts=funders_parts(points.shares, points.funding),
        )
    if way.offer is not None:
        yield Discount(
            source=Source.OFFER,
            source_no=way.offer.code,
            name=way.offer.name,
            decided_by=DecidedBy.SHOP if way.offer.is_ours else DecidedBy.BANK,
            parts=funders_parts(way.shares, way.offer.funding),
        )
