"""A poster's sheet: Chinese text that fits, pictures with round corners, prices, a QR code."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Final

import segno
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError
from reportlab.pdfbase.ttfonts import TTFontFile

from mall.papers.page import FONT_FILE

WIDTH, HEIGHT = 750, 1334
PAPER: Final = "#fff7ef"
CARD: Final = "#ffffff"
BRAND: Final = "#c8321a"
BRAND_DEEP: Final = "#9c2310"
BRAND_SOFT: Final = "#fdece6"
SUN_SOFT: Final = "#fff2d4"
LEAF: Final = "#14703a"
INK: Final = "#1f1c19"
INK_2: Final = "#5f5952"
SUNKEN: Final = "#f3efe8"
WHITE: Final = "#ffffff"

Box = tuple[int, int, int, int]


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the papers' Chinese font at a size in pixels."""
    return ImageFont.truetype(str(FONT_FILE), size)


@cache
def _drawable() -> frozenset[int]:
    return frozenset(TTFontFile(str(FONT_FILE)).charToGlyph)


def in_font(text: str) -> str:
    """Leave out what the font has no shape for: an emoji would be printed as a box."""
    known = _drawable()
    return " ".join("".join(each for each in text if ord(each) in known).split())


def wrapped(text: str, *, size: int, width: int, lines: int) -> list[str]:
    """Break a text into at most so many lines of a width; what does not fit ends in dots."""
    text = in_font(text)
    rows: list[str] = []
    measure = font(size).getlength
    while text:
        if len(rows) == lines:
            last = rows[-1]
            while last and measure(f"{last}…") > width:
                last = last[:-1]
            rows[-1] = f"{last}…"
            break
        end = _fitting(text, measure, width)
        rows.append(text[:end].strip())
        text = text[end:].lstrip()
    return rows


def _fitting(text: str, measure: Callable[[str], float], width: int) -> int:
    """Return how many characters fit, breaking between words where there are any."""
    end = len(text)
    while end > 1 and measure(text[:end]) > width:
        end -= 1
    if end < len(text) and text[end - 1].isascii() and text[end].isascii():
        space = text.rfind(" ", 0, end)
        end = space if space > end // 2 else end
    return end


class Sheet:
    """Draws on one picture of 750 by 1334; places are in pixels from the upper left."""

    def __init__(self) -> None:
        """Begin with an empty sheet."""
        self._image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, box: Box, *, fill: str, radius: int = 28) -> None:
        """Fill a box with round corners."""
        self._draw.rounded_rectangle(box, radius=radius, fill=fill)

    def text(  # noqa: PLR0913 - a place, a look and what is to be written
        self,
        at: tuple[int, int],
        words: str,
        *,
        size: int,
        fill: str = INK,
        bold: bool = False,
        width: int = WIDTH,
        lines: int = 1,
    ) -> int:
        """Write words from an upper left corner; return where the next line would begin."""
        x, y = at
        for row in wrapped(words, size=size, width=width, lines=lines):
            stroke = max(1, size // 34) if bold else 0
            self._draw.text((x, y), row, font=font(size), fill=fill, stroke_width=stroke)
            y += round(size * 1.36)
        return y

    def centred(self, y: int, words: str, *, size: int, fill: str = INK, bold: bool = False) -> int:
        """Write one line in the middle."""
        row = wrapped(words, size=size, width=WIDTH - 80, lines=1)
        x = round((WIDTH - font(size).getlength(row[0] if row else "")) / 2)
        return self.text((x, y), words, size=size, fill=fill, bold=bold, width=WIDTH - 80)

    def price(self, at: tuple[int, int], minor: int, *, size: int) -> int:
        """Write a price (fen) with small cents; return where it ends."""
        x, y = at
        small = round(size * 0.6)
        drop = round((size - small) * 1.02)
        whole, odd = f"{minor // 100}", f".{minor % 100:02d}"
        for words, letters, down in (("¥", small, drop), (whole, size, 0), (odd, small, drop)):
            stroke = max(1, letters // 26)
            place = (x, y + down)
            self._draw.text(
                place, words, font=font(letters), fill=BRAND, stroke_width=stroke, stroke_fill=BRAND
            )
            x += round(font(letters).getlength(words)) + 4
        return x

    def struck(self, at: tuple[int, int], words: str, *, size: int) -> None:
        """Write words with a line through them."""
        x, y = at
        self.text(at, words, size=size, fill=INK_2)
        end = x + font(size).getlength(words)
        self._draw.line((x, y + size * 0.66, end, y + size * 0.66), fill=INK_2, width=2)

    def picture(self, name: str, box: Box, *, radius: int = 28) -> bool:
        """Put a stored picture into a box, cut to fit; False (and a plain box) where it cannot."""
        self.box(box, fill=SUNKEN, radius=radius)
        size = (box[2] - box[0], box[3] - box[1])
        found = _opened(name)
        if found is None:
            return False
        fitted = ImageOps.fit(found, size, method=Image.Resampling.LANCZOS)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, *size), radius=radius, fill=255)
        self._image.paste(fitted, box[:2], mask)
        return True

    def qr(self, url: str, at: tuple[int, int], *, size: int) -> None:
        """Draw an address as a QR code on a white card of that size."""
        x, y = at
        self.box((x, y, x + size, y + size), fill=WHITE, radius=18)
        code = segno.make(url, error="m", micro=False)
        modules = code.symbol_size(border=0)[0]
        scale = (size - 36) // modules
        raw = io.BytesIO()
        code.save(raw, kind="png", scale=scale, border=0, dark=INK, light=WHITE)
        drawn = Image.open(raw).convert("RGB")
        edge = (size - drawn.width) // 2
        self._image.paste(drawn, (x + edge, y + edge))

    def jpeg(self) -> bytes:
        """Return the finished sheet as a file."""
        file = io.BytesIO()
        self._image.save(file, "JPEG", quality=86, optimize=True, progressive=True)
        return file.getvalue()


def _opened(name: str) -> Image.Image | None:
    if not name:
        return None
    try:
        with default_storage.open(name) as file:
            return Image.open(file).convert("RGB")
    except (OSError, ValueError, UnidentifiedImageError):
        return None
