"""Whose telephone numbers leaders asked for: read by staff, changed by nobody."""

from __future__ import annotations

from django.contrib import admin

from groupleader.admin.reading import MoneyAdmin
from groupleader.models import NumberAsked


@admin.register(NumberAsked)
class NumberAskedAdmin(MoneyAdmin):
    """Each number a leader saw to call a neighbour whose bag waits."""

    list_display = ("asked_at", "leader", "order_no")
    list_filter = ("asked_at",)
    search_fields = ("leader__name", "order_no")
    list_select_related = ("leader",)
    date_hierarchy = "asked_at"
    fields = ("leader", "order_no", "asked_at")
