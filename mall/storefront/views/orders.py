"""Her orders: the list, one order, paying it, cancelling it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mall.ordering.ending import cancel_order, cancel_paid_order
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import change_way
from mall.promotions.quoting import WayKind, WayQuote
from mall.storefront.codes import qr_svg
from mall.storefront.order_words import OrderShown, order_shown, pickup_line, steps_of
from mall.storefront.own_orders import (
    TABS,
    line_facts,
    line_rows,
    money_of,
    order_lines,
    order_of,
    orders_of,
    paid_with,
    refunds_shown,
    summary_of,
)
from mall.storefront.paying import chosen_way, keep_price, quote_for, shown_amount, sum_of, way_rows
from mall.storefront.steps import pay_step, step_url
from payments.api import LinliError, Money, now, send_refund

_PER_PAGE = 10


@login_required
@never_cache
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """Show her orders, the newest first."""
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    page = Paginator(orders_of(request.user, tab), _PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = [
        order_shown(order, summary=summary_of(list(order.lines.all()))) for order in page
    ]
    context = {"page": page, "tab": tab, "tabs": _tabs(), "pager_base": f"tab={tab}&"}
    return render(request, "storefront/orders.html", context)


@login_required
@never_cache
@require_GET
def order_page(request: HttpRequest, order_no: str) -> HttpResponse:
    """Show one order."""
    order = _order(request, order_no)
    lines = order_lines(order)
    context = {
        "order": order_shown(order, summary=""),
        "lines": line_rows(lines),
        "steps": steps_of(order),
        "money_lines": money_of(order),
        "total_label": pgettext("total", "Paid") if order.paid_at else _("To pay"),
        "paid_with": paid_with(order),
        "refunds": refunds_shown(order),
        "pickup": _pickup(order),
        "pickup_text": pickup_line(order),
        "now": now(),
    }
    return render(request, "storefront/order.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, order_no: str) -> HttpResponse:
    """Choose how to pay an order that waits, and go on to the acquirer."""
    order = _order(request, order_no)
    shown = order_shown(order, summary="")
    if not shown.can_pay:
        return redirect(shown.url)
    if request.method == "POST":
        response = _pay(request, order)
        if response:
            return response
        order = _order(request, order_no)
    context = _cashier(request, order, shown=shown)
    status = 422 if request.method == "POST" else 200
    return render(request, "storefront/order_pay.html", context, status=status)


@login_required
@require_GET
def quote_part(request: HttpRequest, order_no: str) -> HttpResponse:
    """Answer a changed way of payment with the new sum and button."""
    order = _order(request, order_no)
    chosen = _chosen(request, order)[1]
    context = sum_of(chosen) | {"form_id": "pay", "oob": True}
    return render(request, "storefront/parts/quote.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, order_no: str) -> HttpResponse:
    """Cancel before payment, or give back before the cut-off."""
    order = _order(request, order_no)
    try:
        if order.status == Status.PENDING_PAYMENT:
            cancel_order(order_no=order_no, resident_id=request.user.pk)
            messages.success(request, _("The order is being cancelled. Nothing is charged."))
        else:
            refund = cancel_paid_order(order_no=order_no, resident_id=request.user.pk)
            send_refund(refund.refund_no)
            messages.success(request, _("Cancelled. All your money is on its way back."))
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return redirect("storefront:order", order_no=order_no)


def _pay(request: HttpRequest, order: OrderFulfilment) -> HttpResponse | None:
    """Charge the order the way it was placed, or another; None where something is to be shown."""
    way = request.POST.get("way", "")
    expected = shown_amount(request.POST.get("expected_payable", ""))
    if way == WayKind.NEW_CARD.value:
        here = reverse("storefront:pay", args=[order.order_no])
        return redirect(f"{reverse('storefront:cards')}?{urlencode({'next': here})}")
    if expected is None:
        return None
    try:
        if way == _placed_way(order) and expected.minor == order.payable_minor:
            return redirect(pay_step(order))
        step = change_way(
            order_no=order.order_no,
            resident_id=order.resident_id,
            way=way,
            expected_payable=expected,
        )
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return None
    return redirect(step_url(step))


def _cashier(request: HttpRequest, order: OrderFulfilment, *, shown: OrderShown) -> dict[str, Any]:
    quoted, chosen = _chosen(request, order)
    return sum_of(chosen) | {
        "order": shown,
        "form_id": "pay",
        "ways": way_rows(quoted, chosen),
        "quote_url": reverse("storefront:pay-quote", args=[order.order_no]),
        "now": now(),
    }


def _chosen(request: HttpRequest, order: OrderFulfilment) -> tuple[Any, WayQuote]:
    """Quote the order anew; its own use of an offer does not count against it."""
    facts = line_facts(order_lines(order))
    quoted = keep_price(
        quote_for(facts, request.user, except_order=order.order_no),
        key=_placed_way(order),
        payable=Money(order.payable_minor),
    )
    given = request.POST.get("way") or request.GET.get("way") or _placed_way(order)
    return quoted, chosen_way(quoted, given)


def _placed_way(order: OrderFulfilment) -> str:
    return order.agreement_no or WayKind.CASHIER.value


def _order(request: HttpRequest, order_no: str) -> OrderFulfilment:
    try:
        return order_of(request.user, order_no)
    except OrderFulfilment.DoesNotExist as error:
        raise Http404 from error


def _pickup(order: OrderFulfilment) -> dict[str, str] | None:
    """Return the code while the goods wait; it is worth nothing before and after."""
    if order.status != Status.ARRIVED:
        return None
    return {
        "code": order.pickup_code,
        "svg": qr_svg(f"{settings.SITE_URL}/p/{order.pickup_token}/"),
        "tail": order.receiver_phone[-4:],
    }


def _tabs() -> list[dict[str, str]]:
    names = {
        "all": _("All"),
        "pay": pgettext("orders", "To pay"),
        "wait": _("On the way"),
        "collect": _("To collect"),
        "done": _("Done"),
    }
    return [{"code": code, "name": names[code]} for code in TABS]
