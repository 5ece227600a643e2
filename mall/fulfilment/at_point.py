"""What of an order lies at the pickup point, and what left it: no more is given than came."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F

from mall.fulfilment.errors import NotCollectableError
from mall.fulfilment.models import LineAtPoint
from mall.ordering.models import LineFulfilment, OrderFulfilment


def left_of(order: OrderFulfilment) -> dict[int, int]:
    """Return per line how many pieces may still be handed over; lines with none are left out."""
    left = {}
    for line in order.lines.select_related("at_point").order_by("pk"):
        if pieces := pieces_left(line):
            left[line.pk] = pieces
    return left


def pieces_left(line: LineFulfilment) -> int:
    """Return how many pieces of a line that came with its at_point are still there."""
    owed = line.quantity - line.refunded_quantity
    at_point = getattr(line, "at_point", None)
    if at_point is None:
        return owed
    there = at_point.received - at_point.collected - at_point.disposed
    # What was called back or refunded meanwhile is not handed over either.
    return max(0, min(there, owed - at_point.collected))


def hand_out(order: OrderFulfilment, pieces: Mapping[int, int]) -> None:
    """Count pieces as handed over; NotCollectableError where fewer are left. In a transaction."""
    _lay_out(order)
    for line_id, quantity in sorted(pieces.items()):
        enough = F("collected") + F("disposed") + quantity
        rows = LineAtPoint.objects.filter(pk=line_id, line__order=order, received__gte=enough)
        if not rows.update(collected=F("collected") + quantity):
            raise NotCollectableError(status=order.status)


def take_in(pieces: Mapping[int, int]) -> None:
    """Count pieces of an undone hand-over as lying at the point again. In a transaction."""
    for line_id, quantity in sorted(pieces.items()):
        rows = LineAtPoint.objects.filter(pk=line_id, collected__gte=quantity)
        if not rows.update(collected=F("collected") - quantity):
            raise RuntimeError(f"line {line_id}: fewer than {quantity} pieces were handed over")


def dispose(order: OrderFulfilment, pieces: Mapping[int, int]) -> None:
    """Count pieces as gone uncollected; NotCollectableError where fewer are left."""
    _lay_out(order)
    for line_id, quantity in sorted(pieces.items()):
        enough = F("collected") + F("disposed") + quantity
        rows = LineAtPoint.objects.filter(pk=line_id, line__order=order, received__gte=enough)
        if not rows.update(disposed=F("disposed") + quantity):
            raise NotCollectableError(status=order.status)


def _lay_out(order: OrderFulfilment) -> None:
    """Write down once what came of each line."""
    LineAtPoint.objects.bulk_create(
        [
            LineAtPoint(line=line, received=line.quantity - line.refunded_quantity)
            for line in order.lines.all()
        ],
        ignore_conflicts=True,
    )
