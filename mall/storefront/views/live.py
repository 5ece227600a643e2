"""What moves on a group's page while neighbours order; the same for everybody who looks."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.selectors import GroupPage, ItemCard
from mall.storefront.groups import is_open_now, state_text
from mall.storefront.pages import cached_page
from mall.storefront.progress import group_goal
from mall.storefront.reading import number_of
from mall.storefront.shelf import moving


@require_GET
@gzip_page
def live(request: HttpRequest, share_code: str) -> HttpResponse:
    """Answer with the chain and every figure that moves; 304 where nothing did.

    Nothing in it depends on who asks, and the page behind it is read once in three seconds however
    many look.
    """
    try:
        page = cached_page(share_code, before=None)
    except LeaderGroup.DoesNotExist as error:
        raise Http404 from error
    category = number_of(request.GET.get("category"))
    tag = tag_of(page)
    unchanged = get_conditional_response(request, etag=f'"{tag}"')
    if unchanged is not None:
        return unchanged
    context = live_context(page) | {
        "cards": [moving(item) for item in of_category(page, category)],
        "category": category,
    }
    response = render(request, "storefront/parts/live.html", context)
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = "no-cache"
    return response


def live_context(page: GroupPage) -> dict[str, Any]:
    """Return what both the page and its moving part show: chain, group's goal, where it stands."""
    group = page.group
    url = reverse("storefront:group", args=[group.share_code])
    asks = is_open_now(group)
    return {
        "chain": page.entries,
        "chain_next": f"{url}?before={page.older_than}" if page.older_than else "",
        "group_goal": group_goal(group),
        "joined_text": joined_text(group.joined_count),
        "live_state": state_text(group),
        "live_tag": tag_of(page),
        "live_url": reverse("storefront:live", args=[group.share_code]) if asks else "",
    }


def tag_of(page: GroupPage) -> str:
    """Return a name for all that moves on a group's page, in the reader's language."""
    group = page.group
    seen = (
        get_language(),
        is_open_now(group),
        (group.state, group.closes_at, group.joined_count, group.quantity, group.amount_minor),
        [(item.item_id, item.sold, item.left, item.final_price_minor) for item in page.items],
        [(entry.number, entry.summary) for entry in page.entries],
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:20]


def of_category(page: GroupPage, category: int | None) -> list[ItemCard]:
    """Return a page's goods, or those of one of its categories."""
    if category is None:
        return list(page.items)
    return [item for item in page.items if category in item.category_ids]


def joined_text(count: int) -> str:
    """Say how many neighbours have joined; nobody is invented."""
    if not count:
        return _("Be the first to join")
    return ngettext("%(n)d neighbour has joined", "%(n)d neighbours have joined", count) % {
        "n": count
    }
