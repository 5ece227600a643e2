"""Looking at a long statement: some of its lines, by kind or by words."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from groupleader.models import CommissionAccrual, SettlementStatement, SupplierDue

# No number of a row is larger in either database.
_NUMBER_MAX: Final = 2**63 - 1


def line_number(text: str | None) -> int | None:
    """Read the number of a line; None for what is none."""
    if not text or not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= _NUMBER_MAX else None


def accruals_shown(
    statement: SettlementStatement, *, show: str = "", words: str = ""
) -> QuerySet[CommissionAccrual]:
    """Return a leader's lines: all, `earned` or `back`, with words in order or goods."""
    lines = statement.accruals.select_related("terms").order_by("accrued_at", "pk")
    if show == "earned":
        lines = lines.filter(amount_minor__gte=0)
    elif show == "back":
        lines = lines.filter(amount_minor__lt=0)
    if words:
        lines = lines.filter(
            Q(terms__order_no__startswith=_plain(words)) | Q(terms__title__icontains=_plain(words))
        )
    return lines


def dues_shown(
    statement: SettlementStatement, *, show: str = "", words: str = ""
) -> QuerySet[SupplierDue]:
    """Return a supplier's lines: all or of one kind, with words in order or goods."""
    lines = statement.dues.order_by("at", "pk")
    if show in SupplierDue.Kind.values:
        lines = lines.filter(kind=show)
    if words:
        lines = lines.filter(
            Q(order_no__startswith=_plain(words)) | Q(title__icontains=_plain(words))
        )
    return lines


def _plain(words: str) -> str:
    """No database takes a zero byte in a text."""
    return words.replace("\x00", "")
