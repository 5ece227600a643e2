"""The page a payer comes back to: it asks the acquirer and never believes the browser."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers

from payments.api import (
    PaymentView,
    UnknownNumberError,
    began_payment,
    is_number,
    now,
    payment_view,
    refresh_payment,
)
from payments.cashier.results import result_page


@method_decorator([never_cache, vary_on_headers("HX-Request")], name="dispatch")
class ResultView(View):
    """How a payment stands, to its payer only; the page asks again by itself until it is sure.

    Its payer is whose it is, and whoever was sent to pay it for her by a link, in that browser.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, payment_no: str) -> HttpResponse:
        """Show the page, or only its changing part to htmx."""
        if not request.user.is_authenticated and not began_payment(request.session, payment_no):
            return redirect_to_login(request.get_full_path())
        view = _mine(request, payment_no)
        if view.is_open:
            view = refresh_payment(payment_no)
        is_part = request.headers.get("HX-Request") == "true"
        template = "cashier/state.html" if is_part else "cashier/result.html"
        return render(request, template, {"page": result_page(view, at=now()), "payment": view})


@method_decorator(never_cache, name="dispatch")
class FormView(View):
    """The form an acquirer wants posted to its page: sent by itself, or by a button."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, payment_no: str) -> HttpResponse:
        """Show it while the payment waits for its payer; else lead on to the result."""
        if not request.user.is_authenticated and not began_payment(request.session, payment_no):
            return redirect_to_login(request.get_full_path())
        view = _mine(request, payment_no)
        if view.status != "pending" or not view.step_fields:
            return redirect("cashier:result", payment_no)
        return render(request, "cashier/form.html", {"payment": view})


def _mine(request: HttpRequest, payment_no: str) -> PaymentView:
    """Return the payment if it is this person's; everybody else learns nothing of it."""
    if not is_number(payment_no):
        raise Http404
    try:
        view = payment_view(payment_no)
    except UnknownNumberError as error:
        raise Http404 from error
    if view.payer_ref != str(request.user.pk) and not began_payment(request.session, payment_no):
        raise Http404
    return view
