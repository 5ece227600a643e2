"""Our refund numbers in fifteen characters: the bank's REFUND_CODE is no longer than that.

A number of ours is a letter, a day, twelve random characters and a check character. Letter and
check follow from the rest, and the day is a count of days: three characters. So fifteen hold the
whole number, both ways, and no two refunds can share a code (decision 0126).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from payments.kernel.numbers import ALPHABET, is_number, with_check

LENGTH: Final = 15
_FIRST_DAY: Final = date(2020, 1, 1)
_DAY_BITS: Final = 14
_HEAD_LENGTH: Final = 3
# The letters a refund's number may begin with: a refund, and what is only asked to see an answer.
_LETTERS: Final = "RC"


def short_code(refund_no: str) -> str:
    """Write a refund number in fifteen characters; ValueError for what is none of ours."""
    if not is_number(refund_no) or refund_no[0] not in _LETTERS:
        raise ValueError(f"{refund_no!r} is not a refund number of ours")
    day = date(2000 + int(refund_no[1:3]), int(refund_no[3:5]), int(refund_no[5:7]))
    days = (day - _FIRST_DAY).days
    if not 0 <= days < 1 << _DAY_BITS:
        raise ValueError(f"{refund_no!r} is of a day too far away")
    head = _LETTERS.index(refund_no[0]) << _DAY_BITS | days
    digits = (head >> 10 & 31, head >> 5 & 31, head & 31)
    return "".join(ALPHABET[digit] for digit in digits) + refund_no[7:19]


def refund_no_of(code: str) -> str:
    """Read a refund number back; ValueError for a code that is none of ours."""
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        raise ValueError(f"{code!r} is not a refund code of ours")
    head = 0
    for character in code[:_HEAD_LENGTH]:
        head = head << 5 | ALPHABET.index(character)
    day = _FIRST_DAY + timedelta(days=head & (1 << _DAY_BITS) - 1)
    return with_check(f"{_LETTERS[head >> _DAY_BITS]}{day:%y%m%d}{code[_HEAD_LENGTH:]}")
