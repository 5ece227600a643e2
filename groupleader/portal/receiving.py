"""Receiving: what should come, what came, and telling the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.portal.desk import own_group
from mall.api import ItemRow, groups_of_leader, items_to_receive, record_arrival
from payments.api import LinliError, business_date

_RECEIVED_SHOWN = 10
_DIGITS_MAX = 6


@require_GET
@leader_only
def arrivals(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List the deliveries to count in, the earliest pickup first, and those counted lately."""
    groups = groups_of_leader(leader.user_id)
    waiting = [group for group in groups if group.can_receive and group.orders]
    received = [group for group in groups if group.received_at]
    context = {
        "door": "arrivals",
        "leader": leader,
        "today": business_date(),
        "waiting": sorted(waiting, key=lambda group: (group.pickup_on, group.group_id)),
        "received": received[:_RECEIVED_SHOWN],
    }
    return render(request, "groupleader/arrivals.html", context)


@require_http_methods(["GET", "POST"])
@leader_only
def arrival(request: HttpRequest, leader: Leader, group_id: int) -> HttpResponse:
    """Count a delivery in; confirming it gives every neighbour whose goods came a code."""
    group = own_group(leader, group_id)
    lines = items_to_receive(leader.user_id, group_id)
    refusal = None
    if request.method == "POST":
        counts = _counts(request, lines)
        try:
            record_arrival(group_id=group_id, counts=counts, by=request.user)
        except LinliError as error:
            refusal = error
            lines = [replace(line, received=counts.get(line.item_id, 0)) for line in lines]
        else:
            messages.success(request, _("Received. The neighbours have their pickup codes."))
            return redirect("groupleader:group", group_id)
    context = {
        "door": "arrivals",
        "leader": leader,
        "group": group,
        "lines": lines,
        "expected": sum(line.expected for line in lines),
        "missing": sum(line.missing for line in lines),
        "refusal": refusal.user_message if refusal else "",
    }
    status = refusal.http_status if refusal else 200
    return render(request, "groupleader/arrival.html", context, status=status)


def _counts(request: HttpRequest, lines: Sequence[ItemRow]) -> dict[int, int]:
    """Read how many came of each item; what is no number is left out and so refused."""
    typed = {line.item_id: request.POST.get(f"item-{line.item_id}", "") for line in lines}
    return {
        item: int(count)
        for item, count in typed.items()
        if count.isdecimal() and len(count) <= _DIGITS_MAX
    }
