"""How prices and costs changed, and what was really paid: to read, never to write."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mall.catalogue.models import DealDay, PriceChange
from payments.admin.spreadsheets import spreadsheet
from payments.api import Money, local


class _ToRead(ModelAdmin):  # type: ignore[misc]
    """Rows the program writes."""

    def has_add_permission(self, *_args: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False


@admin.register(PriceChange)
class PriceChangeAdmin(_ToRead):
    """Every change of a price or a cost."""

    list_display = ("at", "product", "supplier", "what", "amount", "by")
    list_filter = ("what", "at")
    list_select_related = ("stockrecord__product", "stockrecord__partner", "by")
    search_fields = ("stockrecord__product__title", "stockrecord__partner__name")
    date_hierarchy = "at"
    actions = ("export_xlsx",)

    @admin.display(description=_("product"), ordering="stockrecord__product__title")
    def product(self, change: PriceChange) -> str:
        """Name the product."""
        return str(change.stockrecord.product.get_title())

    @admin.display(description=_("supplier"))
    def supplier(self, change: PriceChange) -> str:
        """Name the supplier."""
        return str(change.stockrecord.partner.name)

    @admin.display(description=_("amount (yuan)"), ordering="minor")
    def amount(self, change: PriceChange) -> str:
        """Show yuan."""
        return str(Money(change.minor).major)

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, changes: QuerySet[PriceChange]) -> HttpResponseBase:
        """Give the chosen rows as a sheet."""
        headers = [_now("When"), _now("Product"), _now("Figure"), _now("Amount (yuan)"), _now("By")]
        rows = (
            [
                f"{local(row.at):%Y-%m-%d %H:%M}",
                row.stockrecord.product.get_title(),
                str(row.get_what_display()),
                Money(row.minor).major,
                str(row.by or ""),
            ]
            for row in changes.select_related("stockrecord__product", "by").iterator()
        )
        return spreadsheet("xlsx", name="prices", headers=headers, rows=rows)


@admin.register(DealDay)
class DealDayAdmin(_ToRead):
    """What goods were really sold for, by day: the proof of struck-through prices."""

    list_display = ("day", "product", "lowest", "highest", "pieces")
    list_filter = ("day",)
    list_select_related = ("product",)
    search_fields = ("product__title", "product__upc")
    date_hierarchy = "day"
    actions = ("export_xlsx",)

    @admin.display(description=_("lowest (yuan)"), ordering="lowest_minor")
    def lowest(self, day: DealDay) -> str:
        """Show yuan."""
        return str(Money(day.lowest_minor).major)

    @admin.display(description=_("highest (yuan)"), ordering="highest_minor")
    def highest(self, day: DealDay) -> str:
        """Show yuan."""
        return str(Money(day.highest_minor).major)

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, days: QuerySet[DealDay]) -> HttpResponseBase:
        """Give the chosen days as a sheet."""
        headers = [
            _now("Day"),
            _now("Product"),
            _now("Lowest (yuan)"),
            _now("Highest (yuan)"),
            _now("Pieces"),
        ]
        rows = (
            [
                row.day,
                row.product.get_title(),
                Money(row.lowest_minor).major,
                Money(row.highest_minor).major,
                row.pieces,
            ]
            for row in days.select_related("product").iterator()
        )
        return spreadsheet("xlsx", name="deals", headers=headers, rows=rows)
