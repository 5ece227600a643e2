"""Paying by a link what a leader ordered for somebody: no account needed, names masked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mall.accounts.masking import mask_name
from mall.ordering.behalf import order_of_pay_link, pay_by_link
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import ask_about
from mall.storefront.order_words import pickup_line
from mall.storefront.own_orders import line_rows, order_lines
from mall.storefront.placed import receipt
from mall.storefront.reading import number_of
from mall.storefront.steps import step_url
from mall.storefront.visitor import resident
from payments.api import LinliError, now, remember_payer


@never_cache
@require_http_methods(["GET", "POST"])
def pay_for(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be paid, for whom and until when; go on to the acquirer's cashier.

    Whoever the order is for pays it on her own page, where her cards and their offers are.
    """
    try:
        order = order_of_pay_link(token)
    except OrderGoneError as gone:
        context = {"sentence": str(gone.user_message) if gone.http_status == 410 else ""}
        return render(request, "storefront/pay_for_gone.html", context, status=gone.http_status)
    person = resident(request)
    if person is not None and person.pk == order.resident_id:
        return redirect("storefront:pay" if _waits(order) else "storefront:order", order.order_no)
    if request.method == "POST" and _waits(order):
        return _pay(request, order, token)
    return render(request, "storefront/pay_for.html", _context(order, token))


def _pay(request: HttpRequest, order: OrderFulfilment, token: str) -> HttpResponse:
    if number_of(request.POST.get("expected_payable")) != order.payable_minor:
        messages.warning(request, _("The amount has changed. Please look at it once more."))
        return redirect("storefront:pay-for", token)
    try:
        step = pay_by_link(token)
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("storefront:pay-for", token)
    remember_payer(request.session, step.view.payment_no)
    return redirect(step_url(step))


def _context(order: OrderFulfilment, token: str) -> dict[str, Any]:
    state = _state(order)
    here = reverse("storefront:pay-for", args=[token])
    own = reverse("storefront:pay", args=[order.order_no])
    money = receipt(order)
    return {
        "order": {
            "state": state,
            "for_whom": mask_name(order.receiver_name),
            "leader_name": order.placed_by.display_name if order.placed_by else "",
            "point_name": order.pickup_snapshot.get("name", ""),
            "pickup_text": pickup_line(order),
            "expires_at": order.expires_at,
            "over_text": _over(order),
            "lines": line_rows(order_lines(order)),
            "money_lines": money["money_lines"],
            "total_label": pgettext("total", "Paid") if state == "paid" else _("To pay"),
            "payable_minor": order.payable_minor,
        },
        "now": now(),
        "pay_for_url": here,
        "sign_in_url": f"{reverse('storefront:sign-in')}?{urlencode({'next': own})}",
    }


def _waits(order: OrderFulfilment) -> bool:
    waits = order.status == Status.PENDING_PAYMENT and order.cancel_requested_at is None
    return waits and now() < order.expires_at


def _state(order: OrderFulfilment) -> str:
    """Say where the order stands: open, paying (nobody is sure yet), paid or over."""
    if order.paid_at is not None and order.status not in {Status.CANCELLED, Status.REFUNDED}:
        return "paid"
    if not _waits(order):
        return "over"
    return "paying" if ask_about(order.order_no) else "open"


def _over(order: OrderFulfilment) -> str:
    if order.status == Status.REFUNDED:
        return _("This order was given back, and the money with it.")
    if order.status == Status.CANCELLED:
        return _("This order was cancelled. Nothing can be paid any more.")
    return _("The time to pay is over. Please ask the group leader to order again.")
