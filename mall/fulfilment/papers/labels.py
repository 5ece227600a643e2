"""Bag labels as PDF for a label printer: 80 mm or 58 mm wide, one bag a label."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Final

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from mall.fulfilment.labels import Label, qr_of
from mall.papers.page import register_font

_EDGE: Final = 3 * mm


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


def label_pdf(labels: Iterable[Label], *, width: str) -> IO[bytes]:
    """Write labels of one width ("80" or "58") into a temporary file and return it."""
    size = SIZES[width]
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    canvas = Canvas(file, pagesize=(size.width, size.height), pageCompression=1)
    canvas.setTitle(_("Labels"))
    font = register_font()
    for label in labels:
        _draw(canvas, label, size=size, font=font)
        canvas.showPage()
    canvas.save()
    file.seek(0)
    return file


def _draw(canvas: Canvas, label: Label, *, size: Size, font: str) -> None:
    big = size.height / 4.6
    top = size.height - _EDGE
    canvas.setFont(font, big)
    canvas.drawString(_EDGE, top - big * 0.85, label.shelf or "–")
    canvas.setFont(font, big * 0.5)
    canvas.drawRightString(size.width - _EDGE, top - big * 0.5, f"{label.n}/{label.m}")
    y = top - big * 1.45
    canvas.setFont(font, big * 0.42)
    canvas.drawString(_EDGE, y, f"{label.name}  {label.phone_tail}")
    if label.is_cold:
        y = _cold(canvas, label, y=y, size=size, font=font)
    _goods(canvas, label, y=y, size=size, font=font)
    _code(canvas, label, size=size)
    canvas.setFont(font, 5.5)
    canvas.drawString(_EDGE, _EDGE, f"{label.point} · {label.code}"[:40])


def _cold(canvas: Canvas, label: Label, *, y: float, size: Size, font: str) -> float:
    """Write the way of keeping white on black: it must be seen in a heap of bags."""
    height = size.height / 10
    y -= height * 1.35
    canvas.rect(_EDGE, y, size.width - size.qr - 3 * _EDGE, height, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.setFont(font, height * 0.68)
    canvas.drawString(_EDGE + 3, y + height * 0.26, label.storage_word)
    canvas.setFillGray(0)
    return y


def _goods(canvas: Canvas, label: Label, *, y: float, size: Size, font: str) -> None:
    canvas.setFont(font, 6.5)
    room = int((size.width - size.qr - 3 * _EDGE) / 6.5) - 2
    for title, pieces in label.goods[: size.goods]:
        y -= 8.5
        if y < _EDGE + 7:
            return
        canvas.drawString(_EDGE, y, f"{title[:room]} ×{pieces}")


def _code(canvas: Canvas, label: Label, *, size: Size) -> None:
    """Draw the QR, runs of dark modules as one bar each, in its own measure: a module is one."""
    matrix = list(qr_of(label).matrix)
    module = size.qr / len(matrix)
    bars = canvas.beginPath()
    for row_number, row in enumerate(matrix):
        for is_dark, run in groupby(enumerate(row), key=lambda place: place[1]):
            if is_dark:
                columns = [column for column, _dark in run]
                bars.rect(columns[0], row_number, len(columns), 1)
    canvas.saveState()
    canvas.translate(size.width - _EDGE - size.qr, _EDGE + size.qr)
    canvas.scale(module, -module)
    canvas.drawPath(bars, stroke=0, fill=1)
    canvas.restoreState()
