"""Hand-overs in the admin: who gave what, what was undone and why."""

from __future__ import annotations

from django.contrib import admin

from mall.fulfilment.models import Collection
from mall.promotions.admin import LookUpOnly


@admin.register(Collection)
class CollectionAdmin(LookUpOnly):
    """Who handed what over, and what was undone and why."""

    list_display = ("order", "means", "handed_over_by", "at", "undone_at", "undo_reason")
    list_select_related = ("order", "handed_over_by")
    list_filter = ("means", ("undone_at", admin.EmptyFieldListFilter))
    search_fields = ("order__order_no",)
