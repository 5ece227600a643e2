"""Her telephones at the counter, and the conflicts they came home with."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader.models import DeviceAct
from groupleader.portal.access import AtCounter, counter_only
from groupleader.portal.act_words import differences, what_happened, what_to_do
from groupleader.services.conflicts import conflicts_of, settle_conflict
from groupleader.services.devices import devices_of, revoke_device
from mall.api import items_to_receive
from payments.api import LinliError

_PER_PAGE = 20


@require_GET
@counter_only
def devices(request: HttpRequest, who: AtCounter) -> HttpResponse:
    """List the phones that may work without a connection in her name."""
    context = {"door": "devices", "devices": devices_of(who.user_id)}
    return render(request, "groupleader/devices.html", context)


@require_POST
@counter_only
def revoke(request: HttpRequest, who: AtCounter, ref: str) -> HttpResponse:
    """Take a phone off the list; what it tells afterwards is not taken."""
    device = devices_of(who.user_id).filter(ref=ref).first()
    if device is None:
        raise Http404
    if revoke_device(device=device, by=request.user):
        messages.success(request, _("Taken off the list. Nothing this phone tells is taken now."))
    return redirect("groupleader:devices")


@require_GET
@counter_only
def conflicts(request: HttpRequest, who: AtCounter) -> HttpResponse:
    """List what was told and could not be done, the open ones first."""
    rows = conflicts_of(who.user_id).order_by("settled_at", "-received_at", "-pk")
    is_open = conflicts_of(who.user_id, is_open=True)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "door": "scan",
        "page": page,
        "shown": [_shown(who, act) for act in page],
        "open_count": is_open.count(),
        "base": "",
    }
    return render(request, "groupleader/conflicts.html", context)


@require_POST
@counter_only
def settle(request: HttpRequest, who: AtCounter, act_id: str) -> HttpResponse:
    """Mark a conflict as dealt with, with a word on how."""
    act = conflicts_of(who.user_id).filter(act_id=act_id).first()
    if act is None:
        raise Http404
    if settle_conflict(act=act, by=request.user, note=request.POST.get("note", "")):
        messages.success(request, _("Marked as dealt with."))
    return redirect("groupleader:conflicts")


def _shown(who: AtCounter, act: DeviceAct) -> dict[str, object]:
    found = differences(act)
    names: dict[int, str] = {}
    if found and act.group_id:
        try:
            names = {row.item_id: row.title for row in items_to_receive(who.user_id, act.group_id)}
        except LinliError:
            names = {}
    return {
        "act": act,
        "happened": what_happened(act),
        "advice": what_to_do(act),
        "point": who.points.get(act.point_id or 0, ""),
        "differences": [each | {"title": names.get(each.get("item", 0), "")} for each in found],
    }
