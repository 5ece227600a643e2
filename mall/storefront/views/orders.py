"""Her orders: the list, one order, cancelling it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mall.ordering.ending import cancel_order, cancel_paid_order
from mall.ordering.models import OrderFulfilment, Status
from mall.storefront.case_words import wrongs_of
from mall.storefront.codes import qr_svg
from mall.storefront.order_words import order_shown, pickup_line, steps_of
from mall.storefront.overdue_words import overdue_texts
from mall.storefront.own_orders import (
    TABS,
    line_rows,
    order_lines,
    order_of,
    orders_of,
    paid_with,
    refunds_shown,
    summary_of,
)
from mall.storefront.placed import receipt
from payments.api import LinliError, now, send_refund

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
    order = order_or_404(request, order_no)
    lines = order_lines(order)
    context = receipt(order) | {
        "order": order_shown(order, summary=""),
        "lines": line_rows(lines),
        "steps": steps_of(order),
        "paid_with": paid_with(order),
        "refunds": refunds_shown(order),
        "pickup": _pickup(order),
        "wrongs": wrongs_of(order, lines),
        "pickup_text": pickup_line(order),
        "overdue_texts": overdue_texts(order, lines),
        "is_waiting": order.status == Status.ARRIVED,
        "now": now(),
    }
    return render(request, "storefront/order.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, order_no: str) -> HttpResponse:
    """Cancel before payment, or give back before the cut-off."""
    order = order_or_404(request, order_no)
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


def order_or_404(request: HttpRequest, order_no: str) -> OrderFulfilment:
    """Return one of her orders; anybody else's is not there."""
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
