"""Bag labels as PDF: for a label printer 80 mm or 58 mm wide, or ten on a sheet of A4."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Final

from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from mall.fulfilment.labels import Label
from mall.fulfilment.papers.bag_codes import pdf_bars, side_of
from mall.papers.page import FONT, register_font

_EDGE: Final = 3 * mm
_SMALL: Final = 5.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A label's size in points, how large its QR is, and how many goods fit."""

    width: float
    height: float
    qr: float
    goods: int


SIZES: Final = {
    "80": Size(width=80 * mm, height=50 * mm, qr=22 * mm, goods=4),
    "58": Size(width=58 * mm, height=40 * mm, qr=18 * mm, goods=3),
}
# A sheet of paper in two columns and five rows, to be cut along the thin lines.
SHEET: Final = "A4"
_COLUMNS, _ROWS = 2, 5
_CELL: Final = (A4[0] / _COLUMNS, A4[1] / _ROWS)


def label_pdf(labels: Iterable[Label], *, width: str) -> IO[bytes]:
    """Write labels into a temporary file and return it.

    ``width`` is "80" or "58", a roll of so many millimetres with one label a page, or "A4".
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    size = SIZES.get(width, SIZES["80"])
    pages = A4 if width == SHEET else (size.width, size.height)
    canvas = Canvas(file, pagesize=pages, pageCompression=1)
    canvas.setTitle(_("Labels"))
    register_font()
    if width == SHEET:
        _sheets(canvas, labels, size=size)
    else:
        for label in labels:
            _draw(canvas, label, size=size)
            canvas.showPage()
    canvas.save()
    file.seek(0)
    return file


def _sheets(canvas: Canvas, labels: Iterable[Label], *, size: Size) -> None:
    """Draw ten labels a sheet, row by row, with lines to cut along."""
    wide, high = _CELL
    for number, label in enumerate(labels):
        column, row = number % _COLUMNS, number // _COLUMNS % _ROWS
        if not (column or row):
            if number:
                canvas.showPage()
            _cutting_lines(canvas)
        canvas.saveState()
        left, low = column * wide, A4[1] - (row + 1) * high
        canvas.translate(left + (wide - size.width) / 2, low + (high - size.height) / 2)
        _draw(canvas, label, size=size)
        canvas.restoreState()
    canvas.showPage()


def _cutting_lines(canvas: Canvas) -> None:
    wide, high = _CELL
    canvas.setLineWidth(0.4)
    canvas.setStrokeGray(0.6)
    canvas.setDash(2, 3)
    canvas.line(wide, 0, wide, A4[1])
    for row in range(1, _ROWS):
        canvas.line(0, row * high, A4[0], row * high)
    canvas.setDash()


def _draw(canvas: Canvas, label: Label, *, size: Size) -> None:
    """Draw one label from the lower left; its words are one text, each at its place."""
    big = size.height / 4.6
    top = size.height - _EDGE
    y = top - big * 1.45
    text = canvas.beginText()
    text.setFont(FONT, big)
    _put(text, label.shelf or "–", x=_EDGE, y=top - big * 0.85)
    text.setFont(FONT, big * 0.42)
    _put(text, f"{label.name}  {label.phone_tail}", x=_EDGE, y=y)
    text.setFont(FONT, big * 0.5)
    of_how_many = f"{label.n}/{label.m}"
    right = size.width - _EDGE - stringWidth(of_how_many, FONT, big * 0.5)
    _put(text, of_how_many, x=right, y=top - big * 0.5)
    if label.is_cold:
        y = _cold(canvas, text, label, y=y, size=size)
    text.setFont(FONT, 6.5)
    _goods(text, label, y=y, size=size)
    text.setFont(FONT, _SMALL)
    _put(text, _foot(label, room=size.width - size.qr - 3 * _EDGE), x=_EDGE, y=_EDGE)
    canvas.drawText(text)
    _code(canvas, label, size=size)


def _foot(label: Label, *, room: float) -> str:
    """Return the bag's code and as much of the point's name as fits before the QR.

    Its margin has to stay white: readers need it.
    """
    left = room - stringWidth(f"{label.code} · ", FONT, _SMALL)
    letters = int(left / _SMALL)  # Chinese ones are as wide as high
    return f"{label.code} · {label.point[:letters]}" if letters > 0 else label.code


def _put(text: PDFTextObject, words: str, *, x: float, y: float) -> None:
    text.setTextOrigin(x, y)
    text.textOut(words)


def _cold(canvas: Canvas, text: PDFTextObject, label: Label, *, y: float, size: Size) -> float:
    """Write the way of keeping white on black: it must be seen in a heap of bags."""
    height = size.height / 10
    y -= height * 1.35
    canvas.rect(_EDGE, y, size.width - size.qr - 3 * _EDGE, height, stroke=0, fill=1)
    text.setFillGray(1)
    text.setFont(FONT, height * 0.68)
    _put(text, label.storage_word, x=_EDGE + 3, y=y + height * 0.26)
    text.setFillGray(0)
    return y


def _goods(text: PDFTextObject, label: Label, *, y: float, size: Size) -> None:
    room = int((size.width - size.qr - 3 * _EDGE) / 6.5) - 2
    y -= 2
    for title, pieces in label.goods[: size.goods]:
        y -= 8.5
        if y < _EDGE + 7:
            return
        _put(text, f"{title[:room]} ×{pieces}", x=_EDGE, y=y)


def _code(canvas: Canvas, label: Label, *, size: Size) -> None:
    """Draw the QR as one path in its own measure: a module is one."""
    module = size.qr / side_of(len(label.url))
    canvas.saveState()
    canvas.translate(size.width - _EDGE - size.qr, _EDGE + size.qr)
    canvas.scale(module, -module)
    canvas.addLiteral(pdf_bars(label.url) + "f")
    canvas.restoreState()
