"""Weights and scales in the admin: each weight with what it gave back, each scale with its key."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.fulfilment.admin.weight_form import WeightForm
from mall.fulfilment.errors import ScaleUnknownError
from mall.fulfilment.models import ScaleDevice, Weighing
from mall.fulfilment.scales import create_scale, revoke, rotate_key
from mall.promotions.admin import LookUpOnly
from mall.promotions.wording import yuan
from payments.api import LinliError


@admin.register(Weighing)
class WeighingAdmin(LookUpOnly):
    """What was weighed, by whom or what, and what went back for it."""

    list_display = (
        "line",
        "piece",
        "grams",
        "estimate",
        "off",
        "source",
        "reason",
        "at",
        "undone_at",
    )
    list_select_related = ("line__order", "by", "device")
    list_filter = ("device", ("undone_at", admin.EmptyFieldListFilter))
    search_fields = ("line__order__order_no", "line__title", "refund_no")
    date_hierarchy = "at"
    exclude = ("key", "body_hash")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The mall enters what a leader may not enter alone."""
        return bool(request.user.has_perm("fulfilment.add_weighing"))

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Ask for order and goods by what people know of them."""
        return WeightForm if obj is None else super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the form's fields on a new weight."""
        own = ("order_no", "goods", "piece", "grams", "reason", "wish")
        return own if obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let nothing be changed afterwards."""
        return () if obj is None else super().get_readonly_fields(request, obj)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Say in words what was refused."""
        try:
            found: HttpResponseBase = super().add_view(request, form_url, extra_context)
        except LinliError as refusal:
            self.message_user(request, str(refusal.user_message), messages.ERROR)
            return redirect("admin:fulfilment_weighing_add")
        return found

    def save_model(  # noqa: PLR0917 - Django calls it so
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Write the weight down by the service; what it is lighter goes back at once."""
        del change
        # The page goes on with the row as the service made it.
        vars(obj).update(vars(form.record(by=request.user)))

    @admin.display(description=_("ordered as about (g)"))
    def estimate(self, weighing: Weighing) -> int:
        """Show the estimate of the whole line."""
        return weighing.pieces * (weighing.line.piece_grams or 0)

    @admin.display(description=_("taken off"), ordering="off_minor")
    def off(self, weighing: Weighing) -> str:
        """Show what went back with it."""
        return yuan(weighing.off_minor) if weighing.off_minor else ""

    @admin.display(description=_("weighed by"))
    def source(self, weighing: Weighing) -> str:
        """Name the scale or the person."""
        return str(weighing.device or weighing.by)


@admin.register(ScaleDevice)
class ScaleDeviceAdmin(ModelAdmin):
    """Scales: made known here; the key is shown once, renewed or taken away by an action."""

    list_display = ("name", "device_no", "is_at_depot", "where", "last_seen_at", "revoked_at")
    list_filter = ("is_at_depot", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "device_no")
    fields = ("name", "is_at_depot", "points")
    filter_horizontal = ("points",)
    actions = ("renew_key", "take_key_away")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScaleDevice]:
        """Read the points with them."""
        return super().get_queryset(request).prefetch_related("points")

    @admin.display(description=_("pickup points"))
    def where(self, device: ScaleDevice) -> str:
        """Name its points."""
        return ", ".join(point.name for point in device.points.all())

    def save_model(  # noqa: PLR0917 - Django calls it so
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Make a new scale by the service, and show its key this once."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made, key = create_scale(
            name=obj.name, points=(), by=request.user, is_at_depot=obj.is_at_depot
        )
        # The form goes on with the row as the service made it.
        vars(obj).update(vars(made))
        self._show(request, obj.name, key)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: what it weighed names it."""
        return False

    @admin.action(description=_("Give a new key"), permissions=["change"])
    def renew_key(self, request: HttpRequest, queryset: QuerySet[ScaleDevice]) -> None:
        """Renew keys; those before open for another day."""
        for device in queryset:
            try:
                self._show(request, device.name, rotate_key(device_id=device.pk))
            except ScaleUnknownError:
                text = _now("%(name)s was revoked; make a new scale.") % {"name": device.name}
                self.message_user(request, text, messages.ERROR)

    @admin.action(description=_("Take the key away"), permissions=["change"])
    def take_key_away(self, request: HttpRequest, queryset: QuerySet[ScaleDevice]) -> None:
        """Revoke keys at once."""
        for device in queryset:
            revoke(device_id=device.pk)
        self.message_user(request, _now("These scales are heard no more."), messages.SUCCESS)

    def _show(self, request: HttpRequest, name: str, key: str) -> None:
        text = _now("Key of %(name)s, shown only now: %(key)s") % {"name": name, "key": key}
        self.message_user(request, text, messages.WARNING)
