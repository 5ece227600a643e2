"""The list of reasons residents choose from: the mall's own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from mall.aftersales.models import CaseReason


@admin.register(CaseReason)
class ReasonAdmin(ModelAdmin):
    """Written by hand; one that was used is switched off, not deleted."""

    list_display = ("name", "kind", "bearer", "needs_photo", "hours", "is_active", "position")
    list_filter = ("kind", "bearer", "is_active")
    search_fields = ("name", "name_en", "code")
    ordering = ("position", "pk")
    prepopulated_fields = {"code": ("name_en",)}
    compressed_fields = False

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: CaseReason | None = None
    ) -> dict[str, Any]:
        """Offer a code for a new one only."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_readonly_fields(
        self, _request: HttpRequest, obj: CaseReason | None = None
    ) -> list[str]:
        """Keep the code and kind of one that exists: cases and figures know it by them."""
        return ["code", "kind"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: CaseReason | None = None) -> bool:
        """Let only one go that no case ever gave."""
        if obj is not None and obj.cases.exists():
            return False
        return super().has_delete_permission(request, obj)
