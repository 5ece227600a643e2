"""Weighed goods: the actual weight of a line, and the money for what it is lighter (多退少不补).

Lighter than estimated, the difference goes back in the ratio of what was paid and the supplier is
owed less in proportion; heavier, the seller bears it. A correction is a new weighing: it gives back
only what goes beyond earlier ones, and never takes anything back from her.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from mall.accounts.models import User
from mall.fulfilment.errors import (
    BeyondToleranceError,
    LineUnknownError,
    NotUndoableError,
    NotWeighableError,
    WeightLockedError,
    WeightTooLightError,
)
from mall.fulfilment.models import LineAtPoint, ScaleDevice, Weighing
from mall.fulfilment.people import keeps_order
from mall.fulfilment.weights import in_range, is_beyond, line_grams, off_for_weight
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.returning import give_back
from payments.api import RefundStage, now, part_of_share, transact

TOLERANCE_PERCENT: Final = 15
_AT_THE_DEPOT: Final = (Status.CONFIRMED, Status.IN_TRANSIT)
_WEIGHABLE: Final = (*_AT_THE_DEPOT, Status.ARRIVED, Status.COLLECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weigher:
    """Who weighs: a person of the pickup point, staff, or a scale with a key of its own."""

    user: User | None = None
    device: ScaleDevice | None = None

    def may_weigh(self, order: OrderFulfilment) -> bool:
        """Tell whether this order's goods are hers, or within the scale's reach."""
        if self.device is not None:
            at_depot = self.device.is_at_depot and order.status in _AT_THE_DEPOT
            return at_depot or self.device.points.filter(pk=order.pickup_point_id).exists()
        return self.user is not None and keeps_order(order, self.user)

    def require_impartial(self, order: OrderFulfilment) -> None:
        """Refuse a leader her own goods, and goods already taken home: a weight gives money back.

        Then the mall weighs, or somebody says so in an after-sales case. NotWeighableError.
        """
        if self.user is None or self.user.is_staff:
            return
        if order.resident_id == self.user.pk or order.status == Status.COLLECTED:
            raise NotWeighableError(status=order.status)

    def require_plausible(self, estimate_grams: int, *, grams: int) -> None:
        """Leave a weight far below the estimate to the mall, which gives the money back for it.

        WeightTooLightError below LINLI_LEADER_WEIGHT_PERCENT of it, for leaders.
        """
        if self.user is None or self.user.is_staff:
            return
        if grams * 100 < estimate_grams * settings.LINLI_LEADER_WEIGHT_PERCENT:
            raise WeightTooLightError(grams=grams, estimate_grams=estimate_grams)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A net weight of a line (piece 0), or of one of its bags, as somebody wants it written down.

    ``reason`` confirms a weight beyond the product's tolerance; ``typed`` is how it was keyed in.
    """

    line_id: int
    grams: int
    piece: int = 0
    tare_grams: int = 0
    typed: str = ""
    reason: str = ""
    photo: Any = None


@transact()
def record_weighing(weight: Weight, *, weigher: Weigher, key: str, body_hash: str = "") -> Weighing:
    """Write a weight down; once the whole line is known, give back what it is lighter.

    The same ``key`` again returns the first. LineUnknownError for somebody else's line,
    NotWeighableError for goods without a weight or an order in the wrong state, WeightLockedError
    once the supplier was settled with, WeightOutOfRangeError, BeyondToleranceError (data: grams,
    estimate_grams, tolerance_percent) without a reason, and WeightTooLightError (data: grams,
    estimate_grams) for a leader far below the estimate.
    """
    number = LineFulfilment.objects.filter(pk=weight.line_id).values_list("order__order_no").first()
    if number is None:
        raise LineUnknownError
    order = locked_order(number[0])
    if (done := Weighing.objects.filter(key=key).first()) is not None:
        return done
    if not weigher.may_weigh(order):
        raise LineUnknownError
    weigher.require_impartial(order)
    line = order.lines.select_related("product__extra").get(pk=weight.line_id)
    _require_weighable(order, line)
    _require_likely(line, weight)
    weigher.require_plausible(estimate_of(line, weight), grams=weight.grams)
    return Weighing.objects.create(
        line=line,
        piece=weight.piece,
        grams=in_range(weight.grams),
        tare_grams=weight.tare_grams,
        typed=weight.typed[:60],
        reason=weight.reason.strip()[:120],
        photo=weight.photo,
        by=weigher.user,
        device=weigher.device,
        key=key,
        body_hash=body_hash,
        at=now(),
        **_settle(order, line, weight),
    )


@transact()
def undo_weighing(*, weighing_id: int, weigher: Weigher) -> Weighing:
    """Strike a weight out until its goods are handed over; what went back stays with her.

    LineUnknownError, NotUndoableError; struck out twice it is struck out once.
    """
    known = Weighing.objects.select_related("line__order").filter(pk=weighing_id).first()
    if known is None:
        raise LineUnknownError
    order = locked_order(known.line.order.order_no)
    if not weigher.may_weigh(order):
        raise LineUnknownError
    is_gone = LineAtPoint.objects.filter(pk=known.line_id, collected__gt=0).exists()
    if is_gone or order.status not in {*_AT_THE_DEPOT, Status.ARRIVED}:
        raise NotUndoableError(status=order.status)
    Weighing.objects.filter(pk=known.pk, undone_at=None).update(
        undone_at=now(), undone_by=weigher.user
    )
    known.refresh_from_db()
    return known


def pieces_of(line: LineFulfilment) -> int:
    """Return how many pieces of a line are still owed or were handed over."""
    return line.quantity - line.refunded_quantity


def estimate_of(line: LineFulfilment, weight: Weight) -> int:
    """Return what the bag, or all of a line, was estimated to weigh (grams)."""
    return (line.piece_grams or 0) * (1 if weight.piece else pieces_of(line))


def tolerance_of(line: LineFulfilment) -> int:
    """Return by how many per cent the weight may differ unasked."""
    extra = getattr(line.product, "extra", None)
    percent = getattr(extra, "weight_tolerance_percent", None)
    return TOLERANCE_PERCENT if percent is None else int(percent)


def known_grams(line: LineFulfilment) -> int | None:
    """Return what a line weighs by the weighings that count; None while some of it is unknown."""
    rows = line.weighings.filter(undone_at=None).order_by("pk").values_list("piece", "grams")
    return line_grams(rows, pieces=pieces_of(line))


def never_settled(_line_id: int) -> bool:
    """Say that no supplier was settled with for a line; LINLI_SUPPLIER_SETTLED names who knows."""
    return False


def _require_weighable(order: OrderFulfilment, line: LineFulfilment) -> None:
    is_settled = import_string(settings.LINLI_SUPPLIER_SETTLED)
    if order.status == Status.CLOSED or is_settled(line.pk):
        raise WeightLockedError
    is_ending = order.cancel_requested_at is not None
    if line.piece_grams is None or order.status not in _WEIGHABLE or is_ending:
        raise NotWeighableError(status=order.status)
    if not pieces_of(line):
        raise NotWeighableError(status=order.status)


def _require_likely(line: LineFulfilment, weight: Weight) -> None:
    """Refuse bags that do not exist, and an unlikely weight without a reason."""
    pieces = pieces_of(line)
    if not 0 <= weight.piece <= pieces:
        raise LineUnknownError
    estimate = estimate_of(line, weight)
    percent = tolerance_of(line)
    beyond = is_beyond(weight.grams, estimate_grams=estimate, tolerance_percent=percent)
    if beyond and not weight.reason.strip():
        raise BeyondToleranceError(
            grams=weight.grams, estimate_grams=estimate, tolerance_percent=percent
        )


def _settle(order: OrderFulfilment, line: LineFulfilment, weight: Weight) -> dict[str, Any]:
    """Give back what the line is lighter than what went back before; return the row's figures."""
    pieces = pieces_of(line)
    rows = line.weighings.filter(undone_at=None).order_by("pk").values_list("piece", "grams")
    grams = line_grams([*rows, (weight.piece, weight.grams)], pieces=pieces)
    off_minor, cost_minor = _off_before(line)
    figures = {"pieces": pieces, "line_grams": grams}
    more = None if grams is None else _more(line, grams, before=(off_minor, cost_minor))
    if more is None:
        return figures | {"off_whole_minor": off_minor, "off_cost_minor": cost_minor}
    is_gone = order.status == Status.COLLECTED
    given = give_back(
        order,
        [more],
        key=f"{line.pk}.{line.weighings.count() + 1}",
        why=LineBack.Why.WEIGHT,
        stage=RefundStage.AFTER_PICKUP if is_gone else RefundStage.BEFORE_PICKUP,
    )
    return figures | {
        "off_minor": more.off_minor,
        "off_whole_minor": off_minor + more.off_minor,
        "off_cost_minor": cost_minor + (more.cost_minor or 0),
        "refund_no": given.refund_no,
    }


def _more(line: LineFulfilment, grams: int, *, before: tuple[int, int]) -> Gone | None:
    """Return what goes back beyond what did before, of value and cost; None for nothing."""
    off_minor, cost_minor = before
    figures = {
        "estimate_grams": pieces_of(line) * (line.piece_grams or 0),
        "actual_grams": grams,
    }
    value_minor = line.value_minor - line.refunded_minor + off_minor
    more_minor = off_for_weight(value_minor, **figures) - off_minor
    if more_minor <= 0:
        return None
    owed_minor = line.cost_minor - line.returned_cost_minor + cost_minor
    more_cost = off_for_weight(owed_minor, **figures) - cost_minor
    return Gone(line_id=line.pk, off_minor=more_minor, cost_minor=max(0, more_cost))


def _off_before(line: LineFulfilment) -> tuple[int, int]:
    """Return what went back for the weight of the pieces that are left: value, cost (fen).

    Struck-out weighings count: their money is with her.
    """
    last = line.weighings.order_by("-pk").first()
    if last is None:
        return 0, 0
    left = min(pieces_of(line), last.pieces)
    off = part_of_share(last.off_whole_minor, done=0, now=left, whole=last.pieces)
    cost = part_of_share(last.off_cost_minor, done=0, now=left, whole=last.pieces)
    return off, cost
