"""What happened at a counter without a connection, told afterwards: done, or why it was not.

Each telling has a key of its own and may come again at any moment; it changes nothing twice. What
cannot be done any more is no error here but an answer: somebody else was faster, the money went
back, the goods never came. The same services do it as at a counter with a connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from mall.accounts.models import User
from mall.fulfilment.at_point import left_of
from mall.fulfilment.collecting import collect_part
from mall.fulfilment.errors import (
    CountsError,
    NotDispatchableError,
    NotUndoableError,
    NotYourPointError,
)
from mall.fulfilment.models import Arrival, Collection
from mall.fulfilment.people import may_hand_over
from mall.fulfilment.receiving import Receipt, record_arrival
from mall.fulfilment.undoing import undo_collection
from mall.groupbuy.models import LeaderGroup
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from payments.api import transact

# Handed over with a connection and told again without one: a person's own act within this time.
_SAME_ACT: Final = timedelta(minutes=15)
_GONE: Final = (Status.COLLECTED, Status.CLOSED)
_NOT_COUNTED: Final[dict[type[Exception], str]] = {
    LeaderGroup.DoesNotExist: "unknown",
    NotYourPointError: "not_yours",
    CountsError: "wrong_counts",
    NotDispatchableError: "not_sent",
}
_BACK: Final = (Status.REFUNDED, Status.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenThen:
    """Pieces (by line) that left the counter of a point at that moment, by the phone's clock."""

    order_no: str
    pieces: Mapping[int, int]
    point_id: int
    means: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of an act: "done", "already" (the same act), or "conflict" with a reason.

    Reasons: collected, refunded, fewer, not_here, moved, not_yours, unknown, never_fetched;
    received, wrong_counts, not_sent; not_undoable. ``who`` and ``when`` name the other act.
    """

    end: str
    reason: str = ""
    who: str = ""
    when: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)


@transact()
def tell_hand_over(given: GivenThen, *, by: User) -> Told:
    """Hand over the pieces that left the counter then; the same key again is one visit.

    What of them is not there any more is a conflict; the rest of them is handed over all the same.
    """
    try:
        order = locked_order(given.order_no)
    except OrderGoneError:
        return Told(end="conflict", reason="unknown")
    if order.collections.filter(key=given.key).exists():
        return Told(end="already")
    if may_hand_over(order, by):
        return _give(order, given, by=by)
    reason = "not_yours" if order.pickup_point_id == given.point_id else "moved"
    return Told(end="conflict", reason=reason)


@transact()
def tell_undo(*, order_no: str, key: str, by: User, reason: str) -> Told:
    """Take back the hand-over that was told under this key; nothing where it never came about."""
    visit = Collection.objects.filter(order__order_no=order_no, key=key).first()
    if visit is None:
        return Told(end="done")
    try:
        undo_collection(order_no=order_no, by=by, reason=reason, collection_id=visit.pk)
    except NotYourPointError:
        return Told(end="conflict", reason="not_yours")
    except NotUndoableError:
        return Told(end="conflict", reason="not_undoable")
    return Told(end="done")


def tell_arrival(*, group_id: int, counts: Mapping[int, int], by: User, receipt: Receipt) -> Told:
    """Count a delivery in as it was counted then; the server's own sums decide who goes short.

    Where it had been counted in with the same figures nothing is wrong; with others it is a
    conflict and the first count stays. Several transactions, each repeatable.
    """
    try:
        arrival = record_arrival(group_id=group_id, counts=counts, by=by, receipt=receipt)
    except tuple(_NOT_COUNTED) as error:
        return Told(end="conflict", reason=_NOT_COUNTED[type(error)])
    if _differences(arrival, counts):
        return _received(arrival, counts)
    return Told(end="done")


def _give(order: OrderFulfilment, given: GivenThen, *, by: User) -> Told:
    """Hand over of the pieces given then what is still there; the order is locked."""
    left = left_of(order) if order.status == Status.ARRIVED else {}
    wanted = {line: n for line, n in given.pieces.items() if n > 0}
    there = {line: min(n, left.get(line, 0)) for line, n in wanted.items()}
    there = {line: n for line, n in there.items() if n}
    if not there:
        return _too_late(order, given, by=by)
    collect_part(order_no=order.order_no, pieces=there, by=by, means=given.means, key=given.key)
    if there == wanted:
        return Told(end="done")
    missing = sum(wanted.values()) - sum(there.values())
    return Told(end="conflict", reason="fewer", more={"pieces": missing})


def _differences(arrival: Arrival, counts: Mapping[int, int]) -> list[dict[str, Any]]:
    rows = arrival.lines.select_related("item__product").order_by("pk")
    written = {row.item_id: row.received + row.surplus for row in rows}
    return [
        {"item": item, "written": written.get(item), "told": counts.get(item)}
        for item in sorted({*written, *counts})
        if written.get(item) != counts.get(item)
    ]


def _received(arrival: Arrival, counts: Mapping[int, int]) -> Told:
    return Told(
        end="conflict",
        reason="received",
        who=arrival.received_by.display_name,
        when=arrival.received_at,
        more={"differences": _differences(arrival, counts)},
    )


def _too_late(order: OrderFulfilment, given: GivenThen, *, by: User) -> Told:
    """Say what became of a bag of which nothing of what was given lies here any more."""
    visits = order.collections.filter(undone_at=None).select_related("handed_over_by")
    last = visits.order_by("-pk").first()
    if last is not None:
        if last.handed_over_by_id == by.pk and abs(last.at - given.at) <= _SAME_ACT:
            return Told(end="already")
        who = last.handed_over_by.display_name
        return Told(end="conflict", reason="collected", who=who, when=last.at)
    if order.status in _BACK or order.status == Status.ARRIVED:
        return Told(end="conflict", reason="refunded")
    reason = "never_fetched" if order.status in _GONE else "not_here"
    return Told(end="conflict", reason=reason)
