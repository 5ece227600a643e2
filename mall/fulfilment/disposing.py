"""The end of a bag nobody collected: what goes back to her, and the books of the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mall.fulfilment.at_point import dispose, left_of
from mall.fulfilment.collecting import book_collected, book_given_back, worth_of
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.ordering.backs import Gone
from mall.ordering.facts import tell
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.returning import GivenBack, give_back
from mall.ordering.status import move_all
from payments.api import Money, now, part_of_share, publish, spread

Outcome = OverduePolicy.Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftLine:
    """What of a line was not collected: pieces, and their part of its value and cost (fen)."""

    line_id: int
    pieces: int
    value_minor: int
    cost_minor: int

    @classmethod
    def of(cls, line: LineFulfilment, pieces: int) -> LeftLine:
        """Take the pieces' share of what is left of the line."""
        kept = line.quantity - line.refunded_quantity
        value_minor = line.value_minor - line.refunded_minor
        cost_minor = line.cost_minor - line.returned_cost_minor
        return cls(
            line_id=line.pk,
            pieces=pieces,
            value_minor=part_of_share(value_minor, done=0, now=pieces, whole=kept),
            cost_minor=part_of_share(cost_minor, done=0, now=pieces, whole=kept),
        )


def goes_back(policy: OverduePolicy, left: list[LeftLine]) -> list[Gone]:
    """Return what goes back of uncollected goods by a rule; pure.

    Goods that are disposed of were delivered: their supplier is owed for them all the same. Goods
    sent back to the mall go back to him. A fee is kept of what goes back, never charged.
    """
    is_returned = policy.outcome == Outcome.RETURN
    percent = {Outcome.NOTHING: 0, Outcome.PART: policy.back_percent}.get(
        Outcome(policy.outcome), 100
    )
    if percent == 100 and not policy.fee_minor:
        cost = None if is_returned else 0
        return [Gone(line_id=each.line_id, quantity=each.pieces, cost_minor=cost) for each in left]
    offs = [part_of_share(each.value_minor, done=0, now=percent, whole=100) for each in left]
    fees = spread(min(policy.fee_minor, sum(offs)), offs)
    return [
        Gone(
            line_id=each.line_id,
            off_minor=off - fee,
            cost_minor=each.cost_minor if is_returned else 0,
        )
        for each, off, fee in zip(left, offs, fees, strict=True)
        if off > fee
    ]


def end_bag(order: OrderFulfilment, bag: OverdueBag, pieces: Mapping[int, int]) -> GivenBack | None:
    """Dispose of pieces nobody collected, by the bag's rule; return what goes back, if anything.

    In a transaction, with the arrived order locked. Once nothing of the order is left at the point
    its books are written and, where she never came, it is completed.
    """
    lines = order.lines.filter(pk__in=pieces).order_by("pk")
    left = [LeftLine.of(line, pieces[line.pk]) for line in lines]
    dispose(order, pieces)
    gone = goes_back(bag.policy, left)
    worth = {each.line_id: each.value_minor for each in left}
    gone = [each for each in gone if each.off_minor or worth[each.line_id]]
    given = None
    if gone:
        given = give_back(order, gone, key=f"overdue:{bag.pk}", why=LineBack.Why.OVERDUE)
    if not left_of(order):
        _finish(order)
    _tell(order, bag, pieces=sum(pieces.values()), given=given)
    return given


def _finish(order: OrderFulfilment) -> None:
    """Write the books of an order of which nothing lies at the point any more."""
    at, turn = now(), order.collections.count() + 1
    if not worth_of(order)["goods"]:
        book_given_back(order, key=str(turn))
        return
    book_collected(order, at=at, turn=turn)
    if order.collections.filter(undone_at=None).exists():
        return
    # She has none of it to complain about any more. An open case is decided first: the job that
    # completes orders waits for it.
    OrderFulfilment.objects.filter(pk=order.pk).update(window_ends_at=at)
    if not order.window_held:
        tell("closed", move_all([order], Status.CLOSED, closed_at=at, window_ends_at=at))


def _tell(order: OrderFulfilment, bag: OverdueBag, *, pieces: int, given: GivenBack | None) -> None:
    """Publish order.disposed: which goods, how it ended, what she gets back (fen)."""
    publish(
        "order.disposed",
        key=f"order.disposed:{order.order_no}:{bag.storage_class}",
        aggregate=order.order_no,
        payload={
            "order_no": order.order_no,
            "resident_id": order.resident_id,
            "leader_id": order.leader_id,
            "storage_class": bag.storage_class,
            "outcome": str(bag.policy.outcome),
            "pieces": pieces,
            "payer_minor": (given.payer if given else Money(0)).minor,
            "refund_no": given.refund_no if given else "",
            "at": now().isoformat(),
        },
    )
