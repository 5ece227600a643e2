"""A printed page: A4, Chinese that travels with the file, text and figures drawn in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT: Final = "LinliSansSC"
FONT_FILE: Final = Path(__file__).resolve().parent / "fonts" / "LinliSansSC.ttf"
WIDTH, HEIGHT = A4
MARGIN: Final = 42.0
GREY: Final = 0.45
RULE: Final = 0.8

# Streams as they are: writing them in letters for machines of seven bits took half of a paper's
# time and a quarter more room.
rl_config.useA85 = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed table: its heading, where it begins or ends, and on which side."""

    title: str
    x: float
    is_right: bool = False


@cache
def register_font() -> str:
    """Make the font known once in a process; return its name."""
    pdfmetrics.registerFont(TTFont(FONT, FONT_FILE))
    return FONT


class Page:
    """Draws from the top down; a new sheet begins by itself when one is full."""

    def __init__(self, file: IO[bytes], *, title: str, footer: str) -> None:
        """Begin the first sheet."""
        self._canvas = Canvas(file, pagesize=A4, pageCompression=1)
        self._canvas.setTitle(title)
        self._font = register_font()
        self._footer = footer
        self._number = 1
        self.y = HEIGHT - MARGIN

    @property
    def left(self) -> float:
        """How much is left on this sheet, in points."""
        return self.y - MARGIN - 18

    def text(
        self, words: Any, *, size: float = 9, x: float = MARGIN, grey: bool = False, gap: float = 5
    ) -> None:
        """Write a line of words, and go below it."""
        self.y -= size
        self._put(str(words), x=x, size=size, grey=grey)
        self.y -= gap

    def title(self, words: Any, *, size: float = 17) -> None:
        """Write a line in the middle of the sheet."""
        self.y -= size
        self._canvas.setFont(self._font, size)
        self._canvas.drawCentredString(WIDTH / 2, self.y, str(words))
        self.y -= 10

    def pair(self, label: Any, value: Any, *, x: float = MARGIN, width: float = 96) -> None:
        """Write a label and beside it its value; stay on the line."""
        self._put(str(label), x=x, size=9, grey=True)
        self._put(str(value), x=x + width, size=9)

    def cells(self, columns: Sequence[Column], values: Sequence[Any], *, size: float = 7.5) -> None:
        """Write one row of a table, and go below it."""
        self.y -= size
        self._canvas.setFont(self._font, size)
        for column, value in zip(columns, values, strict=True):
            if column.is_right:
                self._canvas.drawRightString(column.x, self.y, str(value))
            else:
                self._canvas.drawString(column.x, self.y, str(value))
        self.y -= 4.5

    def headings(self, columns: Sequence[Column]) -> None:
        """Write a table's headings between two rules."""
        self.rule()
        self.cells(columns, [column.title for column in columns], size=6.8)
        self.rule()

    def rule(self) -> None:
        """Draw a thin line across the sheet."""
        self._canvas.setLineWidth(0.5)
        self._canvas.setStrokeGray(1 - RULE)
        self._canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)
        self.y -= 4

    def bar(self, *, x: float, width: float, height: float = 7, grey: float = 0.55) -> None:
        """Draw a bar on the line just written, for a figure beside it."""
        self._canvas.setFillGray(grey)
        self._canvas.rect(x, self.y + 4, width, height, stroke=0, fill=1)
        self._canvas.setFillGray(0)

    def space(self, points: float) -> None:
        """Go down."""
        self.y -= points

    def new_sheet(self) -> None:
        """End this sheet and begin the next."""
        self._end_sheet()
        self._number += 1
        self.y = HEIGHT - MARGIN

    def finish(self) -> None:
        """End the last sheet and write the file."""
        self._end_sheet()
        self._canvas.save()

    def _end_sheet(self) -> None:
        self.y = MARGIN - 8
        self._put(self._footer, x=MARGIN, size=7, grey=True)
        self._canvas.setFillGray(GREY)
        self._canvas.drawRightString(WIDTH - MARGIN, self.y, str(self._number))
        self._canvas.setFillGray(0)
        self._canvas.showPage()

    def _put(self, words: str, *, x: float, size: float, grey: bool = False) -> None:
        self._canvas.setFont(self._font, size)
        self._canvas.setFillGray(GREY if grey else 0)
        self._canvas.drawString(x, self.y, words)
        self._canvas.setFillGray(0)
