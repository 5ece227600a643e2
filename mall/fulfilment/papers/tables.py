"""Tables that go on paper: written as a workbook for a spreadsheet or as printed A4 sheets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from mall.papers.page import MARGIN, WIDTH, Column, Page
from mall.papers.workbook import Sheet, Strong, workbook

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Final = {"xlsx": XLSX, "pdf": "application/pdf"}
_ROW: Final = 12.5
_SIZE: Final = 8.0
# What a Chinese character is wide at this size, and half of it for the others.
_EM: Final = _SIZE
_GAP: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column: its title, its share of the width, and whether it holds figures."""

    title: Any
    width: int
    is_right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: a name, columns, and rows; Strong rows are headings or subtotals in it."""

    name: str
    columns: Sequence[Heading]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is printed together: a title, facts, tables one after the other."""

    title: str
    facts: Sequence[tuple[Any, Any]]
    tables: Sequence[Table]
    footer: str = ""


def write(paper: Paper, form: str) -> IO[bytes]:
    """Write a paper as "xlsx" or "pdf" and return the open file; ValueError for other forms."""
    if form not in KINDS:
        raise ValueError(f"no paper is written as {form}")
    return _xlsx(paper) if form == "xlsx" else _pdf(paper)


def _xlsx(paper: Paper) -> IO[bytes]:
    return workbook(
        [
            Sheet(
                name=table.name,
                title=f"{paper.title} · {table.name}",
                columns=[(heading.title, heading.width) for heading in table.columns],
                rows=table.rows,
                facts=paper.facts,
            )
            for table in paper.tables
        ]
    )


def _pdf(paper: Paper) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    page = Page(file, title=paper.title, footer=paper.footer or paper.title)
    for number, table in enumerate(paper.tables):
        if number:
            page.new_sheet()
        page.title(f"{paper.title} · {table.name}", size=15)
        page.space(4)
        for label, value in paper.facts:
            page.space(12)
            page.pair(label, value)
        page.space(8)
        _rows(page, table)
    page.finish()
    file.seek(0)
    return file


def _rows(page: Page, table: Table) -> None:
    columns = _placed(table.columns)
    room = _room(table.columns)
    page.headings(columns)
    for row in table.rows:
        is_strong = isinstance(row, Strong)
        if page.left < (_ROW * 3 if is_strong else _ROW):
            page.new_sheet()
            page.headings(columns)
        if is_strong:
            page.rule()
        cells = [_clipped(value, width) for value, width in zip(row, room, strict=False)]
        cells += [""] * (len(columns) - len(cells))
        page.cells(columns, cells, size=_SIZE + 1 if is_strong else _SIZE)
    page.rule()


def _placed(headings: Sequence[Heading]) -> list[Column]:
    """Return the columns with their places on the page, left edge or right edge of figures."""
    unit = (WIDTH - 2 * MARGIN) / sum(heading.width for heading in headings)
    x, placed = MARGIN, []
    for heading in headings:
        width = heading.width * unit
        edge = x + width - _GAP if heading.is_right else x
        placed.append(Column(str(heading.title), edge, heading.is_right))
        x += width
    return placed


def _room(headings: Sequence[Heading]) -> list[float]:
    """Return how wide each cell may be, in Chinese characters."""
    unit = (WIDTH - 2 * MARGIN) / sum(heading.width for heading in headings)
    return [(heading.width * unit - _GAP) / _EM for heading in headings]


def _clipped(value: Any, room: float) -> str:
    """Cut a text that would run into the next column."""
    words = "" if value is None else str(value)
    if len(words) <= room:
        return words
    width = 0.0
    for number, letter in enumerate(words):
        width += 1.0 if ord(letter) > 0x2E7F else 0.56
        if width > room:
            return words[: max(number - 1, 1)] + "…"
    return words
