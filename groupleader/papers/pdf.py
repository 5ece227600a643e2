"""A statement on paper: heading, lines by kind, tax, totals in figures and words, signatures."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from groupleader.models import SettlementStatement
from groupleader.papers.content import (
    Row,
    facts_of,
    headers,
    in_words,
    sections_of,
    shown,
    signatures,
    sums_of,
    tax_of,
    title_of,
)
from mall.api import PAPER_MARGIN, PAPER_WIDTH, PaperColumn, PaperPage

_ROW: Final = 12.0
_ENDING: Final = 250.0
_TITLE_MAX: Final = 26
_LEFT, _RIGHT = PAPER_MARGIN, PAPER_WIDTH - PAPER_MARGIN
# Left edge, or right edge of figures.
_COLUMNS: Final = (
    (_LEFT, False),
    (_LEFT + 52, False),
    (_LEFT + 160, False),
    (_LEFT + 338, True),
    (_LEFT + 400, True),
    (_LEFT + 452, True),
    (_RIGHT, True),
)


def statement_pdf(statement: SettlementStatement) -> IO[bytes]:
    """Write a statement as PDF into a temporary file and return it, at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    title = title_of(statement)
    page = PaperPage(file, title=f"{title} {statement.statement_no}", footer=_footer(statement))
    page.title(title)
    page.space(6)
    for label, value in facts_of(statement):
        page.space(14)
        page.pair(label, value)
    page.space(12)
    _lines(page, statement)
    _ending(page, statement)
    page.finish()
    file.seek(0)
    return file


def _footer(statement: SettlementStatement) -> str:
    return f"{statement.statement_no} · {statement.party.name} · {statement.period}"


def _lines(page: PaperPage, statement: SettlementStatement) -> None:
    columns = [
        PaperColumn(name, x, is_right)
        for name, (x, is_right) in zip(headers(), _COLUMNS, strict=True)
    ]
    page.headings(columns)
    for section in sections_of(statement):
        for row in section.read():
            if page.left < _ROW:
                page.new_sheet()
                page.headings(columns)
            page.cells(columns, _cells(row))
        if section.count:
            if page.left < _ROW:
                page.new_sheet()
                page.headings(columns)
            label = f"{section.title} ({section.count})"
            page.cells(columns, ["", "", label, "", "", "", shown(section.minor)], size=8.5)
            page.rule()


def _cells(row: Row) -> list[Any]:
    return [
        row.day.isoformat(),
        row.order_no,
        row.title[:_TITLE_MAX],
        "" if row.quantity is None else row.quantity,
        "" if row.base_minor is None else shown(row.base_minor),
        row.rate,
        shown(row.minor),
    ]


def _ending(page: PaperPage, statement: SettlementStatement) -> None:
    if page.left < _ENDING:
        page.new_sheet()
    columns = [
        PaperColumn("", _LEFT),
        PaperColumn("", _LEFT + 300, is_right=True),
        PaperColumn("", _RIGHT, is_right=True),
    ]
    page.space(10)
    page.text(_("How the tax was computed"), size=10)
    for step in tax_of(statement):
        page.cells(columns, [step.label, step.detail, shown(step.minor)], size=8.5)
    page.rule()
    for label, minor in sums_of(statement):
        page.cells(columns, [label, "", f"¥{shown(minor)}"], size=10)
    page.text(in_words(statement), size=11)
    page.text(_("The amounts are as in the books."), size=8, grey=True)
    page.space(24)
    for position, word in enumerate(signatures(statement)):
        page.pair(f"{word}:", "", x=_LEFT + position * 128)
