"""How money, people and instants are shown to staff: ¥ and fen, masks, Shanghai's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from payments.kernel.clock import local
from payments.kernel.money import Money

NOTHING = "–"


def yuan(minor: int | None, currency: str = "CNY") -> str:
    """Show 19200 as ¥192.00, -1600 as −¥16.00, another currency by its code, nothing as a dash."""
    if minor is None:
        return NOTHING
    sign = "−" if minor < 0 else ""
    amount = Money(abs(minor), currency)
    shown = f"{amount.major:,.{len(amount.to_major_str().partition('.')[2])}f}"
    return f"{sign}¥{shown}" if currency == "CNY" else f"{sign}{currency} {shown}"


def mask_name(name: str) -> str:
    """Show the first character of a name: 王** for a name of three."""
    return name[:1] + "*" * min(len(name) - 1, 2) if name else NOTHING


def clock(at: datetime | None) -> str:
    """Show an instant as Shanghai's clock does, to the second."""
    return f"{local(at):%Y-%m-%d %H:%M:%S}" if at else NOTHING


def link_to(row: Model | None, text: str = "") -> str | SafeString:
    """Link to a row's page in the admin."""
    if row is None:
        return NOTHING
    meta = row._meta  # noqa: SLF001 - Django documents it
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return anchor(url, text or str(row))


def anchor(url: str, text: str | Promise) -> SafeString:
    """Link with the look of a link."""
    return format_html(
        '<a class="text-primary-600 underline dark:text-primary-500" href="{}">{}</a>', url, text
    )


@dataclass(frozen=True)
class Table:
    """A titled table on a page: headers, and rows of cells as they are shown."""

    title: str | Promise
    headers: Sequence[str | Promise]
    rows: Sequence[Sequence[Any]]

    @property
    def data(self) -> dict[str, Any]:
        """Return what unfold's table component takes."""
        return {"headers": list(self.headers), "rows": [list(row) for row in self.rows]}


def table(
    title: str | Promise, headers: Sequence[str | Promise], rows: Iterable[Sequence[Any]]
) -> Table:
    """Make a table, reading the rows now."""
    return Table(title, headers, list(rows))
