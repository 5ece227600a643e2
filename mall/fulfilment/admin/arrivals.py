"""What leaders counted in, in the admin: looked up, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from mall.fulfilment.models import Arrival, ArrivalLine
from mall.promotions.admin import LookUpOnly


class ArrivalLineInline(TabularInline):
    """What was expected and what came."""

    model = ArrivalLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("item", "expected", "received")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


@admin.register(Arrival)
class ArrivalAdmin(LookUpOnly):
    """What leaders counted in."""

    list_display = ("group", "received_by", "received_at")
    list_select_related = ("group__group_buy", "group__pickup_point", "received_by")
    list_filter = ("group__group_buy",)
    search_fields = ("group__share_code", "group__group_buy__title")
    inlines = (ArrivalLineInline,)
