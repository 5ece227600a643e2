"""The scraps of writing goods are looked up by: pairs of characters, syllables, initials, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from mall.catalogue.spelling import folded, initials_of, is_chinese, syllables_of, tidy, words_in
from mall.catalogue.spelling import written_out as said

LONGEST: Final = 24
_PAIR, _SAID, _LETTERS, _ONE = 6, 4, 2, 1
_PREFIX_FROM, _PREFIX_TO = 3, 8


def terms_of(texts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the terms of texts, each with its weight; a text counts as often as its factor says.

    A term that occurs more than once keeps its highest weight.
    """
    found: dict[str, int] = {}
    for text, factor in texts:
        for term, weight in _terms(tidy(text)):
            term = term[:LONGEST]  # noqa: PLW2901 - the column is that long
            found[term] = max(found.get(term, 0), weight * factor)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The terms goods answering a word may have: those that few goods have, and the others."""

    rare: frozenset[str]
    common: frozenset[str]


def terms_asked(words: Iterable[str]) -> Asked:
    """Return what goods that answer tidy words are looked up by."""
    rare: set[str] = set()
    common: set[str] = set()
    for word in words:
        few, many = _chinese_asked(word) if is_chinese(word) else _letters_asked(word)
        rare |= few
        common |= many
    return Asked(rare=frozenset(rare), common=frozenset(common - rare))


def _chinese_asked(word: str) -> tuple[set[str], set[str]]:
    pieces = said(word)
    pairs = {term for term, weight in _spoken(pieces) if weight > _ONE}
    few = {term for term, weight in _chinese(word) if len(word) == 1 or weight > _ONE}
    return few | pairs, {folded(piece) for piece in pieces}


def _letters_asked(word: str) -> tuple[set[str], set[str]]:
    few, many = {word[:LONGEST]}, _initials(word)
    ways = syllables_of(word)
    for syllables in ways:
        few |= {term for term, weight in _spoken(syllables) if weight > _ONE}
        many |= {folded(syllable) for syllable in syllables} | set(syllables)
    # What is no pinyin, or one syllable of it, has nothing rarer.
    return (few, many) if any(len(way) > 1 for way in ways) else (few | many, set())


def _terms(text: str) -> list[tuple[str, int]]:
    terms: list[tuple[str, int]] = []
    for word in words_in(text):
        if is_chinese(word):
            terms += _chinese(word)
        else:
            ends = range(_PREFIX_FROM, min(len(word), _PREFIX_TO) + 1)
            terms += [(word, _PAIR), *((word[:end], _LETTERS) for end in ends)]
    pieces = said(text)
    terms += _spoken(pieces)
    terms += [(piece[:end], _ONE) for piece in pieces for end in (2, len(piece))]
    return terms + [(term, _LETTERS) for term in _initials(initials_of(pieces))]


def _chinese(word: str) -> list[tuple[str, int]]:
    pairs = [(word[at : at + 2], _PAIR) for at in range(len(word) - 1)]
    return [*pairs, *((character, _ONE) for character in word)]


def _spoken(pieces: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return what is said, as it is often misspelt: syllables and pairs of them."""
    plain = [folded(piece) for piece in pieces]
    pairs = [(f"{one} {next_one}", _SAID) for one, next_one in pairwise(plain)]
    return [*pairs, *((piece, _ONE) for piece in plain)]


def _initials(letters: str) -> set[str]:
    return {f"i:{letters[at : at + 2]}" for at in range(len(letters) - 1)}
