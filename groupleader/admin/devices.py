"""Telephones at counters and what they told: open conflicts first; a lost one is taken off here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from groupleader.admin.reading import MoneyAdmin, do_each
from groupleader.models import DeviceAct, DeviceKey
from groupleader.portal.act_words import what_happened, what_to_do
from groupleader.services.conflicts import settle_conflict
from groupleader.services.devices import revoke_device


class OutcomeFilter(admin.SimpleListFilter):
    """What somebody has to look at."""

    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, *_args: Any) -> list[tuple[str, Any]]:
        """Offer open conflicts, those dealt with, and what went through."""
        return [
            ("open", _("Open conflicts")),
            ("settled", _("Conflicts dealt with")),
            ("done", _("Done")),
            ("taken", _("Being worked on")),
        ]

    def queryset(self, _request: HttpRequest, rows: QuerySet[DeviceAct]) -> QuerySet[DeviceAct]:
        """Narrow the list down."""
        value = self.value()
        if value in {"open", "settled"}:
            return rows.filter(end="conflict", settled_at__isnull=value == "open")
        return rows.filter(end=value) if value in {"done", "taken"} else rows


@admin.register(DeviceAct)
class DeviceActAdmin(MoneyAdmin):
    """What telephones told, exactly as they signed it."""

    list_display = (
        "received_at",
        "user",
        "kind",
        "order_no",
        "end",
        "happened",
        "at",
        "settled_at",
    )
    list_filter = (OutcomeFilter, "kind")
    search_fields = ("order_no", "act_id", "user__display_name", "device__name")
    list_select_related = ("user",)
    actions: ClassVar[tuple[str, ...]] = ("settle",)
    fields = (
        "user",
        "device",
        "kind",
        "order_no",
        "group_id",
        "end",
        "happened",
        "advice",
        "at",
        "received_at",
        "seq",
        "text",
        "signature",
        "settled_at",
        "settled_by",
        "settled_note",
    )

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Let those act who may change such rows, though nobody edits one."""
        return bool(request.user.has_perm("groupleader.change_deviceact"))

    @admin.display(description=_("what happened"))
    def happened(self, act: DeviceAct) -> str:
        """Say what stood in its way."""
        return what_happened(act) if act.end == DeviceAct.End.CONFLICT else "–"

    @admin.display(description=_("what to do"))
    def advice(self, act: DeviceAct) -> str:
        """Say what the leader was told to do."""
        return what_to_do(act) if act.end == DeviceAct.End.CONFLICT else "–"

    @admin.action(description=_("Mark as dealt with"), permissions=["settle"])
    def settle(self, request: HttpRequest, queryset: QuerySet[DeviceAct]) -> None:
        """Close conflicts for their people."""
        do_each(
            request,
            queryset.filter(end=DeviceAct.End.CONFLICT),
            lambda act: settle_conflict(act=act, by=request.user, note="office"),
            then=lambda act: self.log_change(request, act, "settled"),
        )


@admin.register(DeviceKey)
class DeviceKeyAdmin(MoneyAdmin):
    """Telephones that may work without a connection."""

    list_display = ("name", "user", "last_seq", "refused", "created_at", "seen_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "ref", "user__display_name", "user__phone")
    list_select_related = ("user",)
    actions: ClassVar[tuple[str, ...]] = ("revoke",)
    fields = ("user", "name", "ref", "last_seq", "refused", "created_at", "seen_at", "revoked_at")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Let those act who may change such rows, though nobody edits one."""
        return bool(request.user.has_perm("groupleader.change_devicekey"))

    @admin.action(description=_("Take off the list and sign out"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[DeviceKey]) -> None:
        """Take lost telephones off."""
        do_each(
            request,
            queryset,
            lambda device: revoke_device(device=device, by=request.user),
            then=lambda device: self.log_change(request, device, "revoked"),
        )
