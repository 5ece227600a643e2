"""What the pages of this room share: read only, scoped to the bank's unit, money in yuan."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from mall.banks.scope import owned_by, sees_every_unit, unit_of
from payments.api import Money

COLOURS = {
    "draft": "info",
    "issued": "warning",
    "sent": "warning",
    "part_paid": "warning",
    "paid": "success",
    "closed": "success",
    "proposed": "warning",
    "confirmed": "success",
    "refused": "danger",
}


def yuan(minor: int | None) -> str:
    """Show 19200 as ¥192.00 and -1600 as −¥16.00."""
    if minor is None:
        return "–"
    sign = "−" if minor < 0 else ""
    return f"{sign}¥{Money(abs(minor)).major:,.2f}"


class ScopedAdmin(ModelAdmin):
    """Rows near money: a bank's people read their own unit's, the mall's people all."""

    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = False
    scoped_through = "owner"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let in who may view, and a bank's person whose unit it is."""
        is_let_in = super().has_view_permission(request, obj) or unit_of(request.user) is not None
        if obj is None or not is_let_in or sees_every_unit(request.user):
            return is_let_in
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the room to whoever may view in it."""
        return self.has_view_permission(request)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: rows come from services."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: what happened is not rewritten."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: nothing near money is deleted."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show a bank's people what their unit owns."""
        rows = super().get_queryset(request)
        return owned_by(rows, request.user, through=self.scoped_through)


def may(request: HttpRequest, permission: str) -> bool:
    """Tell whether somebody of the mall may do this; a bank's people only read."""
    return sees_every_unit(request.user) and request.user.has_perm(permission)
