"""What residents agree to when they tie a card: read, and followed by a new version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from payments.admin.paper import PaperAdmin
from payments.kernel.clock import now
from payments.models import ConsentText
from payments.services.consents import publish_consent_text


class ConsentTextForm(forms.ModelForm):
    """A new version of the text; what is in force is never changed, only followed."""

    valid_from = forms.SplitDateTimeField(
        label=_("In force from"), widget=UnfoldAdminSplitDateTimeWidget
    )

    class Meta:
        """What a person writes."""

        model = ConsentText
        fields = ("version", "language", "text", "valid_from")
        widgets = {
            "version": UnfoldAdminTextInputWidget,
            "language": UnfoldAdminSelectWidget,
            "text": UnfoldAdminTextareaWidget,
        }

    def clean_valid_from(self) -> Any:
        """Refuse a day that is over: nobody agreed to this text then."""
        at = self.cleaned_data["valid_from"]
        if at < now():
            raise forms.ValidationError(_("A new text is in force from now on at the earliest."))
        return at


@admin.register(ConsentText)
class ConsentTextAdmin(PaperAdmin):
    """What residents agree to when they tie a card, in versions and languages."""

    form = ConsentTextForm
    list_display = ("version", "language", "valid_from", "written_by", "written_at", "agreed")
    list_filter = ("language", ("valid_from", RangeDateTimeFilter))
    search_fields = ("version", "text", "sha256")
    search_help_text = _("Version, words of the text, or digest")
    fieldsets = (
        (None, {"fields": (("version", "language"), "valid_from", "text")}),
        (_("Kept with it"), {"fields": ("sha256", ("written_by", "written_at"))}),
    )
    add_fieldsets = ((None, {"fields": (("version", "language"), "valid_from", "text")}),)

    def has_add_permission(self, request: HttpRequest) -> bool:  # type: ignore[override]
        """Let those write a new version who may."""
        return request.user.has_perm("payments.add_consenttext")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for less than is kept."""
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count who agreed, in the same question."""
        return super().get_queryset(request).annotate(agreements_count=Count("agreements"))

    @display(description=_("agreed to by"), ordering="agreements_count")
    def agreed(self, row: Any) -> int:
        """Show how many signings were begun with it."""
        return int(row.agreements_count)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001, PLR0917 - Django calls it so
        """Write the new version by the service."""
        kept = publish_consent_text(
            version=obj.version,
            language=obj.language,
            text=obj.text,
            valid_from=obj.valid_from,
            by=request.user.get_username(),
        )
        obj.pk = kept.pk
