"""Which of a sale's goods a word of a chat means: by title, part of it, code or pinyin. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mall.catalogue.spelling import written_out
from mall.groupbuy.capture_words import FIRST_MARK, GENERIC_UNITS, LAST_MARK, tidy_line

_CODE: Final = re.compile(r"[a-z0-9]*[-a-z][-a-z0-9]+")
_LATIN: Final = re.compile(r"[a-z]+")
_NO_LATIN_BEFORE: Final = r"(?<![a-z0-9])"
_NO_LATIN_AFTER: Final = r"(?![a-z0-9-])"
_HAN: Final = re.compile("[\u3400-\u9fff]")
_NOT_WANTED: Final = ("不", "不要", "没", "没有", "别")
_PINYIN_MIN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureItem:
    """What of an item a chat may name; pinyin and initials as the catalogue keeps them."""

    item_id: int
    title: str
    sales_unit: str = ""
    pinyin: str = ""
    initials: str = ""
    codes: tuple[str, ...] = ()

    def is_sold_by(self, unit: str) -> bool:
        """Tell whether a chat's unit means one piece of it."""
        return unit in GENERIC_UNITS or unit == self.sales_unit


class Names:
    """The names of a sale's goods, ready to be looked up."""

    def __init__(self, items: Sequence[CaptureItem]) -> None:
        """Take the items of the sale."""
        self._items = list(items)[: LAST_MARK - FIRST_MARK]
        self._titles = [_squeezed(tidy_line(item.title)) for item in self._items]
        self._find = lru_cache(maxsize=4096)(self._found)
        self._marks = self._sure_names()

    @property
    def only(self) -> CaptureItem | None:
        """Return the sale's only item, if it has one only."""
        return self._items[0] if len(self._items) == 1 else None

    def mark(self, line: str) -> str:
        """Put one mark in place of every whole title and every code: their digits count nothing."""
        for name, mark in self._marks:
            if name in line:
                edges = ("", "") if _HAN.search(name) else (_NO_LATIN_BEFORE, _NO_LATIN_AFTER)
                line = re.sub(re.escape(name).join(edges), f" {mark} ", line)
        return line

    def find(self, text: str, *, is_first: bool) -> list[CaptureItem]:
        """Return the items a word may mean: none, the one it surely means, or several.

        The first word of a line is a person's name unless it is written like goods: how it sounds
        does not count there.
        """
        if len(text) == 1 and FIRST_MARK <= ord(text) < LAST_MARK:
            return [self._items[ord(text) - FIRST_MARK]]
        return [self._items[at] for at in self._find(_squeezed(text), is_first)]

    def ending_of(self, text: str) -> tuple[str, list[CaptureItem]]:
        """Take a text apart into a head and the goods it ends with; no goods: nothing found."""
        for at in range(1, len(text) - 1):
            found = self._written(_squeezed(text[at:]))
            if found and not text[:at].endswith(_NOT_WANTED):
                return text[:at], [self._items[each] for each in found]
        return text, []

    def is_spec(self, item: CaptureItem, count: str) -> bool:
        """Tell whether a number with its unit is only a part of the title (eggs, 30枚)."""
        written = _squeezed(count).lstrip("x*+")
        return not written.isdigit() and written in _squeezed(tidy_line(item.title))

    def _found(self, text: str, is_first: bool) -> tuple[int, ...]:  # noqa: FBT001 - for the cache
        if len(text) < 2:
            return ()
        for looks in (self._written, *(() if is_first else (self._sounding,))):
            found = looks(text)
            if found:
                return found
        return ()

    def _written(self, text: str) -> tuple[int, ...]:
        if exact := [at for at, title in enumerate(self._titles) if title == text]:
            return tuple(exact)
        if _LATIN.fullmatch(text):
            return self._abbreviated(text)
        inside = [at for at, title in enumerate(self._titles) if text in title]
        return tuple(inside)

    def _abbreviated(self, text: str) -> tuple[int, ...]:
        by_initials = [at for at, item in enumerate(self._items) if text in item.initials]
        if by_initials or len(text) < _PINYIN_MIN:
            return tuple(by_initials)
        return tuple(at for at, item in enumerate(self._items) if text in item.pinyin)

    def _sounding(self, text: str) -> tuple[int, ...]:
        """Find what was typed with the wrong character: it still sounds the same."""
        if not _HAN.search(text):
            return ()
        sound = "".join(written_out(text))
        if len(sound) < _PINYIN_MIN:
            return ()
        return tuple(at for at, item in enumerate(self._items) if sound in item.pinyin)

    def _sure_names(self) -> list[tuple[str, str]]:
        """Return whole titles and codes, longest first, with their marks."""
        sure = []
        for at, item in enumerate(self._items):
            mark = chr(FIRST_MARK + at)
            title = tidy_line(item.title)
            names = {title, _squeezed(title)} if len(title) > 1 else set()
            codes = {tidy_line(code) for code in item.codes}
            names |= {code for code in codes if len(code) > 2 and _CODE.fullmatch(code)}
            sure += [(name, mark) for name in names]
        return sorted(sure, key=lambda each: (-len(each[0]), each))


def _squeezed(text: str) -> str:
    return text.replace(" ", "")
