"""How well goods answer what somebody typed: points, most for the name itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mall.catalogue.spelling import (
    folded,
    initials_of,
    is_chinese,
    is_near,
    syllables_of,
    words_in,
    written_out,
)

WHOLE: Final = 100
_BEGINS, _PAIRS, _SAID, _SAID_ABOUT, _WORD, _BEGUN, _INITIALS, _TYPO = (
    20,
    60,
    50,
    40,
    80,
    60,
    30,
    15,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """The texts one product is judged by, tidy; those beside its name count for half."""

    name: str
    beside: tuple[str, ...] = ()


def points(query: str, goods: Findable) -> int:
    """Say how well goods answer a tidy query; 0 is no answer. Every word must find something."""
    words = words_in(query)
    found = [_word_points(word, goods) for word in words]
    return sum(found) if found and all(found) else 0


def _word_points(word: str, goods: Findable) -> int:
    own = _text_points(word, goods.name)
    beside = max((_text_points(word, text) for text in goods.beside), default=0)
    return max(own, beside // 2)


def _text_points(word: str, text: str) -> int:
    if not text:
        return 0
    if is_chinese(word):
        return _chinese_points(word, text)
    return max(_letter_points(word, text), _pinyin_points(word, text))


def _chinese_points(word: str, text: str) -> int:
    if word in text:
        # of two names that hold the word, the shorter one is more about it
        return WHOLE + (_BEGINS if text.startswith(word) else 0) - min(len(text), 40)
    pairs = {word[at : at + 2] for at in range(len(word) - 1)}
    shared = sum(pair in text for pair in pairs)
    best = _PAIRS * shared // len(pairs) if pairs else 0
    said = written_out(word)
    return max(best, _spoken_points(said, written_out(text), slips=False) if len(said) > 1 else 0)


def _letter_points(word: str, text: str) -> int:
    """Judge an English word, or a number."""
    best = 0
    for each in words_in(text):
        if each == word:
            return _WORD
        if len(word) > 2 and each.startswith(word):
            best = _BEGUN
    return best


def _pinyin_points(word: str, text: str) -> int:
    said = written_out(text)
    best = max((_spoken_points(each, said, slips=True) for each in syllables_of(word)), default=0)
    if best < _INITIALS and len(word) > 1 and word in initials_of(said):
        return _INITIALS
    return best


def _spoken_points(asked: tuple[str, ...], said: tuple[str, ...], *, slips: bool) -> int:
    """Judge syllables against those of a text, wherever in it they stand best.

    ``slips``: letters were typed, and a finger may have slipped in one of two syllables.
    """
    count = len(asked)
    windows = [said[at : at + count] for at in range(len(said) - count + 1)]
    return max((_window_points(asked, window, slips=slips) for window in windows), default=0)


def _window_points(asked: tuple[str, ...], said: tuple[str, ...], *, slips: bool) -> int:
    *first, last = asked
    begun = said[-1].startswith(last)
    if list(said[:-1]) == first and begun and (first or len(last) > 1):
        return _SAID
    alike = [folded(one) == folded(other) for one, other in zip(asked, said, strict=True)]
    if all(alike):
        return _SAID_ABOUT
    if len(asked) < 2 or sum(alike) < len(asked) - 1:
        return 0
    at = alike.index(False)
    near = len(asked) > 2 or (slips and is_near(folded(asked[at]), folded(said[at])))
    return _TYPO if near else 0
