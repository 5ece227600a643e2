"""A picture of money flowing: what came on the left, what became of it on the right, to scale.

Numbers only, no styling: the template draws bands between rows of equal height and one pillar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ROW: Final = 64
BAND_WIDTH: Final = 120
_THINNEST: Final = 3.0
_PILLAR_PART: Final = 0.72

# Label, amount as shown, minor units, kind.
Shown = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One source or destination: its words, its share of the whole, and its band's outline."""

    label: str
    amount: str
    kind: str
    percent: float
    is_negative: bool
    band: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Both sides and the height they need."""

    came: list[Row]
    went: list[Row]
    height: int
    pillar_top: float
    pillar_height: float
    band_width: int = BAND_WIDTH


def picture_of(came: Sequence[Shown], went: Sequence[Shown]) -> Picture:
    """Lay out both sides around a pillar as high as what came; pure.

    A negative amount (money somebody else must make good) has a row and no band.
    """
    height = ROW * max(len(came), len(went), 1)
    pillar = height * _PILLAR_PART
    top = (height - pillar) / 2
    return Picture(
        came=list(_rows(came, height=height, pillar=pillar, top=top, is_left=True)),
        went=list(_rows(went, height=height, pillar=pillar, top=top, is_left=False)),
        height=height,
        pillar_top=top,
        pillar_height=pillar,
    )


def _rows(
    side: Sequence[Shown], *, height: float, pillar: float, top: float, is_left: bool
) -> Iterator[Row]:
    whole = sum(max(minor, 0) for _label, _amount, minor, _kind in side) or 1
    first = (height - ROW * len(side)) / 2 + ROW / 2
    at = top
    for number, (label, amount, minor, kind) in enumerate(side):
        part = max(minor, 0) / whole
        thick = max(part * pillar, _THINNEST) if minor > 0 else 0.0
        middle = first + ROW * number
        band = _band(middle, at + part * pillar / 2, thick, is_left=is_left) if minor > 0 else ""
        at += part * pillar
        yield Row(label, amount, kind, round(part * 100, 1), minor < 0, band)


def _band(outside: float, inside: float, thick: float, *, is_left: bool) -> str:
    """Return the outline of a band that swings from a row to its part of the pillar."""
    narrow = min(thick, ROW * 0.7) / 2
    begin, end = (outside, inside) if is_left else (inside, outside)
    at_begin, at_end = (narrow, thick / 2) if is_left else (thick / 2, narrow)
    half = BAND_WIDTH / 2
    return (
        f"M0 {begin - at_begin:.1f}"
        f"C{half} {begin - at_begin:.1f} {half} {end - at_end:.1f} {BAND_WIDTH} {end - at_end:.1f}"
        f"V{end + at_end:.1f}"
        f"C{half} {end + at_end:.1f} {half} {begin + at_begin:.1f} 0 {begin + at_begin:.1f}Z"
    )
