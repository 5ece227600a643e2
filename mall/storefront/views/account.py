"""Signing in by phone and what a resident may set about herself."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mall.accounts.errors import CodeExpiredError, InvalidPhoneError, WrongCodeError
from mall.accounts.masking import mask_phone
from mall.accounts.models import Consent
from mall.accounts.profiles import record_consents, rename
from mall.accounts.signing_in import request_code, verify_code
from mall.groupbuy.adoption import adopt_baskets
from mall.pickup import choosing
from mall.pickup.helping import invitations_of
from mall.storefront.destinations import safe_url
from mall.storefront.devices import device_of, name_device
from mall.storefront.forms import CodeForm, NameForm, SignInForm
from mall.storefront.headline import headline
from mall.storefront.teasers import own_doors
from mall.storefront.visitor import (
    chosen_point,
    client_ip,
    forget_token,
    shopper_of,
)
from payments.api import LinliError

_ASKED = "sign_in"
TERMS_VERSION = "2026-11"


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("phone")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the number and send a code; the page says the same to known and unknown numbers."""
    goal = _goal(request)
    if request.user.is_authenticated:
        return redirect(goal)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _send_code(request, form):
        request.session[_ASKED]["next"] = goal
        return redirect("storefront:sign-in-code")
    context = {"form": form, "next": goal, "messages_url": _messages_url()}
    response = render(request, "storefront/sign_in.html", context, status=_status(form))
    name_device(request, response)
    return response


def _send_code(request: HttpRequest, form: SignInForm) -> bool:
    try:
        asked = request_code(
            phone=form.cleaned_data["phone"],
            ip=client_ip(request),
            device=device_of(request),
        )
    except InvalidPhoneError as error:
        form.add_error("phone", str(error.user_message))
        return False
    except LinliError as error:
        form.add_error(None, str(error.user_message))
        return False
    request.session[_ASKED] = {"id": asked.request_id, "phone": asked.phone}
    return True


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Take the code, open the account, and carry the anonymous baskets over."""
    asked = request.session.get(_ASKED)
    if not asked:
        return redirect("storefront:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _enter(request, form, asked)
        if response:
            return response
    context = {
        "form": form,
        "phone": asked["phone"],
        "phone_masked": mask_phone(asked["phone"]),
        "next": asked.get("next", "/"),
        "messages_url": _messages_url(),
    }
    return render(request, "storefront/sign_in_code.html", context, status=_status(form))


def _enter(request: HttpRequest, form: CodeForm, asked: dict[str, str]) -> HttpResponse | None:
    try:
        user = verify_code(request_id=asked["id"], code=form.cleaned_data["code"])
    except (WrongCodeError, CodeExpiredError) as error:
        form.add_error("code", str(error.user_message))
        return None
    except LinliError as error:
        form.add_error(None, str(error.user_message))
        return None
    token = shopper_of(request).token
    point = chosen_point(request)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.pop(_ASKED, None)
    versions = dict.fromkeys((Consent.Document.TERMS, Consent.Document.PRIVACY), TERMS_VERSION)
    record_consents(user=user, versions=versions, ip=client_ip(request))
    if point:
        choosing.choose_point(user=user, point_id=point.pk)
    for note in adopt_baskets(token=token, user=user):
        messages.warning(request, note.message)
    response = redirect(safe_url(request, asked.get("next", "/"), default="/"))
    forget_token(response)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the chosen pickup point stays for the next visit."""
    logout(request)
    return redirect("storefront:home")


@login_required
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show and change what a resident has said about herself."""
    form = NameForm(request.POST or None, initial={"display_name": request.user.display_name})
    if request.method == "POST" and form.is_valid():
        rename(user=request.user, display_name=form.cleaned_data["display_name"])
        messages.success(request, _("Saved."))
        return redirect("storefront:me")
    point = chosen_point(request)
    person = {
        "id": request.user.pk,
        "name": request.user.display_name,
        "phone_masked": mask_phone(request.user.phone or ""),
        "is_leader": request.user.pickup_points.filter(active=True).exists(),
        "helping": [row.point.name for row in invitations_of(request.user)],
    }
    context = {
        "form": form,
        "person": person,
        "point_name": point.name if point else "",
        "offers_text": headline(),
        "doors": own_doors(request.user),
    }
    return render(request, "storefront/me.html", context, status=_status(form))


def _messages_url() -> str:
    """In a demo the text messages arrive on a page; elsewhere there is no such link."""
    if settings.LINLI_DEMO and settings.LINLI_SMS_BACKEND == "sandbox":
        return f"{settings.LINLI_SANDBOX_URL}/messages"
    return ""


def _goal(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return safe_url(request, wanted, default="/")


def _status(form: SignInForm | CodeForm | NameForm) -> int:
    return 422 if form.errors else 200
