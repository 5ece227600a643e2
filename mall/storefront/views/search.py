"""Searching what is on sale at her point: as she types, by what others look for, by her history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from mall.catalogue.finding import find, tidy_query
from mall.catalogue.hot import count_search, hot_words
from mall.catalogue.spelling import words_in
from mall.storefront.browsing import best_sold, categories_here
from mall.storefront.goods import bar_here, goods_cards
from mall.storefront.on_sale import OnSale, on_sale_at
from mall.storefront.visitor import chosen_point, resident, shopper_of

COOKIE: Final = "searched"
_COOKIE_SECONDS: Final = 90 * 24 * 3600
_KEPT: Final = 8
_HOT: Final = 6
_HOT_SECONDS: Final = 300
_SHOWN: Final = 48
_SUGGESTED: Final = 6


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what answers a search; before anything is typed, what there is to search for.

    While she types, htmx asks for the results alone; only what she sends off counts and is kept.
    """
    point = chosen_point(request)
    if point is None:
        return redirect("storefront:points")
    sale = on_sale_at(point.pk)
    query = tidy_query(request.GET.get("q", ""))
    found = _found(sale, query)
    context: dict[str, Any] = {"query": query, "point_name": point.name}
    if found:
        context["cards"] = goods_cards(request, sale, found)
    elif query:
        context |= _instead(request, sale, query)
    else:
        context["categories"] = categories_here(sale)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "storefront/parts/found.html", context)
    kept = _history(request)
    context |= {"history": kept, "hot": _hot_here(point.pk, sale)} | bar_here(request, sale)
    response = render(request, "storefront/search.html", context)
    if query and found:
        _remember(response, [query, *(word for word in kept if word != query)])
        if query not in kept[:1]:
            count_search(query, searcher=_searcher(request))
    return response


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Clear her own history; it lives in her browser only."""
    del request
    response = redirect("storefront:search")
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _found(sale: OnSale, query: str) -> list[int]:
    """Return the items that answer, best first; of a product, the one collected soonest."""
    if not query or not sale.groups:
        return []
    among = sale.items.order_by().values("product")
    hits = [hit.product_id for hit in find(query, among=among, limit=_SHOWN)]
    soonest = sale.soonest(hits) if hits else {}
    return [soonest[product_id] for product_id in hits if product_id in soonest]


def _instead(request: HttpRequest, sale: OnSale, query: str) -> dict[str, Any]:
    """Return what there is when nothing answers: parts of what was typed, best sold, categories."""
    words = words_in(query)
    parts = [word for word in words if len(words) > 1 and _found(sale, word)]
    return {
        "parts": parts,
        "suggested": goods_cards(request, sale, best_sold(sale, limit=_SUGGESTED)),
        "categories": categories_here(sale),
    }


def _hot_here(point_id: int, sale: OnSale) -> Sequence[str]:
    """Return what many searched for that is on sale here; looked up once in five minutes."""
    key = f"hot_words:{point_id}"
    kept: list[str] | None = cache.get(key)
    if kept is None:
        kept = [word for word in hot_words() if _found(sale, word)][:_HOT]
        cache.set(key, kept, _HOT_SECONDS)
    return kept


def _history(request: HttpRequest) -> list[str]:
    """Return what this browser searched for before, the latest first."""
    try:
        words = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE)
    except signing.BadSignature:
        return []
    return [word for word in words if isinstance(word, str)][:_KEPT]


def _remember(response: HttpResponse, words: list[str]) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(words[:_KEPT], salt=COOKIE),
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
    )


def _searcher(request: HttpRequest) -> str:
    person = resident(request)
    return f"u{person.pk}" if person else shopper_of(request).token
