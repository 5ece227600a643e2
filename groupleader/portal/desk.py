"""The leader's desk: what is to be done today, her groups, her neighbours' orders."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from groupleader import selectors
from groupleader.models import CommissionAccrual, Leader, SettlementStatement
from groupleader.portal.access import leader_only
from groupleader.portal.prolonging import prolong_choices
from groupleader.portal.reading import number_of
from groupleader.portal.sharing import chain_text, shown
from mall.api import (
    BoardGroup,
    OrderGoneError,
    cases_to_decide,
    desk_of,
    entries_page,
    group_figures,
    group_of_leader,
    groups_of_leader,
    groups_to_sort,
    items_ordered,
    next_bags,
    orders_of_leader,
    own_sale_of_group,
    progress_of,
    sale_progress,
    signs_of,
)
from payments.api import business_date, local, now

GROUPS_SHOWN = 10
ORDERS_PER_PAGE = 20
_OVER = {"settled", "failed"}
Line = CommissionAccrual.Status


@require_GET
@leader_only
def home(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show today's board."""
    groups = groups_of_leader(leader.user_id, limit=GROUPS_SHOWN)
    sums = {each.status: each.amount_minor for each in selectors.sums_by_state(leader)}
    to_confirm = selectors.statements_of(leader).filter(status=SettlementStatement.Status.ISSUED)
    context = {
        "door": "home",
        "leader": leader,
        "today": business_date(),
        "desk": desk_of(leader.user_id),
        "signs": signs_of(leader.user_id),
        "next_bags": next_bags(leader.user_id),
        "to_sort": sum(group.left for group in groups_to_sort(leader.user_id)),
        "groups": [shown(group) for group in groups if group.state not in _OVER],
        "available_minor": sums[Line.AVAILABLE],
        "expected_minor": sums[Line.ESTIMATED] + sums[Line.FROZEN],
        "to_confirm": to_confirm.count(),
        "to_decide": cases_to_decide(leader.user_id),
        "curve": selectors.curve(leader),
    }
    return render(request, "groupleader/home.html", context)


@require_GET
@leader_only
def orders(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List her neighbours' orders: all, waiting, overdue, handed over; searched."""
    filters = [
        {"value": "", "label": _("All")},
        {"value": "waiting", "label": _("To hand over")},
        {"value": "overdue", "label": _("Overdue")},
        {"value": "collected", "label": _("Handed over")},
        {"value": "refunded", "label": _("Refunded")},
    ]
    show = request.GET.get("show", "")
    show = show if any(each["value"] == show for each in filters) else ""
    query = request.GET.get("q", "").strip()[:40]
    found = orders_of_leader(leader.user_id, show=show, query=query)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "door": "orders",
        "leader": leader,
        "filters": filters,
        "show": show,
        "q": query,
        "page": Paginator(found, ORDERS_PER_PAGE).get_page(request.GET.get("page")),
        "base": f"{kept.urlencode()}&" if kept else "",
    }
    return render(request, "groupleader/orders.html", context)


@require_GET
@leader_only
def group(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Show one of her groups: orders by neighbour or by item, the chain, progress, the link."""
    found = own_group(leader, group_id)
    by = request.GET.get("by", "resident")
    by = by if by in {"resident", "item", "chain"} else "resident"
    context = {
        "door": "home",
        "leader": leader,
        "group": shown(found),
        "by": by,
        "base": f"by={by}&",
        "now": now(),
        "progress": progress_of(leader.user_id, group_id=group_id),
        "cutoff_text": _("Orders until %(at)s")
        % {"at": date_format(local(found.closes_at), "n-j H:i")},
        "over_text": _("Ordering has closed"),
        "sale": sale_progress(leader.user_id, group_id),
        "figures": group_figures(leader.user_id, group_id),
        "is_own_sale": own_sale_of_group(group_id, leader_id=leader.user_id) is not None,
        "prolong_choices": prolong_choices(),
    }
    context |= _part(request, leader, group_id, by=by)
    return render(request, "groupleader/group.html", context)


def own_group(leader: Leader, group_id: int) -> BoardGroup:
    """Return one of her groups; for anybody else's there is no page."""
    try:
        return group_of_leader(leader.user_id, group_id)
    except OrderGoneError as gone:
        raise Http404 from gone


def _part(request: HttpRequest, leader: Leader, group_id: int, *, by: str) -> dict[str, Any]:
    if by == "item":
        return {"items": items_ordered(leader.user_id, group_id)}
    if by == "chain":
        before = number_of(request.GET.get("before"))
        entries, older_than = entries_page(group_id, before=before)
        group = own_group(leader, group_id)
        text = chain_text(group) if entries else ""
        return {"entries": entries, "older_than": older_than, "chain_text": text}
    rows = orders_of_leader(leader.user_id, group_id=group_id)
    return {"page": Paginator(rows, ORDERS_PER_PAGE).get_page(request.GET.get("page"))}
