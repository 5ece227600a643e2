"""Looking through goods: by category, one product with everything about it, its papers."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET
from oscar.apps.catalogue.models import Category

from mall.catalogue.batches import paper_named
from mall.catalogue.models import ProductExtra
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.cards import group_card, item_card
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.groupbuy.selectors import group_by_code, group_item
from mall.groupbuy.summaries import summary
from mall.storefront.basket_bar import basket_bar, line_facts
from mall.storefront.browsing import SORTS, Look, categories_here, items_in, look_of
from mall.storefront.goods import bar_here, goods_cards
from mall.storefront.groups import frame
from mall.storefront.on_sale import on_sale_at
from mall.storefront.product_facts import product_facts
from mall.storefront.shelf import card
from mall.storefront.visitor import chosen_point, resident, shopper_of

_PER_PAGE: Final = 24
_PAPER_KINDS: Final = {".pdf": "application/pdf", ".webp": "image/webp"}


@require_GET
@gzip_page
def categories(request: HttpRequest) -> HttpResponse:
    """Show every category with goods on sale at her point."""
    point = chosen_point(request)
    if point is None:
        return redirect("storefront:points")
    sale = on_sale_at(point.pk)
    context = {"categories": categories_here(sale)} | bar_here(request, sale)
    return render(request, "storefront/categories.html", context)


@require_GET
@gzip_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is on sale at her point out of a category, sorted and filtered."""
    point = chosen_point(request)
    if point is None:
        return redirect("storefront:points")
    shown = Category.objects.filter(slug=slug, is_public=True).order_by("path").first()
    if shown is None:
        raise Http404
    look = look_of(request.GET.dict())
    sale = on_sale_at(point.pk)
    pages = Paginator(items_in(sale, shown, look) if sale.groups else [], _PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    query = look.query()
    context = {
        "category": shown,
        "categories": categories_here(sale),
        "cards": goods_cards(request, sale, list(page.object_list)),
        "page": page,
        "base": f"{query}&" if query else "",
        "count": pages.count,
        **_choices(look),
    }
    return render(request, "storefront/category.html", context | bar_here(request, sale))


@require_GET
def product_page(request: HttpRequest, share_code: str, item_id: int) -> HttpResponse:
    """Show one product of a group: pictures, price, pickup, how to keep it, where it is from."""
    try:
        group = group_by_code(share_code)
        item = group_item(group, item_id)
    except (LeaderGroup.DoesNotExist, GroupBuyItem.DoesNotExist) as error:
        raise Http404 from error
    context = frame(group_card(group))
    head = context["group"]
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    basket = summary(found, group_id=group.pk)
    spare = found.tolerances.get(str(item.product_id), 0) if found else 0
    bar = basket_bar(
        line_facts(basket), count=basket.quantity, group=head, person=resident(request)
    )
    held = next((line.quantity for line in basket.lines if line.item_id == item.pk), 0)
    context |= {
        "card": card(item_card(item), group=head, quantity=held, tolerance=spare),
        "product": product_facts(item, group=head, person=resident(request)),
        "basket": bar,
        "basket_url": bar.basket_url,
        "basket_count": bar.count,
    }
    return render(request, "storefront/product.html", context)


@require_GET
def paper(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """Hand out a certificate or report: a PDF or a picture, never anything that runs."""
    del request
    stored = paper_named(name)
    kind = next((kind for ending, kind in _PAPER_KINDS.items() if name.endswith(ending)), None)
    if stored is None or kind is None or not stored.storage.exists(stored.name):
        raise Http404
    response = FileResponse(stored.open("rb"), content_type=kind, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; object-src 'self'"
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _choices(look: Look) -> dict[str, Any]:
    """Return every way to look at the same goods as links."""
    sorts = [
        {"name": str(name), "query": look.query(sort=key), "is_on": look.sort == key}
        for key, (name, _rank) in SORTS.items()
    ]
    storages = [
        {
            "name": str(label),
            "query": look.query(storage="" if look.storage == value else str(value)),
            "is_on": look.storage == value,
        }
        for value, label in ProductExtra.Storage.choices
    ]
    organic = {"query": look.query(organic=not look.organic), "is_on": look.organic}
    return {"sorts": sorts, "storages": storages, "organic": organic}
