"""What leaders told their groups: read by staff, stopped; the right taken away and given back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from groupleader.admin.reading import MoneyAdmin, do_each
from groupleader.models import Broadcast, BroadcastStop
from groupleader.services.broadcasts import stop_broadcast, stop_leader
from mall.api import figures_of_batches

_LABELS = {
    Broadcast.State.SENDING: "info",
    Broadcast.State.SENT: "success",
    Broadcast.State.STOPPED: "warning",
}


@admin.register(Broadcast)
class BroadcastAdmin(MoneyAdmin):
    """Words of leaders to their groups, newest first."""

    list_display = (
        "created_at",
        "leader",
        "group_title",
        "whom",
        "text",
        "shown_state",
        "people",
        "told",
    )
    list_filter = ("state", "whom", "created_at")
    search_fields = ("leader__name", "group_title", "text")
    list_select_related = ("leader",)
    date_hierarchy = "created_at"
    fields = (
        "leader",
        "group_title",
        "whom",
        "text",
        "state",
        "people",
        "told",
        "read",
        "created_at",
        "ended_at",
    )
    readonly_fields = ("read",)
    actions = ("stop",)

    def has_stop_permission(self, request: HttpRequest) -> bool:
        """Who may change broadcasts may stop one."""
        return bool(request.user.has_perm("groupleader.change_broadcast"))

    @display(description=_("state"), label=_LABELS)
    def shown_state(self, broadcast: Broadcast) -> tuple[str, str]:
        """Colour how far it is."""
        return broadcast.state, broadcast.get_state_display()

    @display(description=_("read by"))
    def read(self, broadcast: Broadcast) -> int:
        """Count who has read it."""
        found = figures_of_batches([broadcast.batch]).get(broadcast.batch)
        return found.read if found else 0

    @action(description=_("Stop: tell nobody more"), permissions=["stop"])
    def stop(self, request: HttpRequest, chosen: QuerySet[Broadcast]) -> None:
        """Stop what is being sent."""
        do_each(
            request,
            chosen,
            lambda broadcast: stop_broadcast(broadcast=broadcast),
            then=lambda broadcast: self.log_change(request, broadcast, "stopped"),
        )


@admin.register(BroadcastStop)
class BroadcastStopAdmin(ModelAdmin):
    """Leaders who may tell groups nothing: added with a reason, deleted to give the right back."""

    list_display = ("leader", "because", "since", "by")
    search_fields = ("leader__name", "because")
    list_select_related = ("leader", "by")
    autocomplete_fields = ("leader",)
    fields = ("leader", "because")

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse: the reason she read stays the reason."""
        return False

    def save_model(self, request: HttpRequest, obj: BroadcastStop, *_form_and_change: Any) -> None:
        """Take the right away; what is being sent stops, too."""
        stop = stop_leader(leader=obj.leader, because=obj.because, by=request.user)
        obj.pk = stop.pk
