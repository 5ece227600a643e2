"""Hand-overs in the admin: who gave what, what was undone and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from mall.fulfilment.models import Collection, CollectionLine
from mall.promotions.admin import LookUpOnly


class CollectionLineInline(TabularInline):
    """Which pieces she took."""

    model = CollectionLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("line", "quantity")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


@admin.register(Collection)
class CollectionAdmin(LookUpOnly):
    """Who handed what over, and what was undone and why."""

    list_display = ("order", "means", "is_last", "handed_over_by", "at", "undone_at", "undo_reason")
    list_select_related = ("order", "handed_over_by")
    exclude = ("key",)
    inlines = (CollectionLineInline,)
    list_filter = ("means", "is_last", ("undone_at", admin.EmptyFieldListFilter))
    search_fields = ("order__order_no",)
