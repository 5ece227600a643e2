"""The page a payer comes back to: it asks the acquirer and never believes the browser."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers

from payments.api import (
    LinliError,
    PaymentView,
    UnknownNumberError,
    back_by_post,
    began_payment,
    confirm_with_code,
    is_number,
    now,
    payment_view,
    refresh_payment,
    signing_view,
)
from payments.cashier.results import result_page


@method_decorator([back_by_post, never_cache, vary_on_headers("HX-Request")], name="dispatch")
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
        about = {"url": view.step_url, "fields": view.step_fields, "payment": view}
        return render(request, "cashier/form.html", about | {"back": view.continue_url})


@method_decorator([never_cache, login_required], name="dispatch")
class SigningView(View):
    """The form an acquirer wants posted to its signing page."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, agreement_no: str) -> HttpResponse:
        """Show it to the card's owner while the signing waits for her."""
        try:
            signing = signing_view(agreement_no[:32], owner_ref=str(request.user.pk))
        except UnknownNumberError as error:
            raise Http404 from error
        return render(request, "cashier/form.html", {"url": signing.url, "fields": signing.fields})


@method_decorator([never_cache, login_required], name="dispatch")
class CodeView(View):
    """Where a card's owner types the code her bank sent her; it is sent on and kept nowhere."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, payment_no: str) -> HttpResponse:
        """Ask for the code while the payment waits for one; else lead on to the result."""
        view = _mine(request, payment_no)
        if view.status != "pending" or view.step_kind != "sms_code":
            return redirect("cashier:result", payment_no)
        return _ask_code(request, view)

    def post(self, request: HttpRequest, payment_no: str) -> HttpResponse:
        """Charge the card; a wrong code is asked for again."""
        view = _mine(request, payment_no)
        typed = request.POST.get("code", "").strip()[:16]
        try:
            confirm_with_code(payment_no, typed)
        except LinliError as error:
            return _ask_code(request, view, problem=str(error.user_message))
        return redirect("cashier:result", payment_no)


def _ask_code(request: HttpRequest, view: PaymentView, *, problem: str = "") -> HttpResponse:
    about = {"payment": view, "problem": problem}
    return render(request, "cashier/code.html", about, status=422 if problem else 200)


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
