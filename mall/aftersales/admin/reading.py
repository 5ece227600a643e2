"""What the pages of this room share: rows come from services, and are read here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from mall.aftersales.errors import AskedNothingError
from payments.api import Money

COLOURS: Final = {
    "requested": "warning",
    "approved": "warning",
    "rejected": "danger",
    "refunding": "info",
    "refunded": "success",
    "cancelled": "info",
    "proposed": "warning",
    "running": "info",
    "done": "success",
    "withdrawn": "danger",
}
# More fen than any case has.
_MINOR_MAX: Final = 10**12


def yuan(minor: int | None) -> str:
    """Show 19200 as ¥192.00."""
    return "–" if minor is None else f"¥{Money(minor).major:,.2f}"


def said(request: HttpRequest, name: str, *, most: int = 300) -> str:
    """Return what was typed into a field of a page."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def number(text: str) -> int:
    """Read a whole number typed into a field; what is none is 0."""
    return int(text) if text.isdecimal() and len(text) <= 12 else 0


def fen(text: str) -> int:
    """Read an amount in yuan; nothing typed is 0. AskedNothingError for what is no amount."""
    if not text:
        return 0
    try:
        minor = Money.from_major(Decimal(text.replace(",", ""))).minor
    except (ArithmeticError, ValueError) as error:
        raise AskedNothingError(amount=text) from error
    if not 0 < minor < _MINOR_MAX:
        raise AskedNothingError(amount=text)
    return minor


class ReadingAdmin(ModelAdmin):
    """Rows that services write; nobody adds, changes or deletes them in a form."""

    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: rows come from services."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: what happened is not rewritten."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse: nothing near money is deleted."""
        return False


def may(request: HttpRequest, permission: str) -> bool:
    """Tell whether this person may do it."""
    return bool(request.user.has_perm(permission))


Context = dict[str, Any]
