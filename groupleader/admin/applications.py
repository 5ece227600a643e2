"""Applications in the admin: who, where, which place; approved or refused with a reason."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from groupleader.admin.reading import number
from groupleader.models import LeaderApplication
from groupleader.services.applying import approve, refuse, take_up
from mall.api import (
    add_community,
    communities_in,
    kind_labels,
    middle_of,
    points_near,
)
from payments.api import LinliError

_CHANGE: Final = "admin:groupleader_leaderapplication_change"


class WhereForm(forms.Form):
    """In which community the place is: one of the list, or a new one with its middle."""

    community = forms.TypedChoiceField(
        label=gettext_lazy("community"), coerce=int, empty_value=None, required=False
    )
    name = forms.CharField(
        label=gettext_lazy("name of a new community"), max_length=60, required=False
    )
    latitude = forms.DecimalField(
        label=gettext_lazy("latitude"),
        min_value=-90,
        max_value=90,
        max_digits=9,
        decimal_places=6,
        required=False,
    )
    longitude = forms.DecimalField(
        label=gettext_lazy("longitude"),
        min_value=-180,
        max_value=180,
        max_digits=9,
        decimal_places=6,
        required=False,
    )
    note = forms.CharField(label=gettext_lazy("what she is told"), max_length=300, required=False)

    def __init__(self, *args: Any, application: LeaderApplication, **kwargs: Any) -> None:
        """Offer the district's communities, hers chosen; a new one starts in the middle of them."""
        self.application = application
        city, district = application.city, application.district
        listed = list(communities_in(city=city, district=district))
        middle = middle_of(city=city, district=district) or (None, None)
        same = next((each.pk for each in listed if each.name == application.community_name), None)
        chosen = application.community_id or same
        kwargs.setdefault(
            "initial",
            {
                "community": chosen,
                "name": "" if chosen else application.community_name,
                "latitude": middle[0],
                "longitude": middle[1],
            },
        )
        super().__init__(*args, **kwargs)
        self.listed = {each.pk: each for each in listed}
        choices = [("", _("A new one")), *((each.pk, each.name) for each in listed)]
        self.fields["community"].choices = choices

    def clean(self) -> dict[str, Any]:
        """A new community has a name and a place on Earth."""
        cleaned = super().clean() or {}
        if cleaned.get("community") is None:
            for field in ("name", "latitude", "longitude"):
                if cleaned.get(field) in {None, ""} and not self.has_error(field):
                    self.add_error(field, _("Needed for a new community."))
        return cleaned

    def place(self) -> Any:
        """Return the community chosen, made now if it is new."""
        chosen = self.cleaned_data["community"]
        if chosen is not None:
            return self.listed[chosen]
        return add_community(
            city=self.application.city,
            district=self.application.district,
            name=self.cleaned_data["name"].strip(),
            latitude=self.cleaned_data["latitude"],
            longitude=self.cleaned_data["longitude"],
        )


class RefuseForm(forms.Form):
    """Why not, in words she reads."""

    reason = forms.ChoiceField(
        label=gettext_lazy("reason for refusing"), choices=LeaderApplication.Reason.choices
    )
    note = forms.CharField(label=gettext_lazy("what she is told"), max_length=300, required=False)


@admin.register(LeaderApplication)
class LeaderApplicationAdmin(ModelAdmin):
    """Applications are read and decided here; nobody writes one for somebody else."""

    list_display = ("name", "place_name", "community_name", "district", "status", "handed_in_at")
    list_filter = ("status", "city", "district", "handed_in_at")
    search_fields = ("name", "user__phone", "community_name", "address", "place_name")
    list_select_related = ("user",)
    date_hierarchy = "handed_in_at"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave drafts out: they are hers until she hands them in."""
        drafts = LeaderApplication.Status.DRAFT
        return super().get_queryset(request).exclude(status=drafts, handed_in_at=None)

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: she applies herself and agrees to the terms herself."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: what was decided stays written."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add what decides."""
        act = self.admin_site.admin_view(self.act_view)
        name = "groupleader_application_act"
        return [path("<int:pk>/do/<slug:what>/", act, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        """Show one application with its photo, what is near, its history, and both decisions."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._one(request, number(object_id)))

    def act_view(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Take it up, approve or refuse it."""
        application = self._one(request, pk)
        acts = {"take-up": self._take_up, "approve": self._approve, "refuse": self._refuse}
        if request.method != "POST" or what not in acts or not self.has_change_permission(request):
            raise PermissionDenied
        return acts[what](request, application)

    def _take_up(self, request: HttpRequest, application: LeaderApplication) -> HttpResponse:
        if take_up(application=application, by=request.user):
            messages.success(request, _("She sees that somebody looks at it."))
        return redirect(_CHANGE, application.pk)

    def _approve(self, request: HttpRequest, application: LeaderApplication) -> HttpResponse:
        form = WhereForm(request.POST, application=application)
        if not form.is_valid():
            return self._page(request, application, where=form)
        try:
            leader = approve(
                application=application,
                community=form.place(),
                by=request.user,
                note=form.cleaned_data["note"],
            )
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        else:
            self.log_change(request, application, "approved")
            messages.success(request, _("%(name)s leads now, and was told.") % {"name": leader})
        return redirect(_CHANGE, application.pk)

    def _refuse(self, request: HttpRequest, application: LeaderApplication) -> HttpResponse:
        form = RefuseForm(request.POST)
        if not form.is_valid():
            return self._page(request, application, refusing=form)
        try:
            refuse(application=application, by=request.user, **form.cleaned_data)
        except LinliError as refusal:
            form.add_error("note", str(refusal.user_message))
            return self._page(request, application, refusing=form)
        self.log_change(request, application, "refused")
        messages.success(request, _("Refused; she reads why and may apply again."))
        return redirect(_CHANGE, application.pk)

    def _one(self, request: HttpRequest, pk: int) -> LeaderApplication:
        rows = self.get_queryset(request).select_related("user", "community", "point", "leader")
        return get_object_or_404(rows, pk=pk)

    def _page(
        self,
        request: HttpRequest,
        application: LeaderApplication,
        *,
        where: WhereForm | None = None,
        refusing: RefuseForm | None = None,
    ) -> HttpResponse:
        other = LeaderApplication.objects.filter(user=application.user_id)
        community = application.community
        context = {
            **self.admin_site.each_context(request),
            "title": str(application),
            "application": application,
            "kind": kind_labels().get(application.kind, application.kind),
            "near": points_near(community) if community else None,
            "events": application.events.select_related("by"),
            "others": other.exclude(pk=application.pk).exclude(status="draft"),
            "may_decide": application.is_open and self.has_change_permission(request),
            "where": where or WhereForm(application=application),
            "refusing": refusing or RefuseForm(),
        }
        return TemplateResponse(request, "admin/groupleader/application.html", context)
