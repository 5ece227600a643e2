"""What of each line goes back, and of whose money: computed before anything is booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.parts import back_of
from mall.promotions.benefits import benefit_minor
from mall.promotions.models import BankOffer
from payments.api import part_of_share, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What of a line is not owed any more: pieces, or fen off the pieces that stay.

    ``off_minor`` is counted in the line's own value, before discounts (a price tier, a weight, a
    blemish). ``cost_minor`` is what the supplier is not owed with it: by default the pieces' part
    of what he is still owed, and nothing for fen off. ``why`` and ``off_why`` are the reasons of
    the pieces and of the fen where they are not the whole refund's.
    """

    line_id: int
    quantity: int = 0
    off_minor: int = 0
    cost_minor: int | None = None
    why: str = ""
    off_why: str = ""


@dataclass(kw_only=True)
class PartBack:
    """What goes back of a funder's part of a line (fen)."""

    row: LineDiscount
    minor: int

    @property
    def left_minor(self) -> int:
        """Return what the funder will not have got back yet."""
        return self.row.left_minor - self.minor

    @property
    def is_offer(self) -> bool:
        """Tell whether it is part of the bank's offer."""
        return self.row.discount.source == OrderDiscount.Source.OFFER


@dataclass(kw_only=True)
class Back:
    """What goes back for a line: pieces, their value and cost (fen), and the funders' parts."""

    line: LineFulfilment
    quantity: int
    value_minor: int
    cost_minor: int
    parts: list[PartBack] = field(default_factory=list)
    # of the value, what is fen off pieces that stay; and the reasons of pieces and fen
    off_minor: int = 0
    why: str = ""
    off_why: str = ""

    @property
    def share_minor(self) -> int:
        """Return what of the value other funders get."""
        return sum(part.minor for part in self.parts)

    @property
    def kept_minor(self) -> int:
        """Return what she keeps of the line, less what is off it but the offer."""
        others = sum(part.left_minor for part in self.parts if not part.is_offer)
        return self.line.value_minor - self.line.refunded_minor - self.value_minor - others

    @property
    def is_something(self) -> bool:
        """Tell whether anything goes back: pieces or value."""
        return bool(self.quantity or self.value_minor)

    @classmethod
    def of_all(cls, line: LineFulfilment) -> Back:
        """Return all that is left of a line that came with its discounts."""
        return cls(
            line=line,
            quantity=line.quantity - line.refunded_quantity,
            value_minor=line.value_minor - line.refunded_minor,
            cost_minor=line.cost_minor - line.returned_cost_minor,
            parts=[PartBack(row=row, minor=row.left_minor) for row in line.discounts.all()],
        )


def backs_of(order: OrderFulfilment, gone: Sequence[Gone]) -> list[Back]:
    """Return every line of an order with what of it goes back; ValueError beyond what is left."""
    wanted = {each.line_id: each for each in gone}
    lines = order.lines.order_by("pk").prefetch_related("discounts__discount")
    backs = [back_of_line(line, wanted.pop(line.pk, Gone(line_id=line.pk))) for line in lines]
    if wanted:
        raise ValueError(f"order {order.order_no} has no lines {sorted(wanted)}")
    return backs


def back_of_line(line: LineFulfilment, gone: Gone) -> Back:
    """Return what of a line goes back with it; no query where its discounts were prefetched.

    ValueError beyond what is left.
    """
    pieces_left = line.quantity - line.refunded_quantity
    if not 0 <= gone.quantity <= pieces_left or gone.off_minor < 0:
        raise ValueError(f"line {line.pk}: {gone.quantity} of {pieces_left} cannot go back")
    value_minor = _pieces(line.value_minor - line.refunded_minor, gone, pieces_left)
    value_minor += gone.off_minor
    cost_minor = gone.cost_minor
    if cost_minor is None:
        cost_minor = _pieces(line.cost_minor - line.returned_cost_minor, gone, pieces_left)
    rows = sorted(line.discounts.all(), key=lambda row: row.pk)
    payer_minor = line.value_minor - sum(row.minor for row in rows)
    minors = back_of(
        [*(row.minor for row in rows), payer_minor],
        done_minor=line.refunded_minor,
        now_minor=value_minor,
    )
    # What was forfeited has gone back already.
    parts = [
        PartBack(row=row, minor=min(minor, row.left_minor))
        for row, minor in zip(rows, minors[:-1], strict=True)
    ]
    return Back(
        line=line,
        quantity=gone.quantity,
        value_minor=value_minor,
        cost_minor=cost_minor,
        parts=parts,
        off_minor=gone.off_minor,
        why=gone.why,
        off_why=gone.off_why,
    )


def _pieces(left_minor: int, gone: Gone, pieces_left: int) -> int:
    """Return the part of what is left that goes with the pieces; all of it with the last one."""
    if not gone.quantity:
        return 0
    return part_of_share(left_minor, done=0, now=gone.quantity, whole=pieces_left)


def forfeit(backs: Sequence[Back], offer: BankOffer) -> None:
    """Take back what the goods she keeps do not deserve, never more than she would get back."""
    parts = [part for back in backs for part in back.parts if part.is_offer]
    left = [part.left_minor for part in parts]
    kept = sum(back.kept_minor for back in backs if any(part.is_offer for part in back.parts))
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
