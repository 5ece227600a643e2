"""The QR codes of many labels at once: of a thousand addresses only the bags' codes differ.

A QR of one size and mask is linear: one other bit in its text turns over the same modules each
time, those of its error correction with them. So what each bit turns over is asked of segno once,
and every further code is put together from that, some hundred times as fast.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import segno

# Readers read every mask alike; comparing all eight would take four fifths of the time.
MASK: Final = 0
# Survives a crease in the paper.
CORRECTION: Final = "m"
_OCTET: Final = 8


@lru_cache(maxsize=8)
def side_of(length: int) -> int:
    """Return how many modules a side of the code of so many letters has."""
    return len(_drawn(bytes(length)))


def pdf_bars(text: str) -> str:
    """Return the dark modules of a text's QR as PDF rectangles, one unit a module, row 0 on top.

    The text is ASCII, as an address is; UnicodeEncodeError for another.
    """
    return _bars(text, "{x} {y} {width} 1 re ")


def svg_path(text: str) -> str:
    """Return the same as an SVG path."""
    return _bars(text, "M{x} {y}h{width}v1h-{width}z")


def _bars(text: str, shape: str) -> str:
    letters = text.encode("ascii")
    side = side_of(len(letters))
    stride = -(-side // _OCTET)
    octets = _modules(letters).to_bytes(side * stride, "big")
    return "".join(
        _bar(shape, place // stride, place % stride, octet=octet)
        for place, octet in enumerate(octets)
        if octet
    )


def _modules(letters: bytes) -> int:
    """Return all modules as one number, each row filled up to whole octets."""
    found = _of_nothing(len(letters))
    for place, letter in enumerate(letters):
        found ^= _turned_over(len(letters), place, letter)
    return found


@lru_cache(maxsize=8)
def _of_nothing(length: int) -> int:
    return _number(bytes(length))


@lru_cache(maxsize=8192)
def _turned_over(length: int, place: int, letter: int) -> int:
    """Return what this letter turns over here: what each of its bits does, together."""
    found = 0
    for bit in range(_OCTET):
        if letter >> bit & 1:
            found ^= _turned_over_by_bit(length, place, bit)
    return found


@lru_cache(maxsize=4096)
def _turned_over_by_bit(length: int, place: int, bit: int) -> int:
    letters = bytearray(length)
    letters[place] = 1 << bit
    return _number(bytes(letters)) ^ _of_nothing(length)


def _number(letters: bytes) -> int:
    rows = _drawn(letters)
    filled = -len(rows) % _OCTET
    bits = "".join("".join(map(str, row)) + "0" * filled for row in rows)
    return int(bits, 2)


def _drawn(letters: bytes) -> tuple[bytearray, ...]:
    code = segno.make(letters, error=CORRECTION, micro=False, mask=MASK, mode="byte")
    return code.matrix


@cache
def _bar(shape: str, row: int, column: int, *, octet: int) -> str:
    """Return the bars of eight modules: neighbours of one row are one bar."""
    bits = f"{octet:08b}"
    bars, place = "", 0
    while (place := bits.find("1", place)) >= 0:
        width = len(bits[place:]) - len(bits[place:].lstrip("1"))
        bars += shape.format(x=column * _OCTET + place, y=row, width=width)
        place += width
    return bars
