"""Paying a placed order, and paying it another way once the first one is surely over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from mall.ordering.errors import NotClosableError, NotPayableError, StillCheckingError
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import ask_about, change_way, stop_paying
from mall.promotions.quoting import Quote, WayKind, WayQuote
from mall.storefront.order_words import OrderShown, order_shown
from mall.storefront.own_orders import line_facts, order_lines
from mall.storefront.paying import chosen_way, keep_price, quote_for, shown_amount, sum_of, way_rows
from mall.storefront.steps import pay_step, step_url
from mall.storefront.views.orders import order_or_404
from payments.api import LinliError, Money, PaymentView, local, now


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, order_no: str) -> HttpResponse:
    """Choose how to pay an order that waits, and go on to the acquirer.

    While nobody is sure of an earlier attempt no second one is offered: the page says so and keeps
    asking by itself.
    """
    order = order_or_404(request, order_no)
    if request.method == "POST" and order_shown(order, summary="").can_pay:
        response = _post(request, order)
        if response:
            return response
        order = order_or_404(request, order_no)
    unsure = ask_about(order_no) if request.method == "GET" else None
    if unsure is None:
        order = order_or_404(request, order_no)
    shown = order_shown(order, summary="")
    if not shown.can_pay:
        return _go(request, shown.url)
    if unsure is not None:
        return render(request, "storefront/order_paying.html", _busy(request, shown, unsure))
    if _asks_by_itself(request):
        return _go(request, request.get_full_path())
    status = 422 if request.method == "POST" else 200
    return render(request, "storefront/order_pay.html", _cashier(request, order), status=status)


@login_required
@require_GET
def quote_part(request: HttpRequest, order_no: str) -> HttpResponse:
    """Answer a changed way of payment with the new sum and button."""
    order = order_or_404(request, order_no)
    chosen = _chosen(request, order)[1]
    context = sum_of(chosen) | {"form_id": "pay", "oob": True}
    return render(request, "storefront/parts/quote.html", context)


def _post(request: HttpRequest, order: OrderFulfilment) -> HttpResponse | None:
    """Charge the order, or give the earlier attempt up; None where something is to be shown."""
    here = reverse("storefront:pay", args=[order.order_no])
    way = request.POST.get("way", "")
    if way == WayKind.NEW_CARD.value:
        return redirect(f"{reverse('storefront:cards')}?{urlencode({'next': here})}")
    try:
        if "stop" in request.POST:
            stop_paying(order_no=order.order_no, resident_id=order.resident_id)
            return redirect(here)
        return _pay(request, order, way=way)
    except (StillCheckingError, NotPayableError):
        return redirect(f"{here}?{urlencode({'way': way})}")
    except NotClosableError as error:
        messages.warning(request, _finish_there(error))
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return None


def _pay(request: HttpRequest, order: OrderFulfilment, *, way: str) -> HttpResponse | None:
    """Charge the order the way it was placed, or another."""
    expected = shown_amount(request.POST.get("expected_payable", ""))
    if expected is None:
        return None
    if way == _placed_way(order) and expected.minor == order.payable_minor:
        return redirect(pay_step(order))
    step = change_way(
        order_no=order.order_no,
        resident_id=order.resident_id,
        way=way,
        expected_payable=expected,
    )
    return redirect(step_url(step))


def _finish_there(error: NotClosableError) -> str:
    """Say what an acquirer that cannot close leaves her: to pay there, or to let it lapse."""
    text = _(
        "Your earlier payment cannot be called back. Please finish it at the bank, or wait: "
        "at %(until)s it is over by itself and nothing is charged."
    )
    return text % {"until": f"{local(error.data['until']):%H:%M}"}


def _busy(request: HttpRequest, shown: OrderShown, unsure: PaymentView) -> dict[str, Any]:
    """Say what is being asked, and offer to give up what is not being given up yet."""
    return {
        "order": shown,
        "now": now(),
        "payment": unsure,
        "is_closing": unsure.status == "closing",
        "poll_url": request.get_full_path(),
    }


def _asks_by_itself(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on to another page, also from a page that only asks for a part of itself."""
    if _asks_by_itself(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def _cashier(request: HttpRequest, order: OrderFulfilment) -> dict[str, Any]:
    quoted, chosen = _chosen(request, order)
    return sum_of(chosen) | {
        "order": order_shown(order, summary=""),
        "form_id": "pay",
        "ways": way_rows(quoted, chosen),
        "quote_url": reverse("storefront:pay-quote", args=[order.order_no]),
        "now": now(),
    }


def _chosen(request: HttpRequest, order: OrderFulfilment) -> tuple[Quote, WayQuote]:
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
