"""The page a payer comes back to: it asks the acquirer and never believes the browser."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers

from payments.api import (
    PaymentView,
    UnknownNumberError,
    is_number,
    now,
    payment_view,
    refresh_payment,
)
from payments.cashier.results import result_page


@method_decorator([never_cache, vary_on_headers("HX-Request")], name="dispatch")
class ResultView(LoginRequiredMixin, View):
    """How a payment stands, to its payer only; the page asks again by itself until it is sure."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, payment_no: str) -> HttpResponse:
        """Show the page, or only its changing part to htmx."""
        view = _mine(request, payment_no)
        if view.is_open:
            view = refresh_payment(payment_no)
        is_part = request.headers.get("HX-Request") == "true"
        template = "cashier/state.html" if is_part else "cashier/result.html"
        return render(request, template, {"page": result_page(view, at=now()), "payment": view})


def _mine(request: HttpRequest, payment_no: str) -> PaymentView:
    """Return the payment if it is this person's; everybody else learns nothing of it."""
    if not is_number(payment_no):
        raise Http404
    try:
        view = payment_view(payment_no)
    except UnknownNumberError as error:
        raise Http404 from error
    if view.payer_ref != str(request.user.pk):
        raise Http404
    return view
