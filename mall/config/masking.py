"""The last net before the log file: what slipped into a log line and must not stay in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# A letter or digit before it makes the run part of a business number, not a phone or a card.
_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])((?:\+?86[ -]?)?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_CARD: Final = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){12,18}(?!\d)")
_HIDDEN_NAMES: Final = r"(?:token|secret|passw(?:or)?d|sign(?:ature)?|authorization|cookie|otp)"
_SECRET_KEY: Final = re.compile(
    rf"(?:^|[_-]){_HIDDEN_NAMES}$|one_time_code|(?:private|api|aes|mac)_?key", re.IGNORECASE
)
_SECRET_IN_TEXT: Final = re.compile(
    rf"""(\b[\w-]*{_HIDDEN_NAMES}["']?\s*[=:]\s*["']?)((?:Bearer |Basic )?[^\s"'&,;}}]+)""",
    re.IGNORECASE,
)
_LONG_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{80,}={0,2}")
# Whoever has the address of a pickup code has the goods; of a round, a say in it.
_PICKUP_ADDRESS: Final = re.compile(r"(/[pd]/)[\w.:=-]+")
_HIDDEN: Final = "***"


def masked(value: object, key: str = "") -> object:
    """Return the value as it may be logged under this key; nested values are masked as well."""
    if key and _SECRET_KEY.search(key) and value not in (None, ""):
        return _HIDDEN
    if isinstance(value, Mapping):
        return {name: masked(part, str(name)) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(part, key) for part in value]
    if value is None or isinstance(value, bool | float):
        return value
    return masked_text(str(value))


def masked_text(text: str) -> str:
    """Hide secrets, phone numbers and card numbers inside any text."""
    text = _SECRET_IN_TEXT.sub(rf"\1{_HIDDEN}", text)
    text = _PICKUP_ADDRESS.sub(rf"\1{_HIDDEN}", text)
    text = _PHONE.sub(r"\1****\2", text)
    text = _CARD.sub(_masked_card, text)
    return _LONG_BASE64.sub(lambda found: f"<{len(found.group())} characters>", text)


def _masked_card(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found.group())
    return f"****{digits[-4:]}" if _passes_luhn(digits) else found.group()


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812: the check every card number passes, and nine in ten other numbers do not."""
    odd = [int(digit) for digit in digits[-1::-2]]
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(odd) + sum(doubled)) % 10 == 0
