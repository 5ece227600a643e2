"""Business numbers: unguessable, checkable, and short enough for every acquirer's field."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from typing import Final

from payments.kernel.clock import business_date

# Crockford's base 32: no I, L, O, U, so a number read out on the telephone survives.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 20
# What is only asked to see whether an acquirer answers: such a number belongs to no payment and no
# refund, is in no journal, and a statement that names it is right to.
CHECK: Final = "C"


def _check_char(body: str) -> str:
    """Weighted sum modulo 31: catches nearly every wrong character and every two swapped ones."""
    values = (ALPHABET.find(c) if c in ALPHABET else ord(c) for c in body)
    return ALPHABET[sum((i + 1) * value for i, value in enumerate(values)) % 31]


def with_check(body: str) -> str:
    """Complete the first nineteen characters of a number with the check character they have."""
    return body + _check_char(body)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_number(prefix: str) -> str:
    """Make a number of 20 letters and digits: prefix letter, yyMMdd, 12 random, check character."""
    if len(prefix) != 1 or not prefix.isascii() or not prefix.isupper():
        raise ValueError("a number starts with one capital letter")
    body = f"{prefix}{business_date():%y%m%d}{_random(12)}"
    return body + _check_char(body)


def derived_number(prefix: str, day: date, *parts: str) -> str:
    """Make the one number that these parts always have: shaped like any other, but never random."""
    seed = hashlib.sha256("\x1f".join(parts).encode()).digest()
    twelve = "".join(ALPHABET[byte % 32] for byte in seed[:12])
    body = f"{prefix}{day:%y%m%d}{twelve}"
    return body + _check_char(body)


def is_check_number(text: str) -> bool:
    """Tell whether a number was given out by manage.py acquirer_check or by a probe."""
    return text.startswith(CHECK) and is_number(text)


def is_number(text: str) -> bool:
    """Tell whether a text is shaped like one of our numbers; saves a query on mistyped ones."""
    if len(text) != LENGTH or not text.isascii() or not text.isalnum():
        return False
    return _check_char(text[:-1]) == text[-1]
