"""The groups of leaders and their chains: looked at in the admin, moved by what residents do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from mall.groupbuy.models import CaptureInbox, CaptureLine, Entry, LeaderGroup, WaitingPlace
from payments.api import Money


class LookedAt(ModelAdmin):
    """Rows that staff read and services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Groups come with their sale, entries with paid orders."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Counters and numbers are not typed."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What residents did stays."""
        del request, obj
        return False


@admin.register(LeaderGroup)
class LeaderGroupAdmin(LookedAt):
    """One leader's run of a sale."""

    list_display = (
        "share_code",
        "group_buy",
        "pickup_point",
        "leader",
        "state",
        "joined_count",
        "order_count",
        "amount",
    )
    list_filter = ("state", "pickup_point", "group_buy__pickup_on")
    list_select_related = ("group_buy", "pickup_point", "leader")
    search_fields = (
        "share_code",
        "group_buy__title",
        "group_buy__code",
        "pickup_point__name",
        "leader__display_name",
    )

    @admin.display(description=_("goods amount"), ordering="amount_minor")
    def amount(self, group: LeaderGroup) -> str:
        """Show yuan."""
        return f"¥{Money(group.amount_minor).to_major_str()}"


@admin.register(Entry)
class EntryAdmin(LookedAt):
    """The lines of the sign-up chains."""

    list_display = ("number", "group", "masked_name", "summary", "order_no", "at", "withdrawn_at")
    list_filter = ("group__group_buy", "group__pickup_point")
    list_select_related = ("group__group_buy", "group__pickup_point")
    search_fields = ("order_no", "masked_name", "summary", "group__share_code")
    date_hierarchy = "at"


@admin.register(WaitingPlace)
class WaitingPlaceAdmin(LookedAt):
    """Who waits for room at a full point, in the order of asking."""

    list_display = ("group", "resident", "boxes", "joined_at", "told_at", "over_at")
    list_filter = (("over_at", admin.EmptyFieldListFilter), "group__pickup_point", "joined_at")
    list_select_related = ("group__group_buy", "group__pickup_point", "resident")
    search_fields = ("group__share_code", "group__group_buy__title", "resident__display_name")


class CaptureLineInline(TabularInline):
    """The lines of a pasted chain."""

    model = CaptureLine
    fields = ("position", "raw", "name", "items", "problems", "state", "order_no")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Lines come with the text."""
        del request, obj
        return False


@admin.register(CaptureInbox)
class CaptureInboxAdmin(LookedAt):
    """What leaders pasted from their chats, and what came of it."""

    list_display = ("group", "pasted_by", "at")
    list_filter = ("group__pickup_point", "at")
    list_select_related = ("group__group_buy", "group__pickup_point", "pasted_by")
    search_fields = ("group__share_code", "text", "lines__order_no", "pasted_by__display_name")
    inlines = (CaptureLineInline,)
