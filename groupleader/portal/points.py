"""My points: the sign, hours, days away, and who helps there."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.portal.reading import day_of, time_of
from mall.api import (
    HelperGoneError,
    add_break,
    drop_break,
    end_helper,
    helpers_of,
    invite_helper,
    open_handover,
    orders_between,
    points_kept,
    set_hours,
    set_sign,
)
from payments.api import LinliError, business_date

_SHOWN_MAX: Final = 20


@require_GET
@leader_only
def point(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show her points: open or closed, hours, breaks, helpers."""
    today = business_date()
    kept = points_kept(leader.user)[:_SHOWN_MAX]
    context = {
        "door": "home",
        "leader": leader,
        "today": today,
        "points": [_shown(point, leader) for point in kept],
    }
    return render(request, "groupleader/points.html", context)


@require_POST
@leader_only
def sign(request: HttpRequest, leader: Leader, point_id: int) -> HttpResponse:
    """Turn the shop sign as it shall be: sent twice it is the same."""
    is_open = request.POST.get("open") == "1"
    if not set_sign(point_id=point_id, is_open=is_open, by=leader.user):
        raise Http404
    said = _("Open for new orders.") if is_open else _("Closed. What was ordered goes on.")
    messages.success(request, said)
    return _back(point_id)


@require_POST
@leader_only
def hours(request: HttpRequest, leader: Leader, point_id: int) -> HttpResponse:
    """Change opening hours, the note and the number neighbours call."""
    begins, ends = time_of(request.POST.get("from")), time_of(request.POST.get("until"))
    if begins is None or ends is None:
        messages.error(request, _("Please choose two times of day."))
        return _back(point_id)
    try:
        is_hers = set_hours(
            point_id=point_id,
            hours_from=begins,
            hours_until=ends,
            note=request.POST.get("note", ""),
            phone=request.POST.get("phone", "")[:40],
            by=leader.user,
        )
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
        return _back(point_id)
    if not is_hers:
        raise Http404
    messages.success(request, _("Saved."))
    return _back(point_id)


@require_POST
@leader_only
def rest(request: HttpRequest, leader: Leader, point_id: int) -> HttpResponse:
    """Write down days away; say what neighbours have ordered for them."""
    first, last = day_of(request.POST.get("first")), day_of(request.POST.get("last"))
    if first is None or last is None:
        messages.error(request, _("Please choose the first and the last day."))
        return _back(point_id)
    try:
        made = add_break(point_id=point_id, first_day=first, last_day=last, by=leader.user)
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
        return _back(point_id)
    if made is None:
        raise Http404
    orders = orders_between(point_id, first, last)
    if orders:
        text = ngettext(
            "Saved. %(n)d order is to be collected on these days: ask a helper, or call the mall.",
            "Saved. %(n)d orders are to be collected on these days: ask a helper, or call the "
            "mall.",
            orders,
        )
        messages.warning(request, text % {"n": orders})
    else:
        messages.success(request, _("Saved. Neighbours see it, and no group opens for these days."))
    return _back(point_id)


@require_POST
@leader_only
def end_rest(request: HttpRequest, leader: Leader, break_id: int) -> HttpResponse:
    """Take days away back."""
    if not drop_break(break_id=break_id, by=leader.user):
        raise Http404
    messages.success(request, _("Taken back."))
    return redirect("groupleader:point")


@require_POST
@leader_only
@sensitive_post_parameters("phone")
def invite(request: HttpRequest, leader: Leader, point_id: int) -> HttpResponse:
    """Invite somebody by her number to receive and hand over here."""
    if not points_kept(leader.user).filter(pk=point_id).exists():
        raise Http404
    try:
        invite_helper(
            point_id=point_id,
            phone=request.POST.get("phone", "")[:40],
            name=request.POST.get("name", ""),
            by=leader.user,
        )
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    else:
        text = _("Invited. She signs in with that number and says yes; then she can help.")
        messages.success(request, text)
    return _back(point_id)


@require_POST
@leader_only
def end_help(request: HttpRequest, leader: Leader, helper_id: int) -> HttpResponse:
    """End a helper or an invitation at one of her points."""
    try:
        end_helper(helper_id=helper_id, by=leader.user)
    except HelperGoneError as gone:
        raise Http404 from gone
    messages.success(request, _("She no longer helps here."))
    return redirect("groupleader:point")


def _shown(point: Any, leader: Leader) -> dict[str, Any]:
    today = business_date()
    coming = [each for each in point.breaks.all() if each.last_day >= today]
    handover = open_handover(point.pk)
    return {
        "point": point,
        "rest": point.break_on(today),
        "breaks": [
            {"row": each, "orders": orders_between(point.pk, each.first_day, each.last_day)}
            for each in coming
        ],
        "helpers": helpers_of(point.pk).filter(invited_by=leader.user),
        "handover": handover if handover and handover.from_leader_id == leader.user_id else None,
    }


def _back(point_id: int) -> HttpResponse:
    response = redirect("groupleader:point")
    response["Location"] = f"{reverse('groupleader:point')}#point-{point_id}"
    return response
