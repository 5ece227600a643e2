"""Her hearts, and what she bought before: what of it can be had now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from oscar.apps.catalogue.models import Product

from mall.catalogue.favourites import favourites_of, like, unlike
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.storefront.bought import bought_before
from mall.storefront.destinations import safe_url
from mall.storefront.goods import bar_here, goods_cards
from mall.storefront.hearts import heart_of
from mall.storefront.on_sale import OnSale, on_sale_at
from mall.storefront.shelf import picture_url
from mall.storefront.visitor import chosen_point, resident
from payments.api import LinliError

_SHOWN: Final = 60


@require_POST
def set_heart(request: HttpRequest, product_id: int) -> HttpResponse:
    """Put her heart on a product or take it off; a stranger is asked to sign in first."""
    person = resident(request)
    back = safe_url(request, request.headers.get("Referer", ""), default="/")
    if person is None:
        return _to_sign_in(request, back)
    is_on = request.POST.get("on") == "1"
    try:
        if is_on:
            like(resident_id=person.pk, product_id=product_id)
        else:
            unlike(resident_id=person.pk, product_id=product_id)
    except LinliError as error:
        messages.warning(request, str(error.user_message))
        is_on = False
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(back)
    size = "big" if request.POST.get("size") == "big" else ""
    context = {"heart": heart_of(product_id, is_on=is_on), "size": size}
    return render(request, "storefront/parts/heart_update.html", context)


@require_GET
@login_required
def favourites(request: HttpRequest) -> HttpResponse:
    """Show her favourites: first what can be bought at her point now, then the others."""
    person, point = resident(request), chosen_point(request)
    if point is None or person is None:
        return redirect("storefront:points")
    wanted = favourites_of(person.pk)
    sale = on_sale_at(point.pk)
    context, found = _on_sale_first(request, sale, wanted)
    context["others"] = _not_on_sale([pk for pk in wanted if pk not in found][:_SHOWN])
    return render(request, "storefront/favourites.html", context)


@require_GET
@login_required
def buy_again(request: HttpRequest) -> HttpResponse:
    """Show what she bought before that can be bought at her point now; one tap puts it in."""
    person, point = resident(request), chosen_point(request)
    if point is None or person is None:
        return redirect("storefront:points")
    wanted = bought_before(person.pk)
    context, found = _on_sale_first(request, on_sale_at(point.pk), wanted)
    context["has_bought"] = bool(wanted)
    context["elsewhere"] = len(wanted) - len(found)
    return render(request, "storefront/buy_again.html", context)


def _on_sale_first(
    request: HttpRequest, sale: OnSale, product_ids: Sequence[int]
) -> tuple[dict[str, Any], set[int]]:
    soonest = sale.soonest(product_ids) if sale.groups and product_ids else {}
    items = [soonest[pk] for pk in product_ids if pk in soonest]
    context = {"cards": goods_cards(request, sale, items[:_SHOWN])}
    return context | bar_here(request, sale), set(soonest)


def _not_on_sale(product_ids: Sequence[int]) -> list[dict[str, Any]]:
    rows = Product.objects.filter(pk__in=product_ids, is_public=True).select_related("extra")
    products = {product.pk: product for product in rows}
    return [
        {
            "title": title_of(products[pk]),
            "picture": picture_url(product_picture(products[pk], 240)),
            "heart": heart_of(pk, is_on=True),
        }
        for pk in product_ids
        if pk in products
    ]


def _to_sign_in(request: HttpRequest, back: str) -> HttpResponse:
    messages.info(request, _("Please sign in, then your favourites stay with you."))
    if request.htmx:  # type: ignore[attr-defined]
        target = f"{reverse('storefront:sign-in')}?next={back}"
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect_to_login(back, reverse("storefront:sign-in"))
