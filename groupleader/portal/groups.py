"""A leader's groups: all of them, passing one on, a later cut-off, its orders as a file."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.portal.desk import own_group
from groupleader.portal.opening_plan import DRAFT, repeated
from groupleader.portal.prolonging import PROLONG_HOURS
from groupleader.portal.reading import number_of
from groupleader.portal.sharing import arrived_text, chain_text, goods_text, shown
from mall.api import (
    PAPER_KINDS,
    goods_of_group,
    group_paper,
    groups_of_leader,
    own_plan_of,
    own_sale_of_group,
    own_sales_of,
    prolong_by_leader,
    write_paper,
)
from payments.api import LinliError, local

_OVER: Final = frozenset({"settled", "failed"})
_ARRIVED: Final = frozenset({"arrived", "settled"})


@require_GET
@leader_only
def groups(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List her groups: those on their way, then the ones that wait for their opening, then past."""
    found = [shown(group) for group in groups_of_leader(leader.user_id)]
    sales = [sale for sale in own_sales_of(leader.user_id) if sale.sale_state == "draft"]
    context = {
        "door": "home",
        "leader": leader,
        "drafts": [_draft(sale) for sale in sales],
        "running": [each for each in found if each["state"] not in _OVER | {"scheduled"}],
        "scheduled": [each for each in found if each["state"] == "scheduled"],
        "over": [each for each in found if each["state"] in _OVER],
    }
    return render(request, "groupleader/groups.html", context)


@require_GET
@leader_only
def share(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Show what she can pass on of a group: posters, texts, link."""
    group = own_group(leader, group_id)
    poster = reverse("storefront:poster", args=[group.share_code])
    goods = goods_of_group(leader.user_id, group_id)
    item = number_of(request.GET.get("item"))
    chosen = next((good for good in goods if good.item_id == item), None)
    context = {
        "door": "home",
        "leader": leader,
        "group": shown(group) | {"share_text": goods_text(group, goods)},
        "chain_text": chain_text(group) if group.orders else "",
        "goods": goods,
        "chosen": chosen,
        "poster_url": f"{poster}?kind=item&item={chosen.item_id}" if chosen else poster,
        "arrived_url": f"{poster}?kind=arrived" if group.state in _ARRIVED else "",
        "arrived_text": arrived_text(group),
        "site": settings.SITE_URL,
    }
    return render(request, "groupleader/share.html", context)


@require_POST
@leader_only
def prolong(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Move the cut-off of her own group later, once."""
    group = own_group(leader, group_id)
    hours = number_of(request.POST.get("hours"))
    if hours not in PROLONG_HOURS:
        messages.error(request, _("Choose how much longer neighbours can order."))
        return redirect("groupleader:group", group_id=group_id)
    closes_at = group.closes_at + timedelta(hours=hours)
    try:
        prolong_by_leader(group_id=group_id, leader_id=leader.user_id, closes_at=closes_at)
        text = _("Neighbours can order until %(at)s now.")
        messages.success(request, text % {"at": date_format(local(closes_at), "n-j H:i")})
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return redirect("groupleader:group", group_id=group_id)


@require_GET
@leader_only
def orders_file(_request: HttpRequest, leader: Leader, group_id: int) -> FileResponse:
    """Return a group as a workbook by neighbour, by item and by line; names masked."""
    group = own_group(leader, group_id)
    return FileResponse(
        write_paper(group_paper(leader.user_id, group_id), "xlsx"),
        as_attachment=True,
        filename=f"{group.share_code}-orders.xlsx",
        content_type=PAPER_KINDS["xlsx"],
    )


@require_POST
@leader_only
def again(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Open one of her own sales again: the same goods and prices, new days to choose."""
    own_group(leader, group_id)
    own_sale_id = own_sale_of_group(group_id, leader_id=leader.user_id)
    if own_sale_id is None:
        raise Http404
    plan = own_plan_of(own_sale_id, leader_id=leader.user_id)
    request.session[DRAFT] = repeated(plan) | {"key": secrets.token_urlsafe(24)}
    messages.info(request, _("The same goods and prices. Look them over, then choose the days."))
    return redirect("groupleader:open-goods")


def _draft(sale: Any) -> dict[str, Any]:
    texts = {
        "draft": _("Not handed in yet"),
        "submitted": _("The mall is looking at it"),
        "approved": _("Approved: publish it"),
        "refused": _("Not approved"),
    }
    return {
        "id": sale.own_sale_id,
        "title": sale.title,
        "state_text": texts.get(sale.state, sale.state),
        "state": sale.state,
        "because": sale.refused_because,
        "closes_at": sale.closes_at,
    }
