"""How the three posters look."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from mall.storefront.posters.sheet import (
    BRAND,
    BRAND_DEEP,
    BRAND_SOFT,
    CARD,
    HEIGHT,
    INK,
    INK_2,
    LEAF,
    SUN_SOFT,
    WHITE,
    WIDTH,
    Sheet,
)
from mall.storefront.templatetags.money import short_yen

# Changes with every change of the look, so that kept posters are drawn anew.
LOOK: Final = 1
_EDGE: Final = 40


class Kind(StrEnum):
    """What a poster is about."""

    GROUP = "group"
    ITEM = "item"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterItem:
    """One of the goods on a poster; fen. ``picture`` is a name in the storage."""

    title: str
    picture: str
    price_minor: int
    strike_minor: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """Everything that is written on a poster. No person's name is ever part of it."""

    kind: Kind
    shop: str
    place: str
    address: str
    title: str
    cutoff: str
    pickup: str
    call: str
    url: str
    cover: str = ""
    items: tuple[PosterItem, ...] = ()

    @property
    def version(self) -> str:
        """Return a name for exactly this content and look: the same name is the same picture."""
        content = json.dumps([LOOK, asdict(self)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:20]


def draw(poster: Poster) -> bytes:
    """Return the poster as a JPEG of 750 by 1334."""
    sheet = Sheet()
    _head(sheet, poster)
    _BODIES[poster.kind](sheet, poster)
    _foot(sheet, poster)
    return sheet.jpeg()


def _head(sheet: Sheet, poster: Poster) -> None:
    sheet.box((_EDGE, 34, _EDGE + 56, 90), fill=BRAND, radius=16)
    sheet.text((_EDGE + 12, 43), poster.shop[:1], size=32, fill=WHITE, bold=True)
    sheet.text((_EDGE + 74, 34), poster.shop, size=26, fill=INK, bold=True, width=560)
    sheet.text((_EDGE + 74, 66), poster.place, size=22, fill=INK_2, width=560)


def _foot(sheet: Sheet, poster: Poster) -> None:
    """Say where, when and how: the code to hold on lies where the thumb is."""
    top = HEIGHT - 268
    sheet.box((_EDGE, top, WIDTH - _EDGE, HEIGHT - 34), fill=CARD)
    sheet.qr(poster.url, (WIDTH - _EDGE - 214, top + 10), size=204)
    x, width = _EDGE + 28, 400
    y = sheet.text((x, top + 26), poster.call, size=28, bold=True, width=width, lines=2)
    y = sheet.text((x, y + 6), poster.pickup, size=23, fill=LEAF, bold=True, width=width, lines=2)
    sheet.text((x, y + 4), poster.address, size=21, fill=INK_2, width=width, lines=2)


def _cutoff(sheet: Sheet, poster: Poster, y: int) -> int:
    sheet.box((_EDGE, y, WIDTH - _EDGE, y + 62), fill=BRAND_SOFT, radius=18)
    sheet.text((_EDGE + 24, y + 13), poster.cutoff, size=27, fill=BRAND_DEEP, bold=True, width=600)
    return y + 62


def _group(sheet: Sheet, poster: Poster) -> None:
    y = 116
    if poster.cover and sheet.picture(poster.cover, (_EDGE, y, WIDTH - _EDGE, y + 300)):
        y += 322
    y = sheet.text((_EDGE, y), poster.title, size=44, bold=True, width=670, lines=2) + 8
    y = _cutoff(sheet, poster, y) + 18
    room = (HEIGHT - 290 - y) // 128
    for item in poster.items[:room]:
        _row(sheet, item, y)
        y += 128


def _row(sheet: Sheet, item: PosterItem, y: int) -> None:
    sheet.box((_EDGE, y, WIDTH - _EDGE, y + 116), fill=CARD, radius=22)
    sheet.picture(item.picture, (_EDGE + 10, y + 10, _EDGE + 106, y + 106), radius=16)
    x = _EDGE + 126
    sheet.text((x, y + 14), item.title, size=26, bold=True, width=520)
    end = sheet.price((x, y + 58), item.price_minor, size=38)
    if item.strike_minor:
        sheet.struck((end + 12, y + 72), short_yen(item.strike_minor), size=22)
    elif item.note:
        sheet.text((end + 14, y + 70), item.note, size=22, fill=INK_2, width=WIDTH - end - 100)


def _item(sheet: Sheet, poster: Poster) -> None:
    item = poster.items[0]
    sheet.picture(item.picture, (_EDGE, 116, WIDTH - _EDGE, 116 + 560))
    y = sheet.text((_EDGE, 700), item.title, size=42, bold=True, width=670, lines=2) + 4
    end = sheet.price((_EDGE, y), item.price_minor, size=72)
    if item.strike_minor:
        sheet.struck((end + 16, y + 42), short_yen(item.strike_minor), size=28)
    if item.note:
        x = end + (130 if item.strike_minor else 18)
        sheet.text((x, y + 38), item.note, size=25, fill=INK_2, width=WIDTH - x - _EDGE)
    _cutoff(sheet, poster, y + 104)


def _arrived(sheet: Sheet, poster: Poster) -> None:
    sheet.box((_EDGE, 116, WIDTH - _EDGE, 470), fill=SUN_SOFT, radius=36)
    y = sheet.centred(176, poster.title, size=74, fill=BRAND, bold=True)
    y = sheet.centred(y + 14, poster.pickup, size=36, bold=True)
    sheet.centred(y + 6, poster.place, size=30, fill=INK_2)
    y = 500
    for item in poster.items[:4]:
        sheet.box((_EDGE, y, WIDTH - _EDGE, y + 124), fill=CARD, radius=22)
        sheet.picture(item.picture, (_EDGE + 12, y + 12, _EDGE + 112, y + 112), radius=16)
        sheet.text((_EDGE + 132, y + 26), item.title, size=28, bold=True, width=520, lines=2)
        y += 138


_BODIES: Final = {Kind.GROUP: _group, Kind.ITEM: _item, Kind.ARRIVED: _arrived}
