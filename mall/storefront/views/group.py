"""Home, a leader's group, and a product in it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
from mall.storefront.groups import frame
from mall.storefront.headline import headline
from mall.storefront.own_orders import own_here
from mall.storefront.pages import cached_page
from mall.storefront.reading import number_of
from mall.storefront.sales_here import here_shown, waiting_shown
from mall.storefront.sharing import share_of
from mall.storefront.shelf import card, picture_url, shelf
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
    context = frame(page.group)
    found = find_basket(shopper=shopper_of(request), group_id=page.group.group_id)
    quantities = quantities_in(found)
    spare = found.tolerances if found else {}
    pieces = {key: count + spare.get(str(key), 0) for key, count in quantities.items()}
    category = number_of(request.GET.get("category"))
    items = of_category(page, category)
    head = context["group"]
    context |= live_context(page)
    context |= {
        "cards": shelf(items, group=head, held=quantities, spare=spare),
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
        "here": here_shown(here, current=share_code),
        "other_url": "/",
        "other_action": _("See what is open now"),
    }
    if before is not None:
        context["live_url"] = ""  # older entries stand still
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
