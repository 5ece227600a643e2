"""Suppliers in the admin: details with every change kept, what wants looking at, their links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from mall.catalogue.models import SupplierChange, SupplierProfile
from mall.catalogue.suppliers import admit, change_supplier, warnings_of
from mall.papers.uploads import UploadRefusedError, paper_of
from mall.supply.admin.acts import SEND, link_text
from mall.supply.admin.showing import COLOURS
from mall.supply.link_sending import send_link
from mall.supply.links import make_link, revoke_all
from payments.api import LinliError, business_date


class SupplierForm(forms.ModelForm):
    """A supplier's details; the licence is a PDF or a picture."""

    class Meta:
        """All that staff decide."""

        model = SupplierProfile
        exclude = ()  # noqa: DJ006 - the fieldsets choose

    def clean_licence_file(self) -> Any:
        """Keep only a file that cannot act; the one that is there stays as it is."""
        file = self.cleaned_data.get("licence_file")
        if not file or "licence_file" not in self.files:
            return file
        try:
            return paper_of(file)
        except UploadRefusedError as refusal:
            raise forms.ValidationError(refusal.user_message) from refusal


class ChangeInline(TabularInline):
    """Who changed what, the newest first."""

    model = SupplierChange
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "by", "shown")

    @display(description=gettext_lazy("what changed"))
    def shown(self, change: SupplierChange) -> str:
        """Write before and after."""
        return "; ".join(f"{name}: {old} → {new}" for name, (old, new) in change.changed.items())

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: changes write themselves."""
        return False


@admin.register(SupplierProfile)
class SupplierProfileAdmin(ModelAdmin):
    """Who supplies, whether they may, and what they may see."""

    form = SupplierForm
    list_display = ("partner", "state_label", "contact", "phone", "licence_until", "warnings")
    list_filter = ("state", "sees_names", "is_sent_by_itself", "licence_until")
    list_select_related = ("partner",)
    search_fields = ("partner__name", "name_en", "contact", "phone", "licence_no")
    autocomplete_fields = ("partner",)
    readonly_fields = ("licence_link",)
    inlines = (ChangeInline,)
    actions = ("admit_them", "make_links", "send_links", "revoke_links")
    fieldsets = (
        (None, {"fields": ("partner", "name_en", ("state", "frozen_because"))}),
        (
            gettext_lazy("Contact"),
            {"fields": (("contact", "phone"), "address", "is_sent_by_itself", "remind_minutes")},
        ),
        (
            gettext_lazy("Licence"),
            {"fields": (("licence_no", "licence_until"), "licence_file", "licence_link")},
        ),
        (gettext_lazy("What it may see"), {"fields": (("sees_names", "sees_phones"),)}),
        (gettext_lazy("Proposals"), {"fields": (("audits_new", "audits_changes"),)}),
        (
            gettext_lazy("Delivery and terms"),
            {
                "fields": (
                    ("delivers_by", "delivery_notes"),
                    ("break_from", "break_until"),
                    "cost_terms",
                )
            },
        ),
    )

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def state_label(self, profile: SupplierProfile) -> tuple[str, str]:
        """Show the state in colour."""
        return profile.state, profile.get_state_display()

    @display(description=gettext_lazy("to look at"))
    def warnings(self, profile: SupplierProfile) -> str:
        """Say what is missing or runs out."""
        return " ".join(warnings_of(profile, business_date())) or "–"

    @display(description=gettext_lazy("licence on file"))
    def licence_link(self, profile: SupplierProfile) -> str:
        """Link to the licence; it lies outside the media folder."""
        if not profile.pk or not profile.licence_file:
            return "–"
        url = reverse("admin:supply_licence", args=[profile.pk])
        return format_html('<a href="{}">{}</a>', url, _("Open the licence"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A supplier's details stay that supplier's."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "partner")

    def get_inlines(self, _request: HttpRequest, obj: Any) -> Any:
        """Show the changes once there are any."""
        return self.inlines if obj else ()

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: a supplier is frozen, not deleted."""
        return False

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: SupplierProfile,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write through the service that keeps what changed."""
        names = form.changed_data if change else list(form.cleaned_data)
        values = {name: form.cleaned_data[name] for name in names if name != "partner"}
        profile, _kept = change_supplier(
            partner_id=obj.partner_id, values=values, by=request.user.get_username()
        )
        obj.__dict__.update(profile.__dict__)

    @admin.action(description=gettext_lazy("Admit: goods may be sold"), permissions=["change"])
    def admit_them(self, request: HttpRequest, chosen: QuerySet[SupplierProfile]) -> None:
        """Let the goods of the chosen ones be sold."""
        for profile in chosen:
            admit(partner_id=profile.partner_id, by=request.user.get_username())
            messages.success(request, _("%(name)s is admitted.") % {"name": profile})

    def has_send_permission(self, request: HttpRequest, *_object: Any) -> bool:
        """Tell whether she may hand out links."""
        return bool(request.user.has_perm(SEND))

    @admin.action(
        description=gettext_lazy("Make a link to its goods and statement"), permissions=["send"]
    )
    def make_links(self, request: HttpRequest, chosen: QuerySet[SupplierProfile]) -> None:
        """Make a link without an order, for proposing goods; it is shown once."""
        for profile in chosen.select_related("partner"):
            by = request.user.get_username()
            _link, link = make_link(supplier_id=profile.partner_id, by=by)
            messages.success(request, f"{profile}: {link_text(link)}")

    @admin.action(
        description=gettext_lazy("Send a link to its goods and statements"), permissions=["send"]
    )
    def send_links(self, request: HttpRequest, chosen: QuerySet[SupplierProfile]) -> None:
        """Send each of the chosen ones a link, to its telephone."""
        for profile in chosen.select_related("partner"):
            by = request.user.get_username()
            try:
                tail = send_link(supplier_id=profile.partner_id, by=by)
            except LinliError as refusal:
                messages.error(request, f"{profile}: {refusal.user_message}")
                continue
            self.log_change(request, profile, "link sent")
            text = _("Sent to the number that ends in %(tail)s.") % {"tail": tail}
            messages.success(request, f"{profile}: {text}")

    @admin.action(description=gettext_lazy("Revoke all links"), permissions=["send"])
    def revoke_links(self, request: HttpRequest, chosen: QuerySet[SupplierProfile]) -> None:
        """Let no link of the chosen ones open anything."""
        for profile in chosen.select_related("partner"):
            n = revoke_all(supplier_id=profile.partner_id, by=request.user.get_username())
            text = _("%(name)s: %(n)s links revoked.") % {"name": profile, "n": n}
            messages.success(request, text)

    def get_urls(self) -> list[URLPattern]:
        """Add the way to a licence."""
        view = self.admin_site.admin_view(self.licence_view)
        return [path("<int:pk>/licence/", view, name="supply_licence"), *super().get_urls()]

    def licence_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give a licence to whoever may see the supplier."""
        profile: SupplierProfile | None = self.get_object(request, str(pk))
        if profile is None or not self.has_view_permission(request, profile):
            raise Http404
        if not profile.licence_file:
            return HttpResponse(status=404)
        name = profile.licence_file.name.rpartition("/")[2]
        return FileResponse(profile.licence_file.open("rb"), as_attachment=True, filename=name)
