"""Amounts in Chinese capital numerals, as a cashier writes them so that nobody adds a stroke."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")


def capital_yuan(minor: int) -> str:
    """893400 (fen) -> "人民币捌仟玖佰叁拾肆元整"; ValueError from 10^18 on."""
    if abs(minor) >= 10**18:
        raise ValueError(f"{minor} fen has no name")
    sign = "负" if minor < 0 else ""
    yuan, rest = divmod(abs(minor), 100)
    jiao, fen = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"人民币{sign}{words or '零元'}整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif words:
        words += "零"
    words += f"{_DIGITS[fen]}分" if fen else "整"
    return f"人民币{sign}{words}"


def _whole(number: int) -> str:
    """Write a whole number above zero: groups of four digits, one zero for each gap."""
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            continue
        is_first = not words
        gap = not is_first and (group < 1000 or not groups[place + 1])
        words += ("零" if gap else "") + _four(group) + _GROUPS[place]
    return words


def _four(group: int) -> str:
    words, zero = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if zero and words else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return words
