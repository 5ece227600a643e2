"""Bags nobody fetched: the most urgent first, to call for, to keep longer."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader.errors import CalledEnoughError
from groupleader.models import Leader
from groupleader.portal.access import leader_only
from groupleader.services.calling import number_to_call
from mall.api import (
    NotExtendableError,
    NotYourPointError,
    extend_storage,
    waiting_bags,
)

_HOURS_MAX: Final = 240


@require_GET
@leader_only
def waiting(request: HttpRequest, leader: Leader) -> HttpResponse:
    """List the bags that wait beyond their pickup hours."""
    return _page(request, leader)


@require_POST
@leader_only
def call(request: HttpRequest, leader: Leader, bag_id: int) -> HttpResponse:
    """Show the number to call; that it was looked at is written down."""
    try:
        phone = number_to_call(leader=leader, bag_id=bag_id)
    except CalledEnoughError as enough:
        messages.error(request, str(enough.user_message))
        return redirect("groupleader:waiting")
    except NotYourPointError as other:
        raise Http404 from other
    except NotExtendableError:
        messages.error(request, _("This bag does not wait any more."))
        return redirect("groupleader:waiting")
    return _page(request, leader, called=bag_id, phone=phone)


@require_POST
@leader_only
def extend(request: HttpRequest, _leader: Leader, bag_id: int) -> HttpResponse:
    """Keep a bag longer, with a reason."""
    typed = request.POST.get("hours", "")
    hours = int(typed) if typed.isdecimal() and len(typed) <= 3 else 0
    reason = request.POST.get("reason", "")
    try:
        extend_storage(bag_id=bag_id, hours=min(hours, _HOURS_MAX), reason=reason, by=request.user)
    except NotYourPointError as other:
        raise Http404 from other
    except NotExtendableError as refusal:
        text = str(refusal.user_message)
        if refusal.data.get("hours_left"):
            text = _("Please say why, and choose at most %(hours)s hours.") % {
                "hours": refusal.data["hours_left"]
            }
        messages.error(request, text)
    else:
        messages.success(request, _("It is kept longer. The neighbour sees the new time."))
    return redirect("groupleader:waiting")


def _page(
    request: HttpRequest, leader: Leader, *, called: int | None = None, phone: str = ""
) -> HttpResponse:
    context = {
        "door": "orders",
        "leader": leader,
        "bags": waiting_bags(leader.user_id),
        "called": called,
        "phone": phone,
    }
    return render(request, "groupleader/waiting.html", context)
