"""One page from basket to bank: where, who, what, how to pay, how much."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from mall.accounts.errors import InvalidPhoneError
from mall.accounts.phones import normalise_phone
from mall.accounts.profiles import existing_profile
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.errors import CutOffError, SaleFullError
from mall.groupbuy.models import GroupBasket, LeaderGroup
from mall.groupbuy.summaries import BasketSummary, summary
from mall.insight.exposures import note_shown
from mall.ordering.errors import PriceChangedError
from mall.ordering.models import OrderFulfilment
from mall.ordering.placing import place_order
from mall.ordering.rows import Receiver
from mall.pickup.errors import PointFullError
from mall.promotions.quoting import WayKind
from mall.storefront.basket_bar import line_facts
from mall.storefront.browsers import at_cashier, cashier_of, remember_choice
from mall.storefront.devices import device_of, name_device
from mall.storefront.forms import ReceiverForm
from mall.storefront.goals import goal_of
from mall.storefront.overdue_words import texts_before_ordering
from mall.storefront.prices import offers_shown, panel_of, price_for
from mall.storefront.steps import pay_step
from mall.storefront.sums import changes
from mall.storefront.views.basket import basket_context, group_or_404
from mall.storefront.visitor import shopper_of
from mall.storefront.wishes import shown_amount, shown_parts, wish_of, with_other_fields
from payments.api import LinliError

_RECEIVER = "receiver"
# What she wrote before she went to tie a card.
_REMARKS = "remarks"
_TYPED = ("remark", "chain_remark", "is_anonymous")


@login_required
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("receiver_phone")
def checkout(request: HttpRequest, share_code: str) -> HttpResponse:
    """Show the whole order before it is placed; place it and go on to the acquirer.

    Asked to work the amount out again it only shows itself anew, with everything she typed.
    """
    group = group_or_404(share_code)
    basket = find_basket(shopper=shopper_of(request), group_id=group.pk)
    places = request.method == "POST" and "requote" not in request.POST
    form = ReceiverForm(request.POST or None, initial=_initial(request))
    if places:
        response = _post(request, group, basket, form=form)
        if response:
            return response
    context = _context(request, group, basket, form=form)
    if not context["lines"]:
        return redirect("storefront:basket", share_code=share_code)
    response = render(request, "storefront/checkout.html", context, status=422 if places else 200)
    name_device(request, response)
    return response


@login_required
@require_GET
def quote_part(request: HttpRequest, share_code: str) -> HttpResponse:
    """Answer a changed choice with everything she may choose, the new sum and the button."""
    group = group_or_404(share_code)
    found = find_basket(shopper=shopper_of(request), group_id=group.pk)
    context = _priced(request, group, summary(found, group_id=group.pk))
    return render(request, "storefront/parts/panel_anew.html", context)


def _priced(request: HttpRequest, group: LeaderGroup, basket: BasketSummary) -> dict[str, Any]:
    """Price the basket by the wish of the form."""
    answers = request.POST or request.GET
    wish = wish_of(answers)
    pricing = price_for(line_facts(basket), request.user, wish=wish, device=device_of(request))
    note_shown(request.user.pk, offers_shown(pricing), "checkout")
    panel = panel_of(pricing, wish, cashier_of(request, wish))
    return panel | {
        "form_id": "checkout",
        "quote_url": reverse("storefront:checkout-quote", args=[group.share_code]),
        "goal": goal_of(pricing, reverse("storefront:more", args=[group.share_code])),
        "changes": [] if "requote" in answers else changes(shown_parts(answers), panel),
        "blocked": not basket.is_orderable,
    }


def _post(
    request: HttpRequest, group: LeaderGroup, basket: GroupBasket | None, *, form: ReceiverForm
) -> HttpResponse | None:
    receiver = _receiver(form)
    if receiver is None:
        return None
    request.session[_RECEIVER] = {
        name: form.cleaned_data[name] for name in ("receiver_name", "receiver_phone")
    }
    if request.POST.get("way") == WayKind.NEW_CARD.value:
        request.session[_REMARKS] = {name: form.cleaned_data[name] for name in _TYPED}
        here = reverse("storefront:checkout", args=[group.share_code])
        here = with_other_fields(here, request.POST)
        return redirect(f"{reverse('storefront:cards')}?{urlencode({'next': here})}")
    if basket is None:
        return _placed_before(request)
    if _looks_different(request, group, basket):
        messages.warning(request, str(PriceChangedError.message))
        return None
    return _order(request, group, basket, receiver=receiver)


def _order(
    request: HttpRequest, group: LeaderGroup, basket: GroupBasket, *, receiver: Receiver
) -> HttpResponse | None:
    """Place the order and go on; where nothing more can be ordered, back to the group."""
    try:
        order = _place(request, basket, receiver)
    except (CutOffError, SaleFullError, PointFullError) as error:
        return _back_to_the_group(request, group, error)
    if order is None:
        return None
    response = redirect(_go_on(request, order))
    remember_choice(response, order.purse)
    return response


def _back_to_the_group(request: HttpRequest, group: LeaderGroup, error: LinliError) -> HttpResponse:
    """Show the group instead of a page she can do nothing on; her basket stays as it is."""
    kept = _("Nothing was ordered or charged, and your basket is kept.")
    messages.warning(request, f"{error.user_message} {kept}")
    return redirect("storefront:group", share_code=group.share_code)


def _looks_different(request: HttpRequest, group: LeaderGroup, basket: GroupBasket) -> bool:
    """Tell whether any part of the price is no longer what the page had shown.

    What she pays in the end is compared again when the order is placed; here also who takes it off:
    whether her card is asked for less, or the bank decides by itself.
    """
    if not basket.is_live:
        return False
    return bool(_priced(request, group, summary(basket, group_id=group.pk))["changes"])


def _placed_before(request: HttpRequest) -> HttpResponse | None:
    """Show the order that this very page placed, to whoever pressed twice or lost the answer."""
    key = request.POST.get("idem_key", "")[:64]
    order = OrderFulfilment.objects.filter(resident=request.user, idem_key=key).first()
    return redirect("storefront:order", order_no=order.order_no) if order else None


def _go_on(request: HttpRequest, order: OrderFulfilment) -> str:
    """Lead on to the acquirer; where it cannot be asked, the order is placed and waits."""
    request.session.pop(_REMARKS, None)
    try:
        return pay_step(order)
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return reverse("storefront:order", args=[order.order_no])


def _place(request: HttpRequest, basket: GroupBasket, receiver: Receiver) -> OrderFulfilment | None:
    expected = shown_amount(request.POST.get("expected_payable", ""))
    if expected is None:
        return None
    try:
        return place_order(
            resident=request.user,
            group_basket=basket,
            receiver=receiver,
            wish=at_cashier(request, wish_of(request.POST)),
            expected_payable=expected,
            idem_key=request.POST.get("idem_key", "")[:64],
            device=device_of(request),
        )
    except (CutOffError, SaleFullError, PointFullError):
        raise
    except PriceChangedError as error:
        messages.warning(request, str(error.user_message))
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return None


def _receiver(form: ReceiverForm) -> Receiver | None:
    if not form.is_valid():
        return None
    try:
        phone = normalise_phone(form.cleaned_data["receiver_phone"])
    except InvalidPhoneError as error:
        form.add_error("receiver_phone", str(error.user_message))
        return None
    return Receiver(
        name=form.cleaned_data["receiver_name"],
        phone=phone,
        remark=form.cleaned_data["remark"],
        chain_remark=form.cleaned_data["chain_remark"],
        is_anonymous=form.cleaned_data["is_anonymous"],
    )


def _context(
    request: HttpRequest, group: LeaderGroup, basket: GroupBasket | None, *, form: ReceiverForm
) -> dict[str, Any]:
    context = basket_context(request, group, basket)
    problems = [text for text in (context["state_text"], context["point_warning"]) if text]
    priced = _priced(request, group, context["summary"])
    return (
        context
        | priced
        | {
            "form": form,
            "overdue_texts": texts_before_ordering(
                [line.product_id for line in context["summary"].lines]
            ),
            "checkout_url": reverse("storefront:checkout", args=[group.share_code]),
            # A refused order may be placed again under the key of the page it was refused on.
            "idem_key": request.POST.get("idem_key") or secrets.token_urlsafe(24),
            "problems": problems,
            "blocked": bool(problems) or priced["blocked"] or bool(context["missing_minor"]),
        }
    )


def _initial(request: HttpRequest) -> dict[str, str]:
    own = {
        "receiver_name": request.user.display_name,
        "receiver_phone": (request.user.phone or "").removeprefix("+86"),
    }
    profile = existing_profile(request.user)
    typed = request.session.get(_REMARKS, {})
    wants = {"is_anonymous": bool(profile and not profile.in_chain)}
    return own | wants | request.session.get(_RECEIVER, {}) | typed
