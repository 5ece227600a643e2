"""Opening a group of her own: choose goods, choose times, look at it as a neighbour, hand it in."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.portal.opening_plan import (
    DRAFT,
    plan_from,
    read_goods,
    read_times,
    remembered,
    shelf_rows,
    times_shown,
)
from groupleader.portal.reading import number_of
from mall.api import (
    OfferedShelf,
    OwnSaleGoneError,
    OwnSaleView,
    change_own_sale,
    create_own_sale,
    hand_in_own_sale,
    own_plan_of,
    own_sale,
    points_of_leader,
    publish_own_sale,
    shelves_of,
)
from payments.api import LinliError


@require_http_methods(["GET", "POST"])
@leader_only
def goods(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Step one: which goods, at which price."""
    shelves = shelves_of(leader.user_id)
    if not shelves or not points_of_leader(leader.user_id):
        context = {"door": "home", "leader": leader, "has_shelf": bool(shelves)}
        return render(request, "groupleader/open_nothing.html", context)
    draft = _draft_of(request, leader)
    shelf = _shelf(shelves, number_of(request.GET.get("shelf")) or draft.get("shelf"))
    refusal = ""
    if request.method == "POST":
        chosen, refusal = read_goods(request.POST, shelf)
        draft |= {"shelf": shelf.assortment_id, "goods": chosen}
        request.session[DRAFT] = draft
        if not refusal:
            return redirect("groupleader:open-times")
    context = {
        "door": "home",
        "leader": leader,
        "shelves": shelves,
        "shelf": shelf,
        "rows": shelf_rows(shelf, draft.get("goods", {})),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "groupleader/open_goods.html", context, status=status)


@require_http_methods(["GET", "POST"])
@leader_only
def times(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Step two: title, cut-off, pickup, own minimum; then the draft is written down."""
    draft = request.session.get(DRAFT, {})
    if not draft.get("goods"):
        return redirect("groupleader:open-goods")
    points = points_of_leader(leader.user_id)
    refusal = ""
    if request.method == "POST":
        draft["times"], refusal = read_times(request.POST, points)
        request.session[DRAFT] = draft
        if not refusal:
            try:
                sale = _write(leader, draft)
            except LinliError as error:
                refusal = str(error.user_message)
            else:
                request.session.pop(DRAFT, None)
                return redirect("groupleader:own-sale", own_sale_id=sale.own_sale_id)
    context = {
        "door": "home",
        "leader": leader,
        "points": points,
        "times": times_shown(draft.get("times", {}), points),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "groupleader/open_times.html", context, status=status)


@require_http_methods(["GET", "POST"])
@leader_only
def sale(request: HttpRequest, leader: Leader, own_sale_id: int) -> HttpResponse:
    """Step three: look at it as a neighbour, hand it in, publish it once it is approved."""
    found = _own(leader, own_sale_id)
    if request.method == "POST":
        try:
            found = _go_on(leader, found)
            messages.success(request, _told(found))
        except LinliError as error:
            messages.error(request, str(error.user_message))
        if found.sale_state != "draft":
            return redirect("groupleader:groups")
        return redirect("groupleader:own-sale", own_sale_id=own_sale_id)
    codes = found.share_codes
    context = {
        "door": "home",
        "leader": leader,
        "sale": found,
        "preview_urls": [reverse("storefront:preview", args=[code]) for code in codes],
        "is_published": found.sale_state != "draft",
    }
    return render(request, "groupleader/own_sale.html", context)


def _go_on(leader: Leader, found: OwnSaleView) -> OwnSaleView:
    """Hand a draft in; what is approved, at once or by a person, waits for its opening."""
    if found.state == "draft":
        found = hand_in_own_sale(own_sale_id=found.own_sale_id, leader_id=leader.user_id)
    if found.state == "approved":
        found = publish_own_sale(own_sale_id=found.own_sale_id, leader_id=leader.user_id)
    return found


def _told(found: OwnSaleView) -> str:
    if found.sale_state != "draft":
        return _("Published. It opens by itself at its time; you can share it then.")
    return _("Handed in. Somebody of the mall looks at it and you are told.")


def _write(leader: Leader, draft: dict[str, Any]) -> OwnSaleView:
    plan = plan_from(draft)
    if draft.get("sale"):
        return change_own_sale(own_sale_id=draft["sale"], leader_id=leader.user_id, plan=plan)
    return create_own_sale(leader_id=leader.user_id, plan=plan, idem_key=draft["key"])


def _draft_of(request: HttpRequest, leader: Leader) -> dict[str, Any]:
    """Return what she has chosen so far; of a sale she goes on with, what it holds.

    A new one begins with nothing: what she left unfinished must not be written over.
    """
    number = number_of(request.GET.get("sale"))
    if number:
        _own(leader, number)
        plan = own_plan_of(number, leader_id=leader.user_id)
        request.session[DRAFT] = remembered(plan) | {"sale": number, "key": ""}
    if "new" in request.GET:
        request.session.pop(DRAFT, None)
    draft: dict[str, Any] = request.session.get(DRAFT) or {"key": secrets.token_urlsafe(24)}
    return draft


def _own(leader: Leader, own_sale_id: int) -> OwnSaleView:
    try:
        return own_sale(own_sale_id, leader_id=leader.user_id)
    except OwnSaleGoneError as error:
        raise Http404 from error


def _shelf(shelves: list[OfferedShelf], wanted: int | None) -> OfferedShelf:
    return next((shelf for shelf in shelves if shelf.assortment_id == wanted), shelves[0])
