"""A group's arrival as its leader sees it: who would go short before, the receipt afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mall.catalogue.titles import title_of
from mall.fulfilment.board import group_at_counter
from mall.fulfilment.models import Arrival, ArrivalCorrection
from mall.fulfilment.previews import Preview, preview
from mall.fulfilment.receiving import expected_items, require_counted
from mall.fulfilment.shelving import give_places


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSetRight:
    """A count the office changed afterwards, and why."""

    title: str
    before: int
    received: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptShown:
    """A receipt: when, signed by whom, what was noted, pictures' addresses, later changes."""

    received_at: datetime
    signer: str
    note: str
    photos: tuple[str, ...]
    corrections: tuple[CountSetRight, ...]
    is_finished: bool


def preview_arrival(user_id: int, group_id: int, counts: Mapping[int, int]) -> Preview:
    """Say who would go short if so many came; OrderGoneError for anybody else's group.

    CountsError as in record_arrival().
    """
    group_at_counter(user_id, group_id)
    expected = expected_items(group_id)
    require_counted(expected, counts, {})
    there = {item: min(counts[item], n) for item, n in expected.items()}
    return preview(there, group_id=group_id)


def receipt_of(user_id: int, group_id: int) -> ReceiptShown | None:
    """Return a group's receipt, or nothing before it; OrderGoneError for anybody else's."""
    group_at_counter(user_id, group_id)
    arrival = Arrival.objects.prefetch_related("photos").filter(group=group_id).first()
    if arrival is None:
        return None
    corrections = ArrivalCorrection.objects.filter(line__arrival=arrival)
    return ReceiptShown(
        received_at=arrival.received_at,
        signer=arrival.signer,
        note=arrival.note,
        photos=tuple(photo.photo.url for photo in arrival.photos.all()),
        corrections=tuple(
            CountSetRight(
                title=title_of(each.line.item.product),
                before=each.before,
                received=each.received,
                reason=each.reason,
                at=each.at,
            )
            for each in corrections.select_related("line__item__product__extra")
        ),
        is_finished=arrival.finished_at is not None,
    )


def give_places_of_group(user_id: int, group_id: int) -> int:
    """Give a group's neighbours their places on the shelf; OrderGoneError for anybody else's."""
    group = group_at_counter(user_id, group_id)
    return give_places(point_id=group.point_id, day=group.pickup_on)
