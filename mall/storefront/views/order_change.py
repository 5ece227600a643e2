"""Changing an own order before the cut-off: fewer of something, none at all, or ordered anew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mall.ordering.changing import back_to_basket, change_order, quote_change
from mall.ordering.models import OrderFulfilment
from mall.storefront.groups import cutoff_text
from mall.storefront.order_changes import ChangeShown, change_rows, change_shown, wanted_of
from mall.storefront.order_words import may_cancel_paid, order_shown
from mall.storefront.own_orders import order_lines
from mall.storefront.reading import number_of
from mall.storefront.templatetags.money import yen
from mall.storefront.views.orders import order_or_404
from payments.api import LinliError, now, send_refund


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, order_no: str) -> HttpResponse:
    """Show what may be taken off and what comes back; take it off once she agreed to the figure."""
    order = order_or_404(request, order_no)
    if not may_cancel_paid(order):
        messages.warning(request, _("This order can no longer be changed."))
        return redirect("storefront:order", order_no=order_no)
    context = _context(request, order)
    if request.method == "POST" and "requote" not in request.POST:
        response = _post(request, order, context)
        if response:
            return response
    status = 422 if context["refusal"] else 200
    return render(request, "storefront/order_change.html", context, status=status)


@login_required
@never_cache
@require_POST
def quote_part(request: HttpRequest, order_no: str) -> HttpResponse:
    """Answer changed numbers with what would come back."""
    order = order_or_404(request, order_no)
    context = _context(request, order)
    if context["refusal"]:
        messages.warning(request, context["refusal"])
    return render(request, "storefront/parts/change_anew.html", context)


@login_required
@require_POST
def otherwise(request: HttpRequest, order_no: str) -> HttpResponse:
    """Give an unpaid order up and lay its goods back into the basket."""
    order = order_or_404(request, order_no)
    try:
        back_to_basket(order_no=order_no, resident_id=request.user.pk)
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:order", order_no=order_no)
    messages.success(request, _("Your goods are in the basket again. Nothing is charged."))
    return redirect("storefront:basket", share_code=order.group.share_code)


def _post(
    request: HttpRequest, order: OrderFulfilment, context: dict[str, Any]
) -> HttpResponse | None:
    """Make the change she saw the figure of; ask once more before the whole order goes."""
    shown: ChangeShown | None = context["change"]
    if shown is None:
        return None
    if number_of(request.POST.get("back")) != shown.back_minor:
        context["refusal"] = _("What comes back has changed. Please look at it once more.")
        return None
    if shown.removes_all and "sure" not in request.POST:
        context["sure_needed"] = True
        return None
    wanted = wanted_of(request.POST, context["order_lines"])
    try:
        done = change_order(
            order_no=order.order_no, resident_id=order.resident_id, quantities=wanted
        )
    except LinliError as error:
        context["refusal"] = str(error.user_message)
        return None
    if done.refund_no:
        send_refund(done.refund_no)
    text = _("Done. %(amount)s is on its way back to you.")
    messages.success(request, text % {"amount": yen(done.back.minor)})
    return redirect("storefront:order", order_no=order.order_no)


def _context(request: HttpRequest, order: OrderFulfilment) -> dict[str, Any]:
    lines = order_lines(order)
    wanted = wanted_of(request.POST, lines)
    shown, refusal = None, ""
    try:
        quote = quote_change(
            order_no=order.order_no, resident_id=order.resident_id, quantities=wanted
        )
        shown = change_shown(quote)
    except LinliError as error:
        refusal = str(error.user_message)
    sale = order.group_buy
    return {
        "order": order_shown(order, summary=""),
        "order_lines": lines,
        "rows": change_rows(lines, wanted),
        "change": shown,
        "refusal": refusal,
        "now": now(),
        "closes_at": sale.closes_at,
        "cutoff_text": cutoff_text(sale.closes_at),
        "change_url": reverse("storefront:change-order", args=[order.order_no]),
        "quote_url": reverse("storefront:change-quote", args=[order.order_no]),
        "group_url": reverse("storefront:group", args=[order.group.share_code]),
    }
