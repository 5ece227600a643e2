"""Communities and pickup points in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.pickup.models import Community, PickupPoint
from payments.api import business_date


@admin.register(Community)
class CommunityAdmin(ModelAdmin):
    """Where neighbours live."""

    list_display = ("name", "district", "city")
    list_filter = ("city", "district")
    search_fields = ("name", "district", "city")


@admin.register(PickupPoint)
class PickupPointAdmin(ModelAdmin):
    """Where goods are collected, and by whom they are kept."""

    list_display = (
        "name",
        "community",
        "leader",
        "opening_hours_text",
        "takes_orders_now",
        "active",
    )
    list_filter = ("active", "is_open", "community__district", "community")
    list_select_related = ("community", "leader")
    search_fields = ("name", "address", "community__name", "leader__display_name", "leader__phone")
    autocomplete_fields = ("community", "also_serves", "leader")
    actions = ("open_for_orders", "close_for_orders")
    fieldsets = (
        (None, {"fields": ("name", "community", "also_serves", "leader", "phone", "active")}),
        (_("Place"), {"fields": ("address", "latitude", "longitude")}),
        (_("Hours"), {"fields": ("hours_from", "hours_until", "hours_note", "is_open")}),
        (_("Holiday"), {"fields": ("holiday_from", "holiday_until")}),
    )

    @admin.display(description=_("opening hours"))
    def opening_hours_text(self, point: PickupPoint) -> str:
        """Show the hours as residents see them."""
        return point.opening_hours

    @admin.display(description=_("takes orders"), boolean=True)
    def takes_orders_now(self, point: PickupPoint) -> bool:
        """Tell whether it takes orders today."""
        return point.takes_orders(business_date())

    @admin.action(description=_("Open for new orders"))
    def open_for_orders(self, request: HttpRequest, points: QuerySet[PickupPoint]) -> None:
        """Take the closed sign down."""
        del request
        points.update(is_open=True)

    @admin.action(description=_("Close for new orders"))
    def close_for_orders(self, request: HttpRequest, points: QuerySet[PickupPoint]) -> None:
        """Put the closed sign up; old orders go on."""
        del request
        points.update(is_open=False)
