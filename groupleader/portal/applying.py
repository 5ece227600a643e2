"""Becoming a leader on the phone: where, who, which place; then how far the application is."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from groupleader.models import LeaderApplication
from groupleader.permissions import leader_of
from groupleader.portal.applying_form import ApplyForm
from groupleader.portal.reading import number_of
from groupleader.services.applying import (
    TERMS_VERSION,
    application_of,
    hand_in,
    keep_draft,
    withdraw,
)
from mall.api import (
    UploadRefusedError,
    communities_in,
    community_named,
    districts,
    kind_labels,
    picture_of,
)
from payments.api import LinliError

Status = LeaderApplication.Status
_NAME_MAX: Final = 60


@require_GET
@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """Say what a leader does; who is signed in sees her application, or begins one."""
    if not request.user.is_authenticated:
        goal = urlencode({"next": reverse("groupleader:apply")})
        context = {"sign_in_url": f"{reverse('storefront:sign-in')}?{goal}"}
        return render(request, "groupleader/apply.html", context)
    leader = leader_of(request.user)
    if leader is not None and leader.status != leader.Status.APPLIED:
        return redirect("groupleader:home")
    application = application_of(request.user.pk)
    if (
        application is not None
        and application.status != Status.DRAFT
        and "again" not in request.GET
    ):
        return render(request, "groupleader/application.html", _progress(application))
    return render(request, "groupleader/apply.html", {"draft": application})


@login_required
@require_GET
@never_cache
def place(request: HttpRequest) -> HttpResponse:
    """Choose where the place is: the district, then the community, or name a new one."""
    city, district = _asked(request, "city"), _asked(request, "district")
    known = districts()
    if (city, district) not in known:
        return render(request, "groupleader/apply_where.html", {"districts": known})
    context = {
        "city": city,
        "district": district,
        "communities": communities_in(city=city, district=district),
    }
    return render(request, "groupleader/apply_where.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def form(request: HttpRequest) -> HttpResponse:
    """Ask for name, address, kind, photo, hours and the terms; what is right is kept."""
    application = application_of(request.user.pk)
    draft = application if application and application.status == Status.DRAFT else None
    where = _where(request, draft)
    if where is None:
        return redirect("groupleader:apply-where")
    asked = ApplyForm(
        request.POST or None,
        request.FILES or None,
        draft=draft,
        kinds=kind_labels(),
        is_new=where["community"] is None,
    )
    if request.method == "POST":
        done = _take(request, asked, where)
        if done is not None:
            return done
        draft = application_of(request.user.pk)
    context = {
        "form": asked,
        "where": where,
        "has_photo": bool(draft and draft.photo),
        "phone": _masked(request),
        "terms_version": TERMS_VERSION,
    }
    status = 422 if asked.errors else 200
    return render(request, "groupleader/apply_form.html", context, status=status)


@login_required
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Take the application back."""
    try:
        withdraw(user=request.user)
        messages.success(request, _("Your application is taken back."))
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    return redirect("groupleader:apply")


@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """Show what a leader agrees to."""
    return render(request, "groupleader/terms.html", {"terms_version": TERMS_VERSION})


def _take(request: HttpRequest, asked: ApplyForm, where: dict[str, Any]) -> HttpResponse | None:
    """Keep what is right; hand it in if all of it is."""
    is_right = asked.is_valid()
    community = where["community"]
    values = dict(asked.kept())
    values |= {
        "community_id": community.pk if community else None,
        "city": where["city"],
        "district": where["district"],
        "community_name": community.name if community else values.get("community_name", ""),
    }
    photo = None
    if sent := request.FILES.get("photo"):
        try:
            photo = picture_of(sent)
        except UploadRefusedError as refusal:
            asked.add_error("photo", str(refusal.user_message))
    try:
        draft = keep_draft(user=request.user, values=values, photo=photo)
        if not draft.photo and not asked.has_error("photo"):
            asked.add_error("photo", _("Please add a photo of the place."))
        if not is_right or asked.errors:
            return None
        hand_in(user=request.user, agrees=True)
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    else:
        messages.success(request, _("Thank you. We look at it and tell you here and by message."))
    return redirect("groupleader:apply")


def _where(request: HttpRequest, draft: LeaderApplication | None) -> dict[str, Any] | None:
    """Return the place that was chosen on the page before, else the draft's."""
    answers = request.POST if request.method == "POST" else request.GET
    community = community_named(number_of(answers.get("community")) or 0)
    if community is not None:
        return {"community": community, "city": community.city, "district": community.district}
    city, district = answers.get("city", ""), answers.get("district", "")
    if (city, district) in districts():
        return {"community": None, "city": city, "district": district}
    if draft is not None and draft.city and "community" not in answers:
        return {"community": draft.community, "city": draft.city, "district": draft.district}
    return None


def _progress(application: LeaderApplication) -> dict[str, Any]:
    return {
        "application": application,
        "kind": kind_labels().get(application.kind, ""),
        "may_take_back": application.is_open,
        "may_apply_again": application.status in {Status.REFUSED, Status.WITHDRAWN},
        "events": application.events.order_by("pk"),
    }


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:_NAME_MAX]


def _masked(request: HttpRequest) -> str:
    phone = request.user.phone or ""
    return f"{phone[-11:-8]}****{phone[-4:]}" if len(phone) >= 11 else phone
