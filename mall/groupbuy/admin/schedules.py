"""Sales that come again: the rule, and the next dates it makes, before anybody relies on them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.groupbuy.copying import Dates
from mall.groupbuy.models import SaleSchedule
from mall.groupbuy.recurring_sales import next_dates
from payments.api import local


@admin.register(SaleSchedule)
class SaleScheduleAdmin(ModelAdmin):
    """A rule, a group buy to copy, and what comes of it."""

    list_display = ("name", "template", "rule", "next_opening", "made", "last_problem", "active")
    list_filter = ("active", "schedules_them")
    list_select_related = ("template",)
    search_fields = ("name", "template__title", "template__code")
    autocomplete_fields = ("template",)
    readonly_fields = ("coming", "last_problem")
    actions = ("pause", "go_on")
    fieldsets = (
        (None, {"fields": ("name", "template", ("active", "schedules_them"))}),
        (_("When"), {"fields": (("starts_at", "rule"), ("sells_minutes", "pickup_after_days"))}),
        (_("Making them"), {"fields": ("ahead_days", "coming", "last_problem")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SaleSchedule]:
        """Count what was made in the same query."""
        return super().get_queryset(request).annotate(sales=Count("group_buys"))

    @admin.display(description=_("sales made"), ordering="sales")
    def made(self, rhythm: SaleSchedule) -> int:
        """Show how many sales came of it so far."""
        return rhythm.sales

    @admin.display(description=_("next opening"))
    def next_opening(self, rhythm: SaleSchedule) -> str:
        """Show when the next sale opens."""
        dates = _dates(rhythm, most=1)
        return f"{local(dates[0].opens_at):%Y-%m-%d %H:%M}" if dates else "–"

    @admin.display(description=_("next dates"))
    def coming(self, rhythm: SaleSchedule) -> str:
        """List the next ten: opening, cut-off, pickup day."""
        if rhythm.pk is None:
            return str(_("Save to see the next dates."))
        rows = (
            (
                f"{local(each.opens_at):%Y-%m-%d %a %H:%M}",
                f"{local(each.closes_at):%m-%d %H:%M}",
                f"{each.pickup_on:%m-%d %a}",
            )
            for each in _dates(rhythm, most=10)
        )
        return format_html_join("", "<div>{} → {} → {}</div>", rows) or str(_("No more dates."))

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, chosen: QuerySet[SaleSchedule]) -> None:
        """Make no more sales for now."""
        del request
        chosen.update(active=False)

    @admin.action(description=_("Go on"), permissions=["change"])
    def go_on(self, request: HttpRequest, chosen: QuerySet[SaleSchedule]) -> None:
        """Make sales again; openings that passed meanwhile are not made."""
        del request
        chosen.update(active=True)


def _dates(rhythm: SaleSchedule, *, most: int) -> list[Dates]:
    try:
        return next_dates(rhythm, most=most)
    except ValueError:
        return []
