"""The weighing page: which lines wait for a weight, and a weight keyed in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet

from mall.accounts.models import User
from mall.catalogue.titles import title_of
from mall.fulfilment.board import is_cold, masked
from mall.fulfilment.errors import LineUnknownError
from mall.fulfilment.models import Shelf, Weighing
from mall.fulfilment.people import keeps_order
from mall.fulfilment.weighing import Weigher, Weight, pieces_of, record_weighing, tolerance_of
from mall.fulfilment.weights import grams_of_sum, in_range, line_grams
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.papers.uploads import picture_of

_TO_WEIGH: Final = (Status.CONFIRMED, Status.IN_TRANSIT, Status.ARRIVED)
# What lies on the scale beside the goods: a bag, a tray, a foam box.
TARES: Final = (0, 5, 20, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """One weighing of a line, as the page lists it; grams and fen."""

    weighing_id: int
    piece: int
    grams: int
    typed: str
    off_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighRow:
    """A line to be weighed; grams is None until all of it is known."""

    line_id: int
    order_no: str
    masked_name: str
    phone_tail: str
    shelf: str
    title: str
    pieces: int
    piece_grams: int
    estimate_grams: int
    tolerance_percent: int
    is_cold: bool
    is_arrived: bool
    grams: int | None
    weighings: tuple[Scaled, ...]

    @property
    def left(self) -> tuple[int, ...]:
        """Return the bags of it that have no weight yet."""
        if self.grams is not None:
            return ()
        known = {each.piece for each in self.weighings}
        return tuple(piece for piece in range(1, self.pieces + 1) if piece not in known)


def lines_to_weigh(leader_id: int, *, limit: int = 400) -> list[WeighRow]:
    """Return a leader's lines of weighed goods that are not handed over: by product, then shelf."""
    lines = _lines().filter(order__leader=leader_id, order__status__in=_TO_WEIGH)
    rows = list(lines.order_by("item__position", "item", "pk")[:limit])
    shelves = _shelves(rows)
    shown = [_row(line, shelves) for line in rows if pieces_of(line)]
    return sorted(shown, key=lambda row: (row.grams is not None, row.title, _natural(row.shelf)))


def line_to_weigh(line_id: int, *, by: User) -> WeighRow:
    """Return one line; LineUnknownError for what somebody may not weigh."""
    line = _lines().filter(pk=line_id, order__status__in=[*_TO_WEIGH, Status.COLLECTED]).first()
    if line is None or not pieces_of(line) or not keeps_order(line.order, by):
        raise LineUnknownError
    return _row(line, _shelves([line]))


def weigh_by_hand(
    *, line_id: int, typed: str, details: dict[str, Any], by: User, key: str
) -> Weighing:
    """Write down what was keyed in, gross: "192+167" less the tare.

    ``details`` may hold piece, tare_grams, reason and photo (a file, drawn anew). Errors as in
    record_weighing and grams_of_sum; UploadRefusedError.
    """
    tare = int(details.get("tare_grams", 0))
    photo = details.get("photo")
    weight = Weight(
        line_id=line_id,
        grams=in_range(grams_of_sum(typed) - tare),
        piece=int(details.get("piece", 0)),
        tare_grams=tare,
        typed=typed,
        reason=str(details.get("reason", "")),
        photo=picture_of(photo) if photo else None,
    )
    return record_weighing(weight, weigher=Weigher(user=by), key=f"hand:{by.pk}:{key}"[:110])


def _lines() -> QuerySet[LineFulfilment]:
    lines = LineFulfilment.objects.filter(
        piece_grams__isnull=False, order__cancel_requested_at=None
    )
    related = ("order__group_buy", "order__pickup_point", "product__extra", "item")
    return lines.select_related(*related).prefetch_related("weighings")


def _row(line: LineFulfilment, shelves: dict[tuple[int, int, date], str]) -> WeighRow:
    order, pieces = line.order, pieces_of(line)
    counted = sorted((w for w in line.weighings.all() if w.undone_at is None), key=lambda w: w.pk)
    return WeighRow(
        line_id=line.pk,
        order_no=order.order_no,
        masked_name=masked(order),
        phone_tail=order.receiver_phone[-4:],
        shelf=shelves.get(_place(order), ""),
        title=title_of(line.product),
        pieces=pieces,
        piece_grams=line.piece_grams or 0,
        estimate_grams=pieces * (line.piece_grams or 0),
        tolerance_percent=tolerance_of(line),
        is_cold=is_cold(getattr(line.product, "extra", None)),
        is_arrived=order.status == Status.ARRIVED,
        grams=line_grams(((w.piece, w.grams) for w in counted), pieces=pieces),
        weighings=tuple(_scaled(weighing) for weighing in counted),
    )


def _scaled(weighing: Weighing) -> Scaled:
    return Scaled(
        weighing_id=weighing.pk,
        piece=weighing.piece,
        grams=weighing.grams,
        typed=weighing.typed,
        off_minor=weighing.off_minor,
    )


def _place(order: OrderFulfilment) -> tuple[int, int, date]:
    return order.pickup_point_id, order.resident_id, order.group_buy.pickup_on


def _shelves(lines: Sequence[LineFulfilment]) -> dict[tuple[int, int, date], str]:
    rows = Shelf.objects.filter(
        pickup_point__in={line.order.pickup_point_id for line in lines},
        resident__in={line.order.resident_id for line in lines},
    )
    return {(row.pickup_point_id, row.resident_id, row.pickup_on): row.label for row in rows}


def _natural(shelf: str) -> tuple[str, int]:
    """Sort A-2 before A-12."""
    row, _dash, place = shelf.partition("-")
    return row, int(place or 0)
