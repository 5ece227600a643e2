"""Waiting for room at a pickup point that is full on the pickup day."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mall.groupbuy.baskets import find_basket
from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.summaries import summary
from mall.groupbuy.waiting import join, leave
from mall.pickup.capacity import boxes_of
from mall.storefront.views.basket import group_or_404
from mall.storefront.visitor import shopper_of
from payments.api import LinliError


@login_required
@require_http_methods(["GET", "POST"])
def join_waiting(request: HttpRequest, share_code: str) -> HttpResponse:
    """Put her on the waiting list; signed in on the way, she comes back by GET and asks again."""
    group = group_or_404(share_code)
    if request.method == "POST":
        try:
            join(group_id=group.pk, resident_id=request.user.pk, boxes=_boxes(request, group))
            messages.success(request, _("You are on the waiting list."))
        except LinliError as error:
            messages.warning(request, str(error.user_message))
    return redirect("storefront:group", share_code=share_code)


def _boxes(request: HttpRequest, group: LeaderGroup) -> int:
    """Return how much room her basket needs, at least one box."""
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    pieces = {line.product_id: line.pieces for line in summary(found, group_id=group.pk).lines}
    return max(1, boxes_of(pieces))


@login_required
@require_POST
def leave_waiting(request: HttpRequest, share_code: str) -> HttpResponse:
    """Take her off the waiting list again."""
    group = group_or_404(share_code)
    leave(group_id=group.pk, resident_id=request.user.pk)
    messages.success(request, _("You have left the waiting list."))
    return redirect("storefront:group", share_code=share_code)
