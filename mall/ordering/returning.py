"""Money back for a part of an order: who gets how much of it, to the fen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mall.ordering.facts import tell_line_refunded
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.promotions.models import BankOffer, OfferReservation
from mall.promotions.reservation import claw_back, live_use
from payments.api import (
    Funder,
    Money,
    RefundStage,
    TenderPart,
    part_of_share,
    payment_view,
    refunds_of,
    request_refund,
    spread,
)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """So many pieces of a line that did not come."""

    line_id: int
    quantity: int


@dataclass(kw_only=True)
class _Back:
    """What goes back for a line: value, and the discount's share in it (fen)."""

    line: LineFulfilment
    quantity: int
    value_minor: int
    share_minor: int


def refund_missing(order: OrderFulfilment, missing: Sequence[Missing]) -> bool:
    """Promise money back for pieces that did not come; say whether nothing of the order is left.

    In the caller's transaction, with the order locked, before collection. The resident gets what
    she paid for the pieces, the funders of the discount their share; where the offer says so and
    the rest falls below its threshold, the whole discount goes back and she bears it.
    """
    backs = _backs(order, missing)
    whole = sum(back.value_minor for back in backs)
    share = sum(back.share_minor for back in backs)
    own = _book(backs)
    refund = request_refund(
        payment_no=order.payment_no,
        refund_key=_key(backs),
        tenders=_tenders(order, payer_minor=whole - share, share_minor=share, own_minor=own),
        reason="shortage",
        reference=order.order_no,
        stage=RefundStage.BEFORE_PICKUP,
    )
    claw_back(order_no=order.order_no, amount_minor=share)
    for back in backs:
        if back.quantity:
            tell_line_refunded(order, back.line, quantity=back.quantity, refund_no=refund.refund_no)
    return not any(line.quantity > line.refunded_quantity for line in order.lines.all())


def _backs(order: OrderFulfilment, missing: Sequence[Missing]) -> list[_Back]:
    quantities = {each.line_id: each.quantity for each in missing}
    backs = [_back(line, quantities.get(line.pk, 0)) for line in order.lines.order_by("pk")]
    use = live_use(order.order_no)
    if use is not None and _is_forfeit(use, backs):
        _forfeit(backs)
    return [back for back in backs if back.quantity or back.share_minor]


def _back(line: LineFulfilment, quantity: int) -> _Back:
    share = part_of_share(
        line.offer_share_minor,
        done=line.refunded_quantity,
        now=quantity,
        whole=line.quantity,
    )
    # A forfeited share has gone back already.
    left = line.offer_share_minor - line.returned_share_minor
    return _Back(
        line=line,
        quantity=quantity,
        value_minor=line.unit_minor * quantity,
        share_minor=min(share, left),
    )


def _is_forfeit(use: OfferReservation, backs: Sequence[_Back]) -> bool:
    if use.offer.refund_policy != BankOffer.RefundPolicy.FORFEIT:
        return False
    kept = sum(
        back.line.value_minor - back.line.refunded_minor - back.value_minor
        for back in backs
        if back.line.offer_share_minor
    )
    return kept < use.offer.threshold_minor


def _forfeit(backs: Sequence[_Back]) -> None:
    """Take the shares of the goods she keeps too, never more than she would get back."""
    left = [
        back.line.offer_share_minor - back.line.returned_share_minor - back.share_minor
        for back in backs
    ]
    room = sum(back.value_minor - back.share_minor for back in backs)
    for back, more in zip(backs, spread(min(sum(left), room), left), strict=True):
        back.share_minor += more


def _book(backs: Sequence[_Back]) -> int:
    """Count what goes back on the lines; return how much of the share is not the bank's."""
    own = 0
    for back in backs:
        line = back.line
        if line.offer_share_minor:
            own += part_of_share(
                line.own_share_minor,
                done=line.returned_share_minor,
                now=back.share_minor,
                whole=line.offer_share_minor,
            )
        line.refunded_quantity += back.quantity
        line.refunded_minor += back.value_minor
        line.returned_share_minor += back.share_minor
        line.save(update_fields=["refunded_quantity", "refunded_minor", "returned_share_minor"])
    return own


def _not_back_yet(payment_no: str) -> list[TenderPart]:
    """Return what each funder gave of a payment, less what refunds have promised it back."""
    back: Counter[tuple[str, str]] = Counter()
    for refund in refunds_of(payment_no):
        for part in refund.tenders:
            back[part.funder, part.ref] += part.amount.minor
    return [
        replace(part, amount=part.amount - Money(back[part.funder, part.ref]))
        for part in payment_view(payment_no).tenders
    ]


def _tenders(
    order: OrderFulfilment, *, payer_minor: int, share_minor: int, own_minor: int
) -> list[TenderPart]:
    """Give each funder back in the ratio of what it gave and did not get back yet.

    So that no step of several asks a funder for more than it has left, and the last gives it all.
    """
    given = _not_back_yet(order.payment_no)
    bank = [part for part in given if part.funder is Funder.BANK]
    others = [part for part in given if part.funder not in {Funder.BANK, Funder.PAYER}]
    parts = [TenderPart(funder=Funder.PAYER, amount=Money(payer_minor))]
    for funders, minor in ((bank, share_minor - own_minor), (others, own_minor)):
        amounts = spread(minor, [part.amount.minor for part in funders])
        parts += [
            TenderPart(funder=part.funder, ref=part.ref, amount=Money(amount))
            for part, amount in zip(funders, amounts, strict=True)
        ]
    return [part for part in parts if part.amount]


def _key(backs: Sequence[_Back]) -> str:
    """Name this wish: which lines, and how many of each have gone back with it."""
    steps = (f"{back.line.pk}.{back.line.refunded_quantity}" for back in backs)
    return f"shortage:{'-'.join(steps)}"[:128]
