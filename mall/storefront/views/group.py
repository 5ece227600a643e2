"""Home, a leader's group, and a product in it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from mall.catalogue.favourites import liked_among
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.selectors import (
    GroupCard,
    GroupPage,
    draft_page,
    group_by_code,
    open_groups_of_point,
)
from mall.groupbuy.summaries import quantities_in
from mall.pickup.choosing import COOKIE
from mall.storefront.basket_bar import basket_bar, facts_on_shelf
from mall.storefront.groups import frame
from mall.storefront.headline import headline
from mall.storefront.own_orders import own_here
from mall.storefront.pages import cached_page
from mall.storefront.reading import number_of
from mall.storefront.sales_here import here_shown, waiting_shown
from mall.storefront.sharing import share_of
from mall.storefront.shelf import shelf
from mall.storefront.views.live import live_context, of_category
from mall.storefront.visitor import chosen_point, remember_point, resident, shopper_of


@require_GET
@gzip_page  # eighty kilobytes of shelf become ten; the rest of the pages are small
def home(request: HttpRequest) -> HttpResponse:
    """Land in the open group of the chosen pickup point; without one, choose a point first."""
    point = chosen_point(request)
    if point is None:
        return redirect("storefront:points")
    cards = open_groups_of_point(point.pk)
    if cards:
        return _group_response(request, cards[0].share_code, here=cards)
    context = {
        "point_name": point.name,
        "point_address": point.address,
        "next_text": _("The next group opens soon. Your leader announces it in the chat group."),
    }
    return render(request, "storefront/no_group.html", context)


@require_GET
@gzip_page
def group_page(request: HttpRequest, share_code: str) -> HttpResponse:
    """Show a group that somebody shared; it becomes her pickup point if she has none yet."""
    return _group_response(request, share_code, here=[])


def _group_response(
    request: HttpRequest, share_code: str, *, here: list[GroupCard]
) -> HttpResponse:
    before = number_of(request.GET.get("before"))
    try:
        page = cached_page(share_code, before=before)
    except LeaderGroup.DoesNotExist as error:
        raise Http404 from error
    context = _page_context(request, page) | {"here": here_shown(here, current=share_code)}
    if before is not None:
        context["live_url"] = ""  # older entries stand still
    response = render(request, "storefront/group.html", context)
    if COOKIE not in request.COOKIES and resident(request) is None:
        group = group_by_code(share_code)
        remember_point(response, group.pickup_point)
    return response


@login_required
@never_cache
@require_GET
def preview(request: HttpRequest, share_code: str) -> HttpResponse:
    """Show a leader's own draft as neighbours will see it; to nobody else is it there."""
    try:
        page = draft_page(share_code, leader_id=request.user.pk)
    except LeaderGroup.DoesNotExist as error:
        raise Http404 from error
    context = _page_context(request, page)
    text = _("This is how neighbours will see it. Nobody can order yet.")
    # Nobody else can see it yet: there is nothing to pass on.
    context |= {"state_text": text, "share": None}
    context |= {"other_url": "/leader/groups/", "other_action": _("Back")}
    return render(request, "storefront/group.html", context)


def _page_context(request: HttpRequest, page: GroupPage) -> dict[str, Any]:
    """Return everything a group's page shows to whoever looks at it."""
    context = frame(page.group)
    found = find_basket(shopper=shopper_of(request), group_id=page.group.group_id)
    quantities = quantities_in(found)
    spare = found.tolerances if found else {}
    pieces = {key: count + spare.get(str(key), 0) for key, count in quantities.items()}
    category = number_of(request.GET.get("category"))
    items = of_category(page, category)
    head, person = context["group"], resident(request)
    liked = liked_among(person.pk if person else None, [item.product_id for item in items])
    context |= live_context(page)
    context |= {
        "cards": shelf(items, group=head, held=quantities, spare=spare, liked=liked),
        "categories": [{"id": tab.category_id, "name": tab.name} for tab in page.categories],
        "category": category,
        "own_here": own_here(resident(request), page.group.group_id),
        "basket": basket_bar(
            facts_on_shelf(page.items, pieces),
            count=sum(pieces.values()),
            group=head,
            person=resident(request),
        ),
        "offers_text": headline(),
        "share": share_of(page),
        "waiting": waiting_shown(page.group, resident(request)),
        "other_url": "/",
        "other_action": _("See what is open now"),
    }
    return context | _nav(context)


def _nav(context: dict[str, Any]) -> dict[str, Any]:
    """Give the bottom navigation its basket."""
    bar = context["basket"]
    return {"basket_url": bar.basket_url, "basket_count": bar.count}
