"""Finding goods by Chinese characters, pinyin or its initials: 荔枝, lizhi, lz."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pypinyin import Style, lazy_pinyin

_WHOLE: Final = 10
_PAIR: Final = 3
_PINYIN: Final = 2
_INITIALS: Final = 1


@dataclass(frozen=True, kw_only=True)
class SearchText:
    """What one product can be found by, all in lower case."""

    title: str
    pinyin: str
    initials: str


def search_text(title: str) -> SearchText:
    """Write a title out as it may be typed: 荔枝 5 斤 is also "lizhi5jin" and "lz5j"."""
    title = title.lower()
    letters = "".join(lazy_pinyin(title)).lower()
    initials = "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower()
    return SearchText(title=title, pinyin=_dense(letters), initials=_dense(initials))


def score(query: str, text: SearchText) -> int:
    """Say how well a text answers a query; 0 is no answer.

    10 for the whole, 3 per pair of characters, 2 for pinyin, 1 for initials.
    """
    wanted = query.strip().lower()
    if not wanted:
        return 0
    points = _WHOLE if wanted in text.title else 0
    if not wanted.isascii():
        points += _PAIR * sum(pair in text.title for pair in _pairs(wanted))
        return points
    wanted = _dense(wanted)
    points += _PINYIN if wanted and wanted in text.pinyin else 0
    points += _INITIALS if wanted and wanted in text.initials else 0
    return points


def best_first(query: str, texts: Iterable[SearchText]) -> list[int]:
    """Return the positions of the texts that answer a query, best first, ties in given order."""
    scores = [(score(query, text), position) for position, text in enumerate(texts)]
    found = sorted((each for each in scores if each[0]), key=lambda each: (-each[0], each[1]))
    return [position for _points, position in found]


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _dense(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
