"""Communities and pickup points in the admin, and who keeps them when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from mall.pickup.capacity import set_boxes_a_day, set_day
from mall.pickup.errors import RoomTakenError
from mall.pickup.keepers import begin_tenure, call_off
from mall.pickup.models import (
    Community,
    PickupPoint,
    PointBreak,
    PointDay,
    PointHandover,
    PointHelper,
    PointTenure,
)
from payments.api import business_date


@admin.register(Community)
class CommunityAdmin(ModelAdmin):
    """Where neighbours live."""

    list_display = ("name", "district", "city")
    list_filter = ("city", "district")
    search_fields = ("name", "district", "city")


class BreakInline(TabularInline):
    """The days on which nothing is handed out."""

    model = PointBreak
    extra = 0


@admin.register(PickupPoint)
class PickupPointAdmin(ModelAdmin):
    """Where goods are collected, and by whom they are kept."""

    list_display = (
        "name",
        "community",
        "leader",
        "kind",
        "opening_hours_text",
        "takes_orders_now",
        "active",
    )
    list_filter = ("active", "is_open", "kind", "bank_unit", "community__district", "community")
    list_select_related = ("community", "leader", "bank_unit")
    inlines = (BreakInline,)
    search_fields = ("name", "address", "community__name", "leader__display_name", "leader__phone")
    autocomplete_fields = ("community", "also_serves", "leader")
    actions = ("open_for_orders", "close_for_orders")
    fieldsets = (
        (None, {"fields": ("name", "community", "also_serves", "leader", "phone", "active")}),
        (_("Place"), {"fields": ("kind", "bank_unit", "address", "latitude", "longitude")}),
        (_("Room"), {"fields": ("boxes_a_day", ("used_from", "used_until"))}),
        (_("Hours"), {"fields": ("hours_from", "hours_until", "hours_note", "is_open")}),
    )

    def save_model(  # noqa: PLR0917 - Django's signature
        self,
        request: HttpRequest,
        obj: PickupPoint,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Carry a new number of boxes to the coming days, and say where more is taken already."""
        super().save_model(request, obj, form, change)
        if not change:
            begin_tenure(obj, by=request.user)
        if "boxes_a_day" not in form.changed_data:
            return
        today = business_date()
        full = set_boxes_a_day(point_id=obj.pk, boxes=obj.boxes_a_day, today=today)
        if full:
            text = _("On %(days)s days more is taken already: they take nothing more.")
            messages.warning(request, text % {"days": full})

    def get_readonly_fields(self, request: HttpRequest, obj: PickupPoint | None = None) -> Any:
        """Let the leader be chosen once: later the point is handed over, with what waits there."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "leader")

    @admin.display(description=_("opening hours"))
    def opening_hours_text(self, point: PickupPoint) -> str:
        """Show the hours as residents see them."""
        return point.opening_hours

    @admin.display(description=_("takes orders"), boolean=True)
    def takes_orders_now(self, point: PickupPoint) -> bool:
        """Tell whether it takes orders today."""
        return point.takes_orders(business_date())

    @admin.action(description=_("Open for new orders"), permissions=["change"])
    def open_for_orders(self, request: HttpRequest, points: QuerySet[PickupPoint]) -> None:
        """Take the closed sign down."""
        del request
        points.update(is_open=True)

    @admin.action(description=_("Close for new orders"), permissions=["change"])
    def close_for_orders(self, request: HttpRequest, points: QuerySet[PickupPoint]) -> None:
        """Put the closed sign up; old orders go on."""
        del request
        points.update(is_open=False)


class PointDayForm(forms.ModelForm):
    """A number that covers what is taken."""

    class Meta:
        """What staff decide."""

        model = PointDay
        fields = ("point", "day", "boxes")

    def clean_boxes(self) -> int | None:
        """Say right away where orders have taken more; the row's own guard says it again."""
        boxes = self.cleaned_data["boxes"]
        if boxes is not None and boxes < self.instance.used:
            raise ValidationError(str(RoomTakenError.message))
        return boxes


@admin.register(PointDay)
class PointDayAdmin(ModelAdmin):
    """How much room each point has on a day, and how much is taken; some days are exceptions."""

    form = PointDayForm
    list_display = ("day", "point", "boxes", "used", "left", "is_exception")
    list_filter = ("is_exception", "day", "point")
    list_select_related = ("point",)
    search_fields = ("point__name", "point__community__name")
    date_hierarchy = "day"
    autocomplete_fields = ("point",)
    fields = ("point", "day", "boxes", "used", "is_exception")
    readonly_fields = ("used", "is_exception")

    def get_readonly_fields(self, request: HttpRequest, obj: PointDay | None = None) -> Any:
        """Of a day that is there only the number changes."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "point", "day")

    @admin.display(description=_("boxes left"))
    def left(self, day: PointDay) -> str:
        """Show what may still be taken."""
        return "–" if day.boxes is None else str(max(0, day.boxes - day.used))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders stand behind what is taken."""
        del request, obj
        return False

    def save_model(  # noqa: PLR0917 - Django's signature
        self,
        request: HttpRequest,
        obj: PointDay,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write the number under the guard of the row: an order may have come in meanwhile."""
        del form, change
        try:
            kept = set_day(point_id=obj.point_id, day=obj.day, boxes=obj.boxes)
        except RoomTakenError as refusal:
            messages.error(request, str(refusal.user_message))
            kept = PointDay.objects.get(point=obj.point_id, day=obj.day)
        obj.pk = kept.pk
        obj.refresh_from_db()


class ReadOnlyAdmin(ModelAdmin):
    """Rows that services write: looked at, never added, changed or deleted."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: services add them."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: what was, was."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: who kept a key when stays written."""
        return False


@admin.register(PointTenure)
class PointTenureAdmin(ReadOnlyAdmin):
    """Who kept which point from when until when."""

    list_display = ("point", "leader", "since", "until", "by")
    list_filter = ("since",)
    list_select_related = ("point", "leader", "by")
    search_fields = ("point__name", "leader__display_name", "leader__phone")


@admin.register(PointHandover)
class PointHandoverAdmin(ReadOnlyAdmin):
    """Points that go to another leader: planned, under way, done."""

    list_display = (
        "point",
        "from_leader",
        "to_leader",
        "on_day",
        "status",
        "groups_moved",
        "orders_moved",
    )
    list_filter = ("status", "on_day")
    list_select_related = ("point", "from_leader", "to_leader")
    search_fields = ("point__name", "from_leader__display_name", "to_leader__display_name")
    actions = ("call_off_planned",)

    @admin.action(description=_("Call off what is planned"), permissions=["plan"])
    def call_off_planned(self, request: HttpRequest, rows: QuerySet[PointHandover]) -> None:
        """Leave the points where they are."""
        ended = sum(call_off(handover_id=row.pk) for row in rows)
        messages.success(request, _("%(count)d called off.") % {"count": ended})

    def has_plan_permission(self, request: HttpRequest) -> bool:
        """Who may change points may call a plan off."""
        return bool(request.user.has_perm("pickup.change_pickuppoint"))


@admin.register(PointHelper)
class PointHelperAdmin(ReadOnlyAdmin):
    """Who helps where, invited by whom."""

    list_display = ("point", "name", "phone_end", "invited_by", "invited_at", "since", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), ("since", admin.EmptyFieldListFilter))
    list_select_related = ("point", "invited_by")
    search_fields = ("name", "phone", "point__name")
    fields = ("point", "name", "phone_end", "invited_by", "invited_at", "since", "ended_at")

    @admin.display(description=_("phone number"))
    def phone_end(self, helper: PointHelper) -> str:
        """Show the last four digits."""
        return f"····{helper.phone_tail}"
