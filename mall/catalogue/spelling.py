"""How Chinese is typed: characters, pinyin with or without mistakes, initials."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from pypinyin import lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

_CHINESE: Final = re.compile("[\u3400-\u9fff]")
_WORDS: Final = re.compile("[\u3400-\u9fff]+|[a-z0-9]+")
_LETTERS: Final = re.compile("[a-z]+")
_SPLITS_MAX: Final = 4


def tidy(text: str) -> str:
    """Return a text in lower case with full-width letters and odd spaces made plain."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def words_in(text: str) -> list[str]:
    """Cut a tidy text into runs of Chinese and of letters and digits."""
    return _WORDS.findall(text)


def is_chinese(text: str) -> bool:
    """Tell whether a run is Chinese."""
    return bool(_CHINESE.match(text))


@lru_cache(maxsize=16_384)
def written_out(text: str) -> tuple[str, ...]:
    """Write a tidy text in syllables and words: 荔枝 5 斤 is li, zhi, 5, jin."""
    pieces: list[str] = []
    for word in words_in(text):
        pieces += lazy_pinyin(word) if is_chinese(word) else [word]
    return tuple(pieces)


def initials_of(pieces: tuple[str, ...]) -> str:
    """Return the first letters of what was written out; a word of digits stays whole."""
    return "".join(piece if piece.isdigit() else piece[:1] for piece in pieces)


def folded(syllable: str) -> str:
    """Return a syllable as those say it who tell neither zh from z nor ing from in."""
    if syllable[:2] in {"zh", "ch", "sh"}:
        syllable = syllable[0] + syllable[2:]
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


def is_near(one: str, other: str) -> bool:
    """Tell whether one letter put in, left out or changed makes one syllable the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    shorter, longer = sorted((one, other), key=len)
    for at in range(len(longer)):
        rest = longer[:at] + longer[at + 1 :]
        if rest == (shorter if len(shorter) < len(longer) else shorter[:at] + shorter[at + 1 :]):
            return True
    return False


@lru_cache(maxsize=1024)
def syllables_of(letters: str) -> tuple[tuple[str, ...], ...]:
    """Cut typed letters into syllables, fewest first; the last may be only begun.

    xian is both xian and xi an; lizh is li zh. Nothing for what is no pinyin. At most four ways.
    """
    if not _LETTERS.fullmatch(letters) or len(letters) > 24:
        return ()
    found: list[tuple[str, ...]] = []
    _cut(letters, (), found)
    return tuple(sorted(found, key=len)[:_SPLITS_MAX])


def _cut(rest: str, done: tuple[str, ...], found: list[tuple[str, ...]]) -> None:
    if not rest:
        found.append(done)
    if not rest or len(found) >= 4 * _SPLITS_MAX:
        return
    whole, begun = _syllables()
    for length in range(min(6, len(rest)), 0, -1):
        head = rest[:length]
        if head in whole or (length == len(rest) and head in begun):
            _cut(rest[length:], (*done, head), found)


@lru_cache(maxsize=1)
def _syllables() -> tuple[frozenset[str], frozenset[str]]:
    """Return every syllable Chinese has, without tones, and every beginning of one."""
    whole = {_plain(each) for readings in pinyin_dict.values() for each in readings.split(",")}
    whole = {each for each in whole if _LETTERS.fullmatch(each) and each not in {"m", "n", "ng"}}
    return frozenset(whole), frozenset(each[:n] for each in whole for n in range(1, len(each)))


def _plain(reading: str) -> str:
    bare = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    return "".join(
        "v" if letter == "\u0308" else letter
        for letter in bare.replace("u\u0308", "v")
        if not unicodedata.combining(letter)
    )
