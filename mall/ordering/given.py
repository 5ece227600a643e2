"""What the bank really gave, where that is not what was quoted (D7): booked as it is.

The shop's own discounts are given as quoted. What a bank decides may come as more, as less, not at
all, or as something nobody quoted; the books have it from the acquirer, and the order's discounts
are made to say the same, line by line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from mall.ordering.discounts import write_parts
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.tenders import OUTSIDE, FunderPart
from mall.promotions.models import BankOffer
from payments.api import Funder, TenderPart, spread

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of one funder's part of a discount (fen)."""

    discount: OrderDiscount
    funder: Funder
    ref: str
    minor: int


def book_what_was_given(order: OrderFulfilment, tenders: Sequence[TenderPart]) -> None:
    """Write down what each discount of an order just paid came to; its lines' parts with it.

    In the caller's transaction, with the order locked. As quoted: one statement.
    """
    gave: Counter[Key] = Counter()
    for part in tenders:
        if part.funder is not Funder.PAYER and part.amount:
            gave[part.funder, part.ref] += part.amount.minor
    rows = LineDiscount.objects.filter(line__order=order).select_related("discount")
    quoted = list(rows.order_by("pk")) if order.discount_minor else []
    if _sums(quoted) == gave:
        OrderDiscount.objects.filter(order=order).update(actual_minor=F("estimated_minor"))
        return
    _book_otherwise(order, quoted, gave)


def _book_otherwise(order: OrderFulfilment, quoted: list[LineDiscount], gave: Counter[Key]) -> None:
    """Replace the parts that differ: those of the bank's own word, or that nobody quoted."""
    lines = list(order.lines.order_by("pk"))
    discounts = list(order.discounts.order_by("pk"))
    kept, changed = _compare(discounts, quoted, gave)
    for key, minor in gave.items():
        if minor:
            changed.append(_unquoted(order, key, minor))
    dropped = [row.pk for row in quoted if row not in kept]
    LineDiscount.objects.filter(pk__in=dropped).delete()
    rest = _left_of_lines(lines, kept)
    weights = _shares_of(lines, [row for row in quoted if row not in kept])
    for given in changed:
        minors = _spread_within(given.minor, weights, rest)
        rest = [left - minor for left, minor in zip(rest, minors, strict=True)]
        part = FunderPart(funder=given.funder, ref=given.ref, minors=tuple(minors))
        kept += write_parts(lines, [(given.discount, part)])
    _write_sums(order, lines, discounts=discounts, parts=kept)


def _compare(
    discounts: Sequence[OrderDiscount], quoted: Sequence[LineDiscount], gave: Counter[Key]
) -> tuple[list[LineDiscount], list[Given]]:
    """Take what was given as quoted out of ``gave``; return those rows, and what came otherwise.

    The shop's own discounts first: their part of a label is sure, the rest of it is the bank's.
    """
    kept: list[LineDiscount] = []
    changed: list[Given] = []
    by_word = sorted(discounts, key=lambda each: each.decided_by != OrderDiscount.DecidedBy.SHOP)
    for discount in by_word:
        rows = [row for row in quoted if row.discount_id == discount.pk]
        for key, estimated in _sums(rows).items():
            minor = min(gave[key], estimated) if _is_shops(discount) else gave[key]
            gave[key] -= minor
            if minor == estimated:
                kept += [row for row in rows if (row.funder, row.funder_ref) == key]
            elif minor:
                changed.append(
                    Given(discount=discount, funder=Funder(key[0]), ref=key[1], minor=minor)
                )
    return kept, changed


def _unquoted(order: OrderFulfilment, key: Key, minor: int) -> Given:
    """Make a discount of what nobody quoted, under the name the acquirer gave it."""
    funder, ref = key
    campaign = ref.partition(":")[2] or ref or funder
    offer = BankOffer.objects.filter(code=campaign).first()
    discount, _made = OrderDiscount.objects.get_or_create(
        order=order,
        source=OrderDiscount.Source.OFFER,
        source_no=_free_no(order, campaign),
        defaults={
            "name": (offer.name if offer else campaign)[:60],
            "decided_by": OrderDiscount.DecidedBy.BANK,
            "estimated_minor": 0,
        },
    )
    return Given(discount=discount, funder=Funder(funder), ref=ref, minor=minor)


def _free_no(order: OrderFulfilment, campaign: str) -> str:
    """Return a number no quoted discount of the order bears."""
    taken = order.discounts.filter(
        source=OrderDiscount.Source.OFFER, source_no=campaign[:64], estimated_minor__gt=0
    )
    return f"+{campaign}"[:64] if taken.exists() else campaign[:64]


def _is_shops(discount: OrderDiscount) -> bool:
    return discount.decided_by == OrderDiscount.DecidedBy.SHOP


def _sums(rows: Sequence[LineDiscount]) -> Counter[Key]:
    sums: Counter[Key] = Counter()
    for row in rows:
        sums[row.funder, row.funder_ref] += row.minor
    return sums


def _left_of_lines(lines: Sequence[LineFulfilment], kept: Sequence[LineDiscount]) -> list[int]:
    off = Counter({line.pk: 0 for line in lines})
    for row in kept:
        off[row.line_id] += row.minor
    return [line.value_minor - off[line.pk] for line in lines]


def _shares_of(lines: Sequence[LineFulfilment], rows: Sequence[LineDiscount]) -> list[bool]:
    """Say which lines the bank was expected to look at."""
    counted = {row.line_id for row in rows}
    return [line.pk in counted for line in lines]


def _spread_within(minor: int, counts: Sequence[bool], rest: Sequence[int]) -> list[int]:
    """Spread over what is left of the lines that count; over all of them where that is too little.

    The payer paid something, so all lines together always have room.
    """
    weights = [left if is_in else 0 for left, is_in in zip(rest, counts, strict=True)]
    return spread(minor, weights if sum(weights) >= minor else rest)


def _write_sums(
    order: OrderFulfilment,
    lines: Sequence[LineFulfilment],
    *,
    discounts: Sequence[OrderDiscount],
    parts: Sequence[LineDiscount],
) -> None:
    """Let the order, its lines and discounts say what their parts sum to."""
    by_line: Counter[int] = Counter()
    own: Counter[int] = Counter()
    by_discount: Counter[int] = Counter()
    for part in parts:
        by_line[part.line_id] += part.minor
        by_discount[part.discount_id] += part.minor
        if Funder(part.funder) not in OUTSIDE:
            own[part.line_id] += part.minor
    for line in lines:
        line.offer_share_minor, line.own_share_minor = by_line[line.pk], own[line.pk]
    LineFulfilment.objects.bulk_update(lines, ["offer_share_minor", "own_share_minor"])
    for pk in {*by_discount, *(each.pk for each in discounts)}:
        OrderDiscount.objects.filter(pk=pk).update(actual_minor=by_discount[pk])
    order.discount_minor = sum(by_discount.values())
    order.payable_minor = order.goods_minor - order.discount_minor
    order.save(update_fields=["discount_minor", "payable_minor"])
