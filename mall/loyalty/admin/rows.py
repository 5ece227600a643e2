"""Accounts, entries, lots and orders' points in the admin: to look up, changed by nobody."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from mall.loyalty.models import OrderEarning, PointsAccount, PointsEntry, PointsLot, PointsUse
from mall.promotions.admin import LookUpOnly
from mall.promotions.wording import yuan


@admin.register(PointsAccount)
class PointsAccountAdmin(LookUpOnly):
    """What residents have, to look up."""

    list_display = ("resident", "balance", "debt", "moves")
    search_fields = ("resident__phone", "resident__display_name")
    list_select_related = ("resident",)


@admin.register(PointsEntry)
class PointsEntryAdmin(LookUpOnly):
    """How points came and went, to look up."""

    list_display = ("account", "kind", "points", "after", "order_no", "note", "at")
    list_filter = ("kind",)
    search_fields = ("order_no", "key", "account__resident__phone")
    list_select_related = ("account__resident",)


@admin.register(PointsLot)
class PointsLotAdmin(LookUpOnly):
    """What expires when, to look up."""

    list_display = ("account", "granted", "left", "came_on", "expires_on")
    search_fields = ("account__resident__phone",)
    list_select_related = ("account__resident",)


@admin.register(PointsUse)
class PointsUseAdmin(LookUpOnly):
    """Points on orders, to look up."""

    list_display = ("order_no", "account", "state", "points", "took_off", "returned_points")
    list_filter = ("state",)
    search_fields = ("order_no", "account__resident__phone")
    list_select_related = ("account__resident",)

    @admin.display(description=_("took off"))
    def took_off(self, use: PointsUse) -> str:
        """Show the discount."""
        return yuan(use.minor)


@admin.register(OrderEarning)
class OrderEarningAdmin(LookUpOnly):
    """What orders earned, to look up."""

    list_display = ("order_no", "account", "state", "day", "percent", "granted", "lost", "taken")
    list_filter = ("state",)
    search_fields = ("order_no", "account__resident__phone")
    list_select_related = ("account__resident",)
