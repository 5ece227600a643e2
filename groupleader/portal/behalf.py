"""Ordering for a neighbour who cannot: who, what, and the link she pays by."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.portal.desk import own_group
from groupleader.portal.reading import number_of
from groupleader.portal.sharing import code_of, pay_text, shown
from mall.api import (
    ForOther,
    OrderGoneError,
    cancel_for,
    find_neighbours,
    goods_of_group,
    place_for,
    placed_for,
    placed_for_others,
    reach_of,
)
from payments.api import LinliError, Money, local


@require_http_methods(["GET", "POST"])
@leader_only
@sensitive_post_parameters("phone")
def behalf(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Choose a neighbour and goods; order for her and show the link she pays by."""
    group = own_group(leader, group_id)
    refusal = ""
    if request.method == "POST":
        try:
            order = place_for(
                leader=leader.user,
                group_id=group_id,
                items=wanted_of(request.POST),
                remark=request.POST.get("remark", ""),
                idem_key=request.POST.get("idem_key", "")[:64],
                **_whom(leader, request.POST),
            )
            return redirect("groupleader:for-other", order_no=order.order_no)
        except LinliError as error:
            refusal = str(error.user_message)
    context = _context(request, leader, group_id) | {"group": shown(group), "refusal": refusal}
    status = 422 if refusal else 200
    return render(request, "groupleader/behalf.html", context, status=status)


@require_GET
@leader_only
def for_other(request: HttpRequest, leader: Leader, order_no: str) -> HttpResponse:
    """Show the pay link of an order she placed for somebody: to copy, and as a code to scan."""
    order = placed_for(leader.user_id, order_no)
    if order is None:
        raise Http404
    context = {"door": "home", "leader": leader, "order": link_shown(order)}
    return render(request, "groupleader/for_other.html", context)


@require_POST
@leader_only
def cancel(request: HttpRequest, leader: Leader, order_no: str) -> HttpResponse:
    """Cancel what she ordered for somebody and nobody paid; its goods are free again."""
    try:
        cancel_for(leader=leader.user, order_no=order_no)
    except OrderGoneError as error:
        raise Http404 from error
    except LinliError as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, _("The order is being cancelled. Nothing is charged."))
    return redirect("groupleader:for-other", order_no=order_no)


def wanted_of(answers: Mapping[str, str], *, field: str = "item-") -> dict[int, int]:
    """Read how many of each item a form asks for; what is no number asks for none."""
    wanted = {}
    for name, text in answers.items():
        item_id, quantity = number_of(name.removeprefix(field)), number_of(text)
        if name.startswith(field) and item_id and quantity:
            wanted[item_id] = quantity
    return wanted


def link_shown(order: ForOther) -> dict[str, Any]:
    """Return an order for somebody with its pay link, the text to send and the code to scan."""
    url = settings.SITE_URL + reverse("storefront:pay-for", args=[order.token])
    amount = f"¥{Money(order.payable_minor).to_major_str()}"
    until = date_format(local(order.expires_at), "n-j H:i")
    return {
        "order_no": order.order_no,
        "masked_name": order.masked_name,
        "phone_tail": order.phone_tail,
        "payable_minor": order.payable_minor,
        "expires_at": order.expires_at,
        "waits": order.waits,
        "status_label": order.status_label,
        "url": url,
        "text": pay_text(name=order.masked_name, amount=amount, until=until, url=url),
        "svg": code_of(url) if order.waits else "",
    }


def _whom(leader: Leader, answers: Mapping[str, str]) -> dict[str, str]:
    """Return name and phone: typed, or those of a neighbour who was chosen from the list."""
    resident_id = number_of(answers.get("neighbour"))
    if resident_id:
        reach = reach_of(leader.user_id, resident_id)
        return {"name": reach.name, "phone": reach.phone}
    return {"name": answers.get("name", "")[:80], "phone": answers.get("phone", "")[:40]}


def _context(request: HttpRequest, leader: Leader, group_id: int) -> dict[str, Any]:
    query = request.GET.get("q", "").strip()[:40]
    wanted = wanted_of(request.POST)
    chosen = number_of((request.POST or request.GET).get("neighbour"))
    found = find_neighbours(leader.user_id, query) if query else []
    goods = [
        {"good": good, "quantity": wanted.get(good.item_id, 0)}
        for good in goods_of_group(leader.user_id, group_id)
    ]
    return {
        "door": "home",
        "leader": leader,
        "q": query,
        "found": found,
        "chosen": _chosen(leader, chosen),
        "typed": {name: request.POST.get(name, "") for name in ("name", "phone", "remark")},
        "goods": goods,
        "earlier": [link_shown(each) for each in placed_for_others(leader.user_id, group_id)],
        "idem_key": request.POST.get("idem_key") or secrets.token_urlsafe(24),
        "search_hint": _("Last digits of the phone, or a name"),
    }


def _chosen(leader: Leader, resident_id: int | None) -> dict[str, Any] | None:
    """Return the neighbour who was chosen, masked."""
    if not resident_id:
        return None
    try:
        reach = reach_of(leader.user_id, resident_id)
    except OrderGoneError:
        return None
    tail = reach.phone[-4:]
    return {"id": resident_id, "masked_name": reach.masked_name, "phone_tail": tail}
