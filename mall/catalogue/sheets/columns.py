"""The columns of the goods' sheet: what each is called, holds and means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from payments.admin.spreadsheets import spreadsheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its name in the program, its heading, an example, and whether it must be filled."""

    key: str
    heading: Promise
    example: str = ""
    is_required: bool = False


COLUMNS: Final[Sequence[Column]] = (
    Column(key="upc", heading=_("Code"), example="LZ-001", is_required=True),
    Column(key="title", heading=_("Product"), example="海南妃子笑荔枝 5 斤", is_required=True),
    Column(key="category", heading=_("Category"), example="水果", is_required=True),
    Column(
        key="supplier",
        heading=pgettext_lazy("of goods", "Supplier"),
        example="青禾果蔬专业合作社",
        is_required=True,
    ),
    Column(key="sales_unit", heading=_("Sold by"), example="箱", is_required=True),
    Column(key="price", heading=_("Price (yuan)"), example="49.00", is_required=True),
    Column(key="cost", heading=_("Cost (yuan)"), example="36.50"),
    Column(key="stock", heading=_("In stock at first"), example="200"),
    Column(key="net_grams", heading=_("Net weight (g)"), example="2500"),
    Column(key="is_weighed", heading=_("Priced by weight (yes or empty)")),
    Column(key="storage", heading=_("Storage"), example="冷藏"),
    Column(key="shelf_life_days", heading=_("Shelf life (days)"), example="5"),
    Column(key="pieces_per_box", heading=_("Pieces per box"), example="4"),
    Column(key="origin", heading=_("Origin"), example="海南"),
    Column(key="producer", heading=pgettext_lazy("of goods", "Producer"), example="青禾果园"),
    Column(key="organic_certificate", heading=_("Organic certificate")),
    Column(key="allergens", heading=_("Allergens")),
    Column(key="keeping", heading=_("Keeping advice"), example="到家后放冰箱冷藏，三天内吃完。"),
    Column(key="short_text", heading=_("Selling point"), example="清晨采摘，次日到"),
    Column(key="keywords", heading=_("Also called"), example="离枝"),
    Column(key="title_en", heading=_("English title"), example="Hainan lychee, 2.5 kg"),
    Column(key="description", heading=_("Description")),
)


def headings() -> list[str]:
    """Return the headings in the reader's language."""
    return [str(column.heading) for column in COLUMNS]


def key_of_heading() -> dict[str, str]:
    """Return which column each heading names, in Chinese, in English, or by the program's name."""
    found = {column.key: column.key for column in COLUMNS}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {_plain(str(column.heading)): column.key for column in COLUMNS}
    return found


def column_of(heading: object, known: dict[str, str]) -> str | None:
    """Return the column a heading names, however it is spaced."""
    return known.get(_plain(str(heading or "")))


def template_file() -> HttpResponseBase:
    """Return the empty sheet with one example to write over."""
    example = [column.example for column in COLUMNS]
    return spreadsheet("xlsx", name="goods", headers=headings(), rows=[example])


def _plain(heading: str) -> str:
    return "".join(heading.split()).lower()
