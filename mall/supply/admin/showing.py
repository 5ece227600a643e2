"""What the pages of purchase share: read only, states in colour, what was typed made safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest
from unfold.admin import ModelAdmin

from mall.supply.errors import CountError
from payments.api import Money

COLOURS: Final = {
    "draft": "info",
    "sent": "warning",
    "acknowledged": "success",
    "answered_short": "danger",
    "delivered": "success",
    "closed": "success",
    "void": "info",
    "pending": "warning",
    "approved": "success",
    "refused": "danger",
    "proposed": "warning",
    "booked": "success",
    "applied": "warning",
    "normal": "success",
    "frozen": "danger",
}


class ReadOnlyAdmin(ModelAdmin):
    """Rows that services write: shown, searched, never typed over."""

    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = False

    class Media:
        """The look of the pages."""

        css = {"all": ("claims/claims.css",)}

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: rows come from services."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: what went out is not rewritten."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: papers are kept."""
        return False

    def found(self, request: HttpRequest, pk: Any) -> Any:
        """Return the row of a page; 404, or PermissionDenied for who may not look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        return row


def yuan(minor: int | None) -> str:
    """Show 19200 as ¥192.00 and -1600 as −¥16.00."""
    if minor is None:
        return "–"
    sign = "−" if minor < 0 else ""
    return f"{sign}¥{Money(abs(minor)).major:,.2f}"


def require(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied for who may not do it."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def said(post: Mapping[str, str], name: str, *, most: int = 200) -> str:
    """Return what was typed, short and without what no database takes."""
    return post.get(name, "").replace("\x00", "").strip()[:most]


def numbers_of(post: Mapping[str, str], prefix: str) -> dict[int, int]:
    """Read the whole numbers typed into fields named prefix and a primary key.

    CountError for what is no number of at most nine digits.
    """
    found = {}
    for name, value in post.items():
        key = name.removeprefix(prefix)
        typed = value.strip().removeprefix("+")
        if not name.startswith(prefix) or not key.isdecimal() or len(key) > 18 or not typed:
            continue
        digits = typed.removeprefix("-")
        if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
            raise CountError
        found[int(key)] = int(typed)
    return found
