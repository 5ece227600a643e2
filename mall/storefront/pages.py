"""The anonymous part of a group's page, kept for a few seconds: it holds nothing personal."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.utils.translation import get_language

from mall.groupbuy.selectors import GroupPage, group_page

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
