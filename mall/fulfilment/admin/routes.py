"""Routes in the admin: the points a van goes to, in order, and who drives."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from mall.fulfilment.models import Route, RouteStop


class RouteStopInline(TabularInline):
    """The points, driven to in the order of their positions."""

    model = RouteStop
    extra = 0
    autocomplete_fields = ("pickup_point",)
    fields = ("position", "pickup_point")
    ordering_field = "position"
    hide_ordering_field = False


@admin.register(Route)
class RouteAdmin(ModelAdmin):
    """Planned rounds follow a route that is changed; rounds already sent keep what they had."""

    list_display = ("name", "driver_name", "driver_phone", "vehicle", "stop_count", "is_default")
    list_filter = ("is_default", "active")
    search_fields = ("name", "driver_name", "driver_phone", "stops__pickup_point__name")
    search_help_text = _("Route, driver, or pickup point")
    inlines = (RouteStopInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Route]:
        """Count the stops with them."""
        return super().get_queryset(request).annotate(n=Count("stops"))

    @admin.display(description=_("stops"), ordering="n")
    def stop_count(self, route: Route) -> int:
        """Show how many points it goes to."""
        return int(getattr(route, "n", 0))
