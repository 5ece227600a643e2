"""Home, a leader's group, and a product in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from mall.catalogue.titles import reads_english
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.groupbuy.selectors import (
    GroupCard,
    group_by_code,
    group_card,
    group_item,
    item_card,
    open_groups_of_point,
)
from mall.groupbuy.summaries import quantities_in, summary
from mall.pickup.choosing import COOKIE
from mall.storefront.basket_bar import basket_bar, facts_on_shelf, line_facts
from mall.storefront.groups import day_text, frame
from mall.storefront.headline import headline
from mall.storefront.pages import cached_page
from mall.storefront.shelf import card, picture_url, shelf
from mall.storefront.visitor import chosen_point, remember_point, resident, shopper_of
from payments.api import local


@require_GET
@gzip_page  # eighty kilobytes of shelf become ten; the rest of the pages are small
def home(request: HttpRequest) -> HttpResponse:
    """Land in the open group of the chosen pickup point; without one, choose a point first."""
    point = chosen_point(request)
    if point is None:
        return redirect("storefront:points")
    cards = open_groups_of_point(point.pk)
    if cards:
        others = cards[1:]
        return _group_response(request, cards[0].share_code, others=others)
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
    return _group_response(request, share_code, others=[])


def _group_response(
    request: HttpRequest, share_code: str, *, others: list[GroupCard]
) -> HttpResponse:
    try:
        page = cached_page(share_code, before=_number(request.GET.get("before")))
    except LeaderGroup.DoesNotExist as error:
        raise Http404 from error
    context = frame(page.group)
    found = find_basket(shopper=shopper_of(request), group_id=page.group.group_id)
    quantities = quantities_in(found)
    category = _number(request.GET.get("category"))
    items = [item for item in page.items if category is None or category in item.category_ids]
    head = context["group"]
    older = f"{head.url}?before={page.older_than}" if page.older_than else ""
    context |= {
        "cards": shelf(items, group=head, held=quantities),
        "categories": [{"id": tab.category_id, "name": tab.name} for tab in page.categories],
        "category": category,
        "chain": page.entries,
        "chain_next": older,
        "basket": basket_bar(
            facts_on_shelf(page.items, quantities),
            count=sum(quantities.values()),
            group=head,
            person=resident(request),
        ),
        "joined_text": _joined(page.group.joined_count),
        "offers_text": headline(),
        "share_text": _share_text(page.group),
        "others": [_other(each) for each in others],
        "other_url": "/",
        "other_action": _("See what is open now"),
    }
    context |= _nav(context)
    response = render(request, "storefront/group.html", context)
    if COOKIE not in request.COOKIES and resident(request) is None:
        group = group_by_code(share_code)
        remember_point(response, group.pickup_point)
    return response


@require_GET
def product_page(request: HttpRequest, share_code: str, item_id: int) -> HttpResponse:
    """Show one product of a group with its facts."""
    try:
        group = group_by_code(share_code)
        item = group_item(group, item_id)
    except (LeaderGroup.DoesNotExist, GroupBuyItem.DoesNotExist) as error:
        raise Http404 from error
    context = frame(group_card(group))
    head = context["group"]
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    basket = summary(found, group_id=group.pk)
    shown = item_card(item)
    context |= {
        "card": card(shown, group=head, quantity=basket.quantities.get(item.pk, 0)),
        "product": _product(item),
        "basket": basket_bar(
            line_facts(basket), count=basket.quantity, group=head, person=resident(request)
        ),
    }
    context |= _nav(context)
    return render(request, "storefront/product.html", context)


def _nav(context: dict[str, Any]) -> dict[str, Any]:
    """Give the bottom navigation its basket."""
    bar = context["basket"]
    return {"basket_url": bar.basket_url, "basket_count": bar.count}


def _number(text: str | None) -> int | None:
    """Read a number out of the address; anything else is as good as none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _joined(count: int) -> str:
    if not count:
        return _("Be the first to join")
    return ngettext("%(n)d neighbour has joined", "%(n)d neighbours have joined", count) % {
        "n": count
    }


def _share_text(group: GroupCard) -> str:
    """Write what a resident pastes into the chat group: title, cut-off, link."""
    closes = local(group.closes_at)
    return _("%(title)s · order until %(day)s %(time)s · collect at %(point)s\n%(url)s") % {
        "title": group.title,
        "day": day_text(closes.date()),
        "time": f"{closes:%H:%M}",
        "point": group.point.name,
        "url": settings.SITE_URL + reverse("storefront:group", args=[group.share_code]),
    }


def _other(group: GroupCard) -> dict[str, str]:
    closes = local(group.closes_at)
    return {
        "title": group.title,
        "url": reverse("storefront:group", args=[group.share_code]),
        "text": _("collect %(day)s") % {"day": day_text(group.pickup_on)},
        "closes": f"{day_text(closes.date())} {closes:%H:%M}",
    }


def _product(item: GroupBuyItem) -> dict[str, Any]:
    shown = item_card(item)
    extra = getattr(item.product, "extra", None)
    days = extra.shelf_life_days if extra else None
    weight = _("about %(grams)s g") if shown.is_weighed else _("%(grams)s g")
    facts = [
        (_("Sold by"), shown.sales_unit),
        (_("Net weight"), weight % {"grams": shown.net_grams} if shown.net_grams else ""),
        (_("Origin"), shown.origin),
        (_("Storage"), shown.storage),
        (_("Keeps for"), ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else ""),
    ]
    large = shown.pictures.get(720)
    text = shown.short_text if reads_english() else strip_tags(item.product.description)
    is_fresh = bool(extra and extra.storage_class != extra.Storage.AMBIENT)
    return {
        "picture": {"url": picture_url(large), "width": 720, "height": 720},
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "text": text or shown.short_text,
        "aftersales_text": _aftersales(is_fresh=is_fresh),
    }


def _aftersales(*, is_fresh: bool) -> str:
    if is_fresh:
        return _("Tell your leader within 24 hours of collecting, with a photo if you can.")
    return _("Tell your leader within 7 days of collecting, with a photo if you can.")
