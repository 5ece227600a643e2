"""The basket of a group: looking into it, and changing it without leaving the page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mall.accounts.models import User
from mall.groupbuy.baskets import basket_for, find_basket, remove_line, set_quantity
from mall.groupbuy.errors import BasketGoneError
from mall.groupbuy.models import GroupBasket, GroupBuyItem, LeaderGroup
from mall.groupbuy.selectors import group_by_code, group_card, group_item, item_card
from mall.groupbuy.shoppers import Shopper, new_token
from mall.groupbuy.summaries import summary
from mall.groupbuy.tolerances import set_tolerance
from mall.ordering.allowances import bought_by
from mall.storefront.basket_bar import basket_bar, line_facts
from mall.storefront.destinations import safe_url
from mall.storefront.groups import frame
from mall.storefront.own_orders import own_here
from mall.storefront.shelf import card, line_row
from mall.storefront.visitor import remember_token, resident, shopper_of
from payments.api import LinliError


def group_or_404(share_code: str) -> LeaderGroup:
    """Find the group of an address."""
    try:
        return group_by_code(share_code)
    except LeaderGroup.DoesNotExist as error:
        raise Http404 from error


def _bought(group: LeaderGroup, person: User | None) -> dict[int, int]:
    """Return what she has ordered before in this group buy: her limits count it."""
    if person is None:
        return {}
    return bought_by(resident_id=person.pk, group_buy_id=group.group_buy_id)


def basket_context(
    request: HttpRequest, group: LeaderGroup, found: GroupBasket | None
) -> dict[str, Any]:
    """Return the group and the lines of her basket in it."""
    bought = _bought(group, resident(request))
    basket = summary(found, group_id=group.pk, bought=bought)
    context = frame(group_card(group))
    basket_url = reverse("storefront:basket", args=[group.share_code])
    missing = max(0, group.group_buy.min_order_minor - basket.goods_minor) if basket.lines else 0
    return context | {
        "summary": basket,
        "missing_minor": missing,
        "own_here": own_here(resident(request), group.pk),
        "lines": [line_row(line, context["group"]) for line in basket.lines],
        "basket_url": basket_url,
        "basket_count": basket.quantity,
    }


@require_GET
def basket_page(request: HttpRequest, share_code: str) -> HttpResponse:
    """Show what is in the basket."""
    group = group_or_404(share_code)
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    context = basket_context(request, group, found)
    context["basket"] = basket_bar(
        line_facts(context["summary"]),
        count=context["summary"].quantity,
        group=context["group"],
        person=resident(request),
    )
    return render(request, "storefront/basket.html", context)


@require_POST
def set_item(request: HttpRequest, share_code: str, item_id: int) -> HttpResponse:
    """Make the basket hold so many of an item; answers with the stepper and the bar."""
    group = group_or_404(share_code)
    shopper = shopper_of(request)
    token = "" if shopper.is_known else new_token()
    if token:
        shopper = Shopper(token=token)
    person = resident(request)
    bought = _bought(group, person)
    found = basket_for(shopper=shopper, group_id=group.pk)
    try:
        quantity = int(request.POST.get("quantity", "")[:4])
        set_quantity(group_basket=found, item_id=item_id, quantity=quantity, bought=bought)
    except ValueError:
        return HttpResponse(status=400)
    except BasketGoneError as error:
        messages.warning(request, str(error.user_message))
        return _reload(request, group)
    except LinliError as error:
        messages.warning(request, str(error.user_message))
    response = _answer(request, group, found, item_id=item_id)
    if token:
        remember_token(response, token)
    return response


@require_POST
def set_spare(request: HttpRequest, share_code: str, item_id: int) -> HttpResponse:
    """Let the basket take so many more of an item where that fills a case; answers as a stepper."""
    group = group_or_404(share_code)
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    if found is None:
        return _reload(request, group)
    try:
        pieces = int(request.POST.get("pieces", "")[:4])
        set_tolerance(group_basket=found, item_id=item_id, pieces=pieces)
    except ValueError:
        return HttpResponse(status=400)
    except BasketGoneError as error:
        messages.warning(request, str(error.user_message))
        return _reload(request, group)
    except LinliError as error:
        messages.warning(request, str(error.user_message))
    return _answer(request, group, found, item_id=item_id)


def _answer(
    request: HttpRequest, group: LeaderGroup, found: GroupBasket, *, item_id: int
) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(safe_url(request, request.headers.get("Referer", ""), default="/"))
    basket = summary(found)
    line = next((each for each in basket.lines if each.item_id == item_id), None)
    quantity = line.quantity if line else 0
    if quantity == 0 and (request.htmx.current_url_abs_path or "").endswith("/basket/"):  # type: ignore[attr-defined]
        return _reload(request, group)
    try:
        item = group_item(group, item_id)
    except GroupBuyItem.DoesNotExist:
        return _reload(request, group)
    head = frame(group_card(group))["group"]
    spare = line.tolerance if line else 0
    context = {
        "item": card(item_card(item), group=head, quantity=quantity, tolerance=spare),
        "basket": basket_bar(
            line_facts(basket), count=basket.quantity, group=head, person=resident(request)
        ),
    }
    return render(request, "storefront/parts/item_update.html", context)


@require_POST
def remove(request: HttpRequest, share_code: str, line_id: int) -> HttpResponse:
    """Take out a line whose product is no longer offered."""
    group = group_or_404(share_code)
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    if found:
        remove_line(group_basket=found, line_id=line_id)
    return _reload(request, group)


def _reload(request: HttpRequest, group: LeaderGroup) -> HttpResponse:
    """Show the whole page again: htmx is told to, a plain form is redirected."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("storefront:basket", share_code=group.share_code)
