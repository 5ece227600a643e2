"""Collecting somewhere else: an own order goes to another pickup point, its figures shown first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mall.ordering.models import OrderFulfilment
from mall.ordering.moving import MoveQuote, move_order, quote_move
from mall.storefront.order_moves import move_shown, places_for
from mall.storefront.order_words import may_cancel_paid, order_shown, pickup_line
from mall.storefront.reading import number_of
from mall.storefront.views.orders import order_or_404
from payments.api import LinliError, send_refund


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, order_no: str) -> HttpResponse:
    """List where she could collect instead; show what changes; move it once she agreed."""
    order = order_or_404(request, order_no)
    if not may_cancel_paid(order):
        messages.warning(request, _("This order can no longer be moved."))
        return redirect("storefront:order", order_no=order_no)
    to_group_id = number_of((request.POST or request.GET).get("to"))
    quote, refusal = _quote(request, order, to_group_id)
    if request.method == "POST" and quote is not None:
        if request.POST.get("shown") == _shown(quote):
            refusal = _move(request, order, quote)
            if not refusal:
                return redirect("storefront:order", order_no=order_no)
        else:
            refusal = _("The figures have changed. Please look at them once more.")
    context = _context(order, quote) | {"refusal": refusal}
    status = 422 if refusal else 200
    return render(request, "storefront/order_move.html", context, status=status)


def _quote(
    request: HttpRequest, order: OrderFulfilment, to_group_id: int | None
) -> tuple[MoveQuote | None, str]:
    if to_group_id is None:
        return None, ""
    try:
        quote = quote_move(order_no=order.order_no, to_group_id=to_group_id, by=request.user)
    except LinliError as error:
        return None, str(error.user_message)
    return quote, ""


def _move(request: HttpRequest, order: OrderFulfilment, quote: MoveQuote) -> str:
    """Move the order; return what stood in its way."""
    try:
        done = move_order(order_no=order.order_no, to_group_id=quote.to_group.pk, by=request.user)
    except LinliError as error:
        return str(error.user_message)
    if done.refund_no:
        send_refund(done.refund_no)
    messages.success(request, _("Done. You collect it at the new place."))
    return ""


def _shown(quote: MoveQuote) -> str:
    """Name the figures she agreed to."""
    return f"{quote.to_group.pk}:{quote.cheaper_minor}"


def _context(order: OrderFulfilment, quote: MoveQuote | None) -> dict[str, Any]:
    shown = move_shown(order, quote) if quote else None
    return {
        "order": order_shown(order, summary=""),
        "pickup_text": pickup_line(order),
        "places": [] if quote else places_for(order),
        "quote": shown,
        "shown": _shown(quote) if quote else "",
        "chosen": quote.to_group.pk if quote else "",
        "move_url": reverse("storefront:move-order", args=[order.order_no]),
    }
