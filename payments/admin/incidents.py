"""What a person must look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from payments.admin.messages import as_json
from payments.admin.paper import PaperAdmin
from payments.incidents import settle_incident
from payments.models import Incident


@admin.register(Incident)
class IncidentAdmin(PaperAdmin):
    """What is not as it should be; the only thing to do here is to say that it is settled."""

    list_display = ("kind", "subject_no", "created_at", "settled", "resolved_by", "note")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("resolved_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("subject_no", "key")
    search_help_text = _("One of our numbers")
    date_hierarchy = "created_at"
    actions = (*PaperAdmin.actions, "settle")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind", "subject_no"),
                    ("created_at", "settled"),
                    ("resolved_at", "resolved_by"),
                    "data_shown",
                    "note",
                )
            },
        ),
    )

    @display(description=_("settled"), boolean=True, ordering="resolved_at")
    def settled(self, incident: Incident) -> bool:
        """Show whether somebody took care of it."""
        return incident.resolved_at is not None

    @display(description=_("figures"))
    def data_shown(self, incident: Incident) -> Any:
        """Show what was noticed."""
        return as_json(incident.data)

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Allow those who may change incidents."""
        return request.user.has_perm("payments.change_incident")

    @admin.action(description=_("Mark as settled"), permissions=["settle"])
    def settle(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        """Say who took care of it."""
        by = request.user.get_username()
        count = sum(settle_incident(incident.key, by=by) for incident in queryset)
        text = ngettext("%(count)d incident settled.", "%(count)d incidents settled.", count)
        messages.success(request, text % {"count": count})
