"""Purchase orders to print: one after the other, each on sheets of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.papers.page import MARGIN, WIDTH, Column, Page
from mall.supply.models import PurchaseOrder
from mall.supply.papers.content import (
    PaperLine,
    facts_of,
    lines_of,
    sums_of,
    title_of,
)

_ROW: Final = 13.0
_SIGNING: Final = 90.0
_POINTS_A_LINE: Final = 4


def purchase_pdf(purchases: Sequence[PurchaseOrder]) -> IO[bytes]:
    """Write orders as one PDF into a temporary file and return it, at its beginning.

    The Chinese characters used are in the file itself. ValueError for none.
    """
    if not purchases:
        raise ValueError("nothing to print")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    title = " ".join(each.purchase_no for each in purchases[:3])
    page = Page(file, title=title, footer=_("Purchase order"))
    for number, purchase in enumerate(purchases):
        if number:
            page.new_sheet()
        _order(page, purchase)
    page.finish()
    file.seek(0)
    return file


def _order(page: Page, purchase: PurchaseOrder) -> None:
    page.title(title_of(purchase))
    page.space(6)
    for label, value in facts_of(purchase):
        page.space(14)
        page.pair(label, value, width=110)
    page.space(10)
    page.rule()
    sums = [Column("", MARGIN), Column("", MARGIN + 260, is_right=True)]
    for label, value in sums_of(purchase):
        page.cells(sums, [label, value], size=10)
        page.space(2)
    page.space(8)
    _lines(page, lines_of(purchase))
    _signatures(page)


def _lines(page: Page, lines: Iterable[PaperLine]) -> None:
    columns = _columns()
    page.headings(columns)
    for line in lines:
        if page.left < _ROW * 2:
            page.new_sheet()
            page.headings(columns)
        page.cells(columns, _cells(line), size=8.5)
        _points(page, line, columns)
    page.rule()


def _points(page: Page, line: PaperLine, columns: Sequence[Column]) -> None:
    """Write below a line how it is kept cold and where its pieces go, a few on each row."""
    parts = [line.storage] if line.is_cold else []
    parts += [f"{part.point} {part.pieces}" for part in line.points]
    for start in range(0, len(parts), _POINTS_A_LINE):
        if page.left < _ROW:
            page.new_sheet()
            page.headings(columns)
        words = "   ".join(parts[start : start + _POINTS_A_LINE])
        page.text(words, size=7, x=MARGIN + 24, grey=True, gap=3)


def _columns() -> list[Column]:
    return [
        Column(_("No."), MARGIN),
        Column(_("Product"), MARGIN + 24),
        Column(_("Unit"), MARGIN + 232),
        Column(_("Pieces"), MARGIN + 306, is_right=True),
        Column(pgettext("goods", "Cases"), MARGIN + 368, is_right=True),
        Column(_("Weight (kg)"), MARGIN + 424, is_right=True),
        Column(_("Cost per unit"), MARGIN + 464, is_right=True),
        Column(_("Cost"), WIDTH - MARGIN, is_right=True),
    ]


def _cells(line: PaperLine) -> list[str]:
    return [
        str(line.number),
        line.title[:24],
        line.unit[:6],
        f"{line.pieces:,}",
        line.cases,
        _("unknown") if line.kilograms is None else f"{line.kilograms:,.2f}",
        f"{line.unit_cost:,.2f}",
        f"{line.cost:,.2f}",
    ]


def _signatures(page: Page) -> None:
    if page.left < _SIGNING:
        page.new_sheet()
    page.space(30)
    for position, word in enumerate((_("Delivered by"), _("Received by"), _("Date and seal"))):
        page.pair(f"{word}:", "", x=MARGIN + position * 172)
    page.space(10)
