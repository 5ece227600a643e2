"""The words of a chat's line: its number, asides, counts and texts. Pure, and never guessing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Marks that stand for known goods come from the private part of Unicode; chats never send them.
FIRST_MARK: Final = 0xE000
LAST_MARK: Final = 0xF8FF
GENERIC_UNITS: Final = frozenset("份个件单套")
_DIGITS: Final = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNITS: Final = "|".join(
    [
        *("公斤", "千克", "毫升", "kg", "ml"),
        *"份个件单套袋盒箱包瓶罐桶提条只颗枚斤克根扎串板组把筐捆块片头尾lg",
    ]
)
_HAN_NUMBER: Final = "[一二两三四五六七八九十]"
_COUNT: Final = re.compile(
    rf"(?P<sign>(?<![a-z])[x*+]|(?<![0-9])-)?\s*"
    rf"(?:(?P<digits>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>{_UNITS})?(?![a-z])"
    rf"|(?P<han>{_HAN_NUMBER}{{1,3}}|半)(?P<han_unit>{_UNITS}))"
)
_NUMBER: Final = re.compile(
    r"(?P<n>[0-9]{1,4})\s*(?:号(?!楼)[\s:、.,)]*|[.、:),](?![0-9])[\s]*|\s+(?![x*+0-9]))"
)
_CIRCLED: Final = re.compile("^[\u2460-\u2473\u24f5-\u24fe\u2776-\u277f]")
_PHONE: Final = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_ASIDES: Final = re.compile(
    r"(?<![0-9.])(?:"
    r"(?:[0-9]+\s*(?:栋|幢|号楼|单元|楼|弄|座|层|期|区)\s*)+(?:[0-9]+(?:室|号|房)?(?![0-9]))?"
    r"|[0-9]+\s*(?:室|号|房|门)|[0-9]{1,4}(?:[-#][0-9]{1,4})+(?![0-9])"
    r"|[0-9]{1,2}:[0-9]{2}(?![0-9])|¥\s*[0-9]+(?:\.[0-9]+)?(?![0-9.])"
    r"|[0-9]+(?:\.[0-9]+)?\s*(?:元|块钱)"
    r"|[0-9]{1,2}点(?:半|[0-9]{1,2}分?(?![0-9]))?|[0-9]{1,2}月[0-9]{1,2}[日号]?(?![0-9])"
    r")"
)
_CANCELLED: Final = re.compile("取消|不要了|不买了|退单|退掉|撤销|撤回|作废|划掉|cancel")
_AS_ABOVE: Final = re.compile("同上|和上面一样|跟上面一样|一样同上")
_SEPARATORS: Final = re.compile(r"[\s,;、。/|()\[\]{}【】《》<>!?~…“”\"'`^&_=—:]+")
_STRUCK: Final = "\u0336"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A number as it was written; ``pieces`` is None where it is no whole number above nothing."""

    raw: str
    pieces: int | None
    unit: str = ""


Word = Counted | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What stands around the words: the line's number, a phone, addresses, what cancels it."""

    rest: str
    number: int | None
    phone: str
    asides: tuple[str, ...]
    is_cancelled: bool
    is_as_above: bool

    @property
    def first_word(self) -> str:
        """Return the first text, as a name to show."""
        return next((word for word in words_of(self.rest) if isinstance(word, str)), "")[:40]


def tidy_line(text: str) -> str:
    """Return a line in plain characters: full-width made narrow, pictures and marks taken out."""
    if found := _CIRCLED.match(text.strip()):
        digit = unicodedata.normalize("NFKC", found[0])
        text = f"{digit if digit.isdigit() else ''}. {text.strip()[1:]}"
    is_struck = _STRUCK in text
    plain = unicodedata.normalize("NFKC", text.replace("✖", "x").replace("✕", "x")).lower()
    plain = plain.replace("×", "x").replace("＊", "*").replace("￥", "¥")
    kept = "".join(map(_kept, plain))
    return " ".join(kept.split()) + (" 取消" if is_struck else "")


def opening_of(line: str) -> Opening:
    """Take number, phone, addresses and the like off a tidy line."""
    number = None
    line = line.lstrip("#*·•- ")
    if found := _NUMBER.match(line):
        number, line = int(found["n"]), line[found.end() :]
    phone = _PHONE.search(line)
    line = _PHONE.sub(" ", line)
    asides = tuple(" ".join(each.split()) for each in _ASIDES.findall(line))
    line = _ASIDES.sub(" ", line)
    return Opening(
        rest=_AS_ABOVE.sub(" ", line),
        number=number,
        phone=phone[0] if phone else "",
        asides=asides,
        is_cancelled=bool(_CANCELLED.search(line)),
        is_as_above=bool(_AS_ABOVE.search(line)),
    )


def words_of(line: str) -> list[Word]:
    """Cut a line into texts and counts, in their order."""
    words: list[Word] = []
    for part in _SEPARATORS.split(line):
        at = 0
        for found in _COUNT.finditer(part):
            words += _texts(part[at : found.start()])
            words.append(_counted(found))
            at = found.end()
        words += _texts(part[at:])
    return words


def _texts(text: str) -> list[str]:
    """Cut a text around the marks of known goods."""
    marked = re.split(f"([{chr(FIRST_MARK)}-{chr(LAST_MARK)}])", text)
    return [each for part in marked if (each := part.strip("x*+-#.· ")) or False]


def _counted(found: re.Match[str]) -> Counted:
    digits, han, sign = found["digits"], found["han"], found["sign"]
    unit = found["unit"] or found["han_unit"] or ""
    pieces = None
    if sign != "-":
        pieces = _small(digits) if digits else _han_number(han)
    return Counted(raw=found[0].strip(), pieces=pieces, unit=unit)


def _small(digits: str) -> int | None:
    return int(digits) if digits.isdigit() and len(digits) <= 4 else None


def _han_number(text: str) -> int | None:
    """Read 三, 十二 or 二十; None for 半 and for what is no number (十十)."""
    if "十" not in text:
        return _DIGITS.get(text)
    tens, _ten, ones = text.partition("十")
    if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
        return None
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def _kept(letter: str) -> str:
    """Drop marks on letters; put a space for pictures, controls and our own private marks."""
    kind = unicodedata.category(letter)
    if kind in {"Mn", "Me", "Cf"}:
        return ""
    return " " if kind in {"So", "Sk", "Cc", "Cn", "Co", "Cs"} else letter
