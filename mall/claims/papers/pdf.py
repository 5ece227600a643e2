"""A claim on paper: heading, sums, every line, signatures; as many sheets as it needs."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from mall.claims.models import SubsidyClaim
from mall.claims.papers.heading import (
    facts_of,
    headers,
    rows_of,
    signatures,
    sums_of,
    title_of,
)
from mall.papers.page import MARGIN, WIDTH, Column, Page

_ROW: Final = 12.0
_SIGNING: Final = 120.0
# Left edge, or right edge of money.
_COLUMNS: Final = (
    (MARGIN, False),
    (MARGIN + 24, False),
    (MARGIN + 70, False),
    (MARGIN + 173, False),
    (MARGIN + 284, False),
    (MARGIN + 352, True),
    (MARGIN + 404, True),
    (MARGIN + 456, True),
    (WIDTH - MARGIN, True),
)


def claim_pdf(claim: SubsidyClaim) -> IO[bytes]:
    """Write a claim as PDF into a temporary file and return it, at its beginning.

    The Chinese characters used are in the file itself. Finished sheets are kept compressed, so
    100,000 lines take some tens of megabytes.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    title = title_of(claim)
    page = Page(file, title=f"{title} {claim}", footer=_footer(claim))
    page.title(title)
    _heading(page, claim)
    _lines(page, claim)
    _signatures(page)
    page.finish()
    file.seek(0)
    return file


def _footer(claim: SubsidyClaim) -> str:
    return f"{claim} · SHA-256 {claim.sha256}" if claim.sha256 else str(claim)


def _heading(page: Page, claim: SubsidyClaim) -> None:
    page.space(6)
    for label, value in facts_of(claim):
        page.space(14)
        page.pair(label, value)
    page.space(10)
    page.rule()
    sums = [Column("", MARGIN), Column("", MARGIN + 300, is_right=True)]
    for figure in sums_of(claim):
        page.cells(sums, [figure.label, f"¥{figure.major:,.2f}"], size=10)
        page.space(2)
    page.space(8)


def _lines(page: Page, claim: SubsidyClaim) -> None:
    names = headers()
    columns = [
        Column(name, x, is_right) for name, (x, is_right) in zip(names[:9], _COLUMNS, strict=True)
    ]
    page.headings(columns)
    for row in rows_of(claim):
        if page.left < _ROW:
            page.new_sheet()
            page.headings(columns)
        page.cells(columns, [_shown(value) for value in row[:9]])
        if row[9]:
            page.text(row[9], size=6.5, x=MARGIN + 26, grey=True, gap=3)
    page.rule()


def _shown(value: Any) -> str:
    return f"{value:,.2f}" if hasattr(value, "as_tuple") else str(value)


def _signatures(page: Page) -> None:
    if page.left < _SIGNING:
        page.new_sheet()
    page.text(_("The amounts are as in the books; each line is one payment."), size=8, grey=True)
    for words in signatures():
        page.space(34)
        for position, word in enumerate(words):
            page.pair(f"{word}:", "", x=MARGIN + position * 172)
