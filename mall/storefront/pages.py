"""The anonymous part of a group's page, kept for a few seconds: it holds nothing personal."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.core.cache import cache
from django.utils.translation import get_language

from mall.groupbuy.selectors import GroupPage, group_page
from mall.pickup.capacity import left_on

SECONDS: Final = 3


def cached_page(share_code: str, *, before: int | None) -> GroupPage:
    """Return a group's page, at most three seconds old; LeaderGroup.DoesNotExist.

    Sold counts may lag that much; what may be ordered is decided when it is put into the basket and
    when the order is placed, never here.
    """
    key = f"group_page:{get_language()}:{share_code}:{before or 0}"
    page: GroupPage | None = cache.get(key)
    if page is None:
        page = group_page(share_code, entries_before=before)
        cache.set(key, page, SECONDS)
    return page


def cached_room(point_id: int, day: date) -> int | None:
    """Return how many boxes a pickup point has left on a day; None where there is no limit.

    As old as the page may be; whether an order fits is decided when it is placed.
    """
    key = f"point_room:{point_id}:{day.isoformat()}"
    room: tuple[int | None] | None = cache.get(key)
    if room is None:
        room = (left_on(point_id, day),)
        cache.set(key, room, SECONDS)
    return room[0]
