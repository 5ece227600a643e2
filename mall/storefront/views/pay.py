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

from mall.insight.exposures import note_shown
from mall.ordering.errors import (
    NotClosableError,
    NotPayableError,
    PriceChangedError,
    StillCheckingError,
)
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import ask_about, change_way, stop_paying
from mall.promotions.quoting import WayKind
from mall.storefront.browsers import at_cashier, cashier_of, remember_choice
from mall.storefront.devices import device_of, name_device
from mall.storefront.order_words import OrderShown, order_shown
from mall.storefront.own_orders import line_facts, order_lines
from mall.storefront.placed import placed
from mall.storefront.prices import offers_shown, panel_of, price_for
from mall.storefront.steps import pay_step, step_url
from mall.storefront.sums import changes
from mall.storefront.views.orders import order_or_404
from mall.storefront.wishes import (
    fields_of,
    is_same,
    shown_amount,
    shown_parts,
    wish_of,
    with_other_fields,
)
from payments.api import LinliError, PaymentView, local, now


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, order_no: str) -> HttpResponse:
    """Choose how to pay an order that waits, and go on to the acquirer.

    While nobody is sure of an earlier attempt no second one is offered: the page says so and keeps
    asking by itself.
    """
    order = order_or_404(request, order_no)
    pays = request.method == "POST" and "requote" not in request.POST
    if pays and order_shown(order, summary="").can_pay:
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
    status = 422 if pays else 200
    response = render(request, "storefront/order_pay.html", _cashier(request, order), status=status)
    name_device(request, response)
    return response


@login_required
@never_cache
@require_GET
def quote_part(request: HttpRequest, order_no: str) -> HttpResponse:
    """Answer a changed choice with everything she may choose, the new sum and the button."""
    order = order_or_404(request, order_no)
    return render(request, "storefront/parts/panel_anew.html", _priced(request, order))


def _post(request: HttpRequest, order: OrderFulfilment) -> HttpResponse | None:
    """Charge the order, or give the earlier attempt up; None where something is to be shown."""
    here = reverse("storefront:pay", args=[order.order_no])
    if request.POST.get("way") == WayKind.NEW_CARD.value:
        back = with_other_fields(here, request.POST)
        return redirect(f"{reverse('storefront:cards')}?{urlencode({'next': back})}")
    try:
        if "stop" in request.POST:
            stop_paying(order_no=order.order_no, resident_id=order.resident_id)
            return redirect(here)
        return _pay(request, order)
    except (StillCheckingError, NotPayableError):
        return redirect(f"{here}?{urlencode(fields_of(request.POST))}")
    except NotClosableError as error:
        messages.warning(request, _finish_there(error))
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return None


def _pay(request: HttpRequest, order: OrderFulfilment) -> HttpResponse | None:
    """Charge the order the way it was placed, or another."""
    expected = shown_amount(request.POST.get("expected_payable", ""))
    if expected is None:
        return None
    as_placed = placed(order).wish
    wish = wish_of(request.POST, base=as_placed)
    if is_same(wish, as_placed) and expected.minor == order.payable_minor:
        return redirect(pay_step(order))
    if _priced(request, order)["changes"]:
        raise PriceChangedError
    step = change_way(
        order_no=order.order_no,
        resident_id=order.resident_id,
        wish=at_cashier(request, wish),
        expected_payable=expected,
        device=device_of(request),
    )
    response = redirect(step_url(step))
    remember_choice(response, wish.purse)
    return response


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
    return _priced(request, order) | {"order": order_shown(order, summary=""), "now": now()}


def _priced(request: HttpRequest, order: OrderFulfilment) -> dict[str, Any]:
    """Price the order by the wish of the form; what it holds itself is as good as free.

    What it was placed for stays good, also where an offer gives nothing any more; where it would
    cost less today, today's price is shown.
    """
    answers = request.POST or request.GET
    waiting = placed(order)
    wish = wish_of(answers, base=waiting.wish)
    pricing = price_for(
        line_facts(order_lines(order)),
        request.user,
        wish=wish,
        device=device_of(request),
        except_order=order.order_no,
    )
    panel = panel_of(pricing, wish, cashier_of(request, wish))
    if is_same(wish, waiting.wish) and order.payable_minor <= pricing.payable.minor:
        panel |= waiting.sum() | {"ways": waiting.rows(panel["ways"])}
    note_shown(request.user.pk, offers_shown(pricing), "cashier")
    return panel | {
        "form_id": "pay",
        "quote_url": reverse("storefront:pay-quote", args=[order.order_no]),
        "changes": changes(shown_parts(answers), panel) if "shown" in answers else [],
    }
