"""Money back for a part of an order, or all of it: who gets how much, to the fen.

Every funder's part of every line goes back by itself with the goods (mall.ordering.parts), so that
several refunds of any pieces in any order give each of them exactly what it gave.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import BigIntegerField, Case, F, Value, When

from mall.loyalty import spending as points
from mall.ordering.facts import LineBack, tell_lines_refunded
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.parts import back_of
from mall.promotions.benefits import benefit_minor
from mall.promotions.models import BankOffer
from mall.promotions.reservation import claw_back, live_use
from mall.vouchers import holding as vouchers
from payments.api import Funder, Money, RefundStage, TenderPart, request_refund, spread

Source = OrderDiscount.Source
_NAME_MAX: Final = 100


@dataclass(frozen=True, kw_only=True)
class Missing:
    """So many pieces of a line that did not come."""

    line_id: int
    quantity: int


@dataclass(kw_only=True)
class _PartBack:
    """What goes back of a funder's part of a line (fen)."""

    row: LineDiscount
    minor: int

    @property
    def left_minor(self) -> int:
        """Return what the funder will not have got back yet."""
        return self.row.left_minor - self.minor


@dataclass(kw_only=True)
class _Back:
    """What goes back for a line: so many pieces worth so much (fen), and the funders' parts."""

    line: LineFulfilment
    quantity: int
    parts: list[_PartBack] = field(default_factory=list)

    @property
    def value_minor(self) -> int:
        return self.line.unit_minor * self.quantity

    @property
    def share_minor(self) -> int:
        return sum(part.minor for part in self.parts)

    @property
    def kept_minor(self) -> int:
        """Return what she keeps of the line, less what is off it but the offer."""
        others = sum(part.left_minor for part in self.parts if not _is_offer(part))
        return self.line.value_minor - self.line.refunded_minor - self.value_minor - others


def refund_missing(order: OrderFulfilment, missing: Sequence[Missing]) -> bool:
    """Promise money back for pieces that did not come; say whether nothing of the order is left.

    In the caller's transaction, with the order locked, before collection. The resident gets what
    she paid for the pieces, every funder of a discount its part; where the offer says so and the
    rest falls below its threshold, the whole offer goes back and she bears it.
    """
    backs = _backs(order, missing)
    use = live_use(order.order_no)
    if use is not None and use.offer.refund_policy == BankOffer.RefundPolicy.FORFEIT:
        _forfeit(backs, use.offer)
    backs = [back for back in backs if back.quantity or back.share_minor]
    _book(backs)
    refund = request_refund(
        payment_no=order.payment_no,
        refund_key=_key(backs),
        tenders=_tenders(backs),
        reason="shortage",
        reference=order.order_no,
        stage=RefundStage.BEFORE_PICKUP,
    )
    is_whole = not any(line.quantity > line.refunded_quantity for line in order.lines.all())
    _return_to_their_rooms(order.order_no, _by_source(backs), is_whole=is_whole)
    tell_lines_refunded(order, _told(backs), refund_no=refund.refund_no)
    return is_whole


def return_all(order: OrderFulfilment) -> None:
    """Count all of an untouched order as gone back: lines, funders' parts, voucher, points, offer.

    In the caller's transaction, with the order locked and its refund promised.
    """
    order.lines.update(
        refunded_quantity=F("quantity"),
        refunded_minor=F("value_minor"),
        returned_share_minor=F("offer_share_minor"),
    )
    rows = LineDiscount.objects.filter(line__order=order).select_related("discount")
    amounts: Counter[str] = Counter()
    for row in rows:
        amounts[_source_of(row)] += row.left_minor
    LineDiscount.objects.filter(line__order=order).update(returned_minor=F("minor"))
    _return_to_their_rooms(order.order_no, amounts, is_whole=True)


def _backs(order: OrderFulfilment, missing: Sequence[Missing]) -> list[_Back]:
    quantities = {each.line_id: each.quantity for each in missing}
    lines = order.lines.order_by("pk").prefetch_related("discounts__discount")
    return [_back(line, quantities.get(line.pk, 0)) for line in lines]


def _back(line: LineFulfilment, quantity: int) -> _Back:
    rows = sorted(line.discounts.all(), key=lambda row: row.pk)
    payer_minor = line.value_minor - sum(row.minor for row in rows)
    minors = back_of(
        [*(row.minor for row in rows), payer_minor],
        done_minor=line.refunded_quantity * line.unit_minor,
        now_minor=quantity * line.unit_minor,
    )
    # What was forfeited has gone back already.
    parts = [
        _PartBack(row=row, minor=min(minor, row.left_minor))
        for row, minor in zip(rows, minors[:-1], strict=True)
    ]
    return _Back(line=line, quantity=quantity, parts=parts)


def _is_offer(part: _PartBack) -> bool:
    return part.row.discount.source == Source.OFFER


def _forfeit(backs: Sequence[_Back], offer: BankOffer) -> None:
    """Take back what the goods she keeps do not deserve, never more than she would get back."""
    parts = [part for back in backs for part in back.parts if _is_offer(part)]
    left = [part.left_minor for part in parts]
    kept = sum(back.kept_minor for back in backs if any(map(_is_offer, back.parts)))
    room = sum(back.value_minor - back.share_minor for back in backs)
    lost = max(0, sum(left) - _deserved(offer, kept, left=sum(left)))
    for part, more in zip(parts, spread(min(lost, room), left), strict=True):
        part.minor += more


def _deserved(offer: BankOffer, kept_minor: int, *, left: int) -> int:
    """Return what of an offer the goods she keeps deserve (fen): below its threshold nothing.

    Of steps the one they still reach.
    """
    if offer.benefit_kind == BankOffer.BenefitKind.STEPS:
        return benefit_minor(offer, kept_minor)
    return left if kept_minor >= offer.threshold_minor else 0


def _book(backs: Sequence[_Back]) -> None:
    """Count what goes back on the lines and on the funders' rows."""
    for back in backs:
        back.line.refunded_quantity += back.quantity
        back.line.refunded_minor += back.value_minor
        back.line.returned_share_minor += back.share_minor
    fields = ["refunded_quantity", "refunded_minor", "returned_share_minor"]
    LineFulfilment.objects.bulk_update([back.line for back in backs], fields)
    minors = {part.row.pk: part.minor for back in backs for part in back.parts if part.minor}
    if minors:
        whens = [When(pk=pk, then=Value(minor)) for pk, minor in minors.items()]
        more = Case(*whens, output_field=BigIntegerField())
        LineDiscount.objects.filter(pk__in=minors).update(returned_minor=F("returned_minor") + more)


def _tenders(backs: Sequence[_Back]) -> list[TenderPart]:
    """Return what the payer and each funder get back in all."""
    payer_minor = sum(back.value_minor - back.share_minor for back in backs)
    sums: Counter[tuple[str, str]] = Counter({(Funder.PAYER, ""): payer_minor})
    for back in backs:
        for part in back.parts:
            sums[part.row.funder, part.row.funder_ref] += part.minor
    return [
        TenderPart(funder=Funder(funder), ref=ref, amount=Money(minor))
        for (funder, ref), minor in sums.items()
        if minor
    ]


def _by_source(backs: Sequence[_Back]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for back in backs:
        for part in back.parts:
            amounts[_source_of(part.row)] += part.minor
    return amounts


def _source_of(row: LineDiscount) -> str:
    """Return whose use shrinks with the row; nobody's where the bank gave what nobody quoted."""
    return row.discount.source if row.discount.estimated_minor else ""


def _return_to_their_rooms(order_no: str, amounts: Counter[str], *, is_whole: bool) -> None:
    """Tell voucher, points and offer what of them went back; budgets last."""
    if amounts[Source.VOUCHER] or is_whole:
        vouchers.take_back(
            order_no=order_no, amount_minor=amounts[Source.VOUCHER], is_whole=is_whole
        )
    if amounts[Source.POINTS]:
        points.give_back(order_no=order_no, amount_minor=amounts[Source.POINTS])
    claw_back(order_no=order_no, amount_minor=amounts[Source.OFFER])


def _told(backs: Sequence[_Back]) -> Iterator[LineBack]:
    """Say per line what she gets back; what she forfeits of other goods is taken off it.

    What is forfeited with a line may be more than the pieces of it that are gone were worth: then
    the others bear the rest.
    """
    gone = [back for back in backs if back.quantity]
    before = [max(0, back.value_minor - back.share_minor) for back in gone]
    payer_minor = sum(back.value_minor - back.share_minor for back in backs)
    for back, minor in zip(gone, spread(payer_minor, before), strict=True):
        yield LineBack(line=back.line, quantity=back.quantity, payer_minor=minor)


def _key(backs: Sequence[_Back]) -> str:
    """Name this wish: which lines, and how many of each have gone back with it."""
    steps = (f"{back.line.pk}.{back.line.refunded_quantity}" for back in backs)
    wish = "-".join(steps)
    # Cut off, two wishes about a long order would be one.
    name = wish if len(wish) <= _NAME_MAX else hashlib.sha256(wish.encode()).hexdigest()
    return f"shortage:{name}"
