"""Corrections of points in the admin: with a reason, and above a limit by two people."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from mall.loyalty import adjusting
from mall.loyalty.admin.acting import each
from mall.loyalty.models import PointsAdjustment
from payments.api import LinliError


class AdjustmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose points, how many, and why."""

    class Meta:
        """The rest follows."""

        model = PointsAdjustment
        fields: ClassVar = ("resident", "points", "reason")

    def clean_points(self) -> int:
        """Refuse nothing."""
        points: int = self.cleaned_data["points"]
        if not points:
            raise forms.ValidationError(_("Say how many points, and why."))
        return points


@admin.register(PointsAdjustment)
class PointsAdjustmentAdmin(ModelAdmin):  # type: ignore[misc]
    """Corrections: entered with a reason; above the limit another person books or refuses them."""

    form = AdjustmentForm
    list_display = (
        "resident",
        "points",
        "reason",
        "state_label",
        "proposed_by",
        "proposed_at",
        "decided_by",
    )
    list_filter = ("state",)
    search_fields = ("resident__phone", "resident__display_name", "reason")
    list_select_related = ("resident", "proposed_by", "decided_by")
    autocomplete_fields = ("resident",)
    actions = ("approve", "refuse")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let what was entered stand."""
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        del request, obj
        return False

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: PointsAdjustment,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Enter it by the service, which books it where one person is enough."""
        del form, change
        try:
            made = adjusting.propose(
                resident_id=obj.resident_id, points=obj.points, reason=obj.reason, by=request.user
            )
        except LinliError as refusal:
            self.message_user(request, str(refusal.user_message), messages.ERROR)
            obj.pk = None
            return
        obj.pk, obj.state = made.pk, made.state
        self.message_user(request, str(made.get_state_display()))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Go back to the list, also when it was refused."""
        if obj.pk is None:
            return self.response_post_save_add(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what was entered; what was refused is nothing."""
        return super().log_addition(request, obj, message) if obj.pk else None

    @display(
        description=_("state"),
        ordering="state",
        label={"proposed": "warning", "booked": "success", "refused": "danger"},
    )
    def state_label(self, adjustment: PointsAdjustment) -> tuple[str, str]:
        """Show the state in colour."""
        return adjustment.state, str(adjustment.get_state_display())

    @admin.action(description=_("Book (as the second person)"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[PointsAdjustment]) -> None:
        """Book what another person entered."""
        each(self, request, queryset, act=lambda row: adjusting.approve(row, by=request.user))

    @admin.action(description=_("Refuse (as the second person)"), permissions=["change"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[PointsAdjustment]) -> None:
        """Refuse what another person entered."""
        each(self, request, queryset, act=lambda row: adjusting.refuse(row, by=request.user))
