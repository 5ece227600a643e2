"""What may be written down of a message: names, phones, accounts and tokens only in part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_KEPT_LEVELS: Final = 6
_TEXT_MAX: Final = 500
_SECRET_KEYS: Final = re.compile(r"token|secret|password|signature|cipher|(^|_)code$|sign_url")
_PERSONAL_KEYS: Final = re.compile(r"phone|mobile|holder|payee|openid|(^|_)name$|account|owner")
_PUBLIC_KEYS: Final = frozenset({"code", "issuer_name", "issuer_code", "phone_mask", "holder_mask"})
_LONG_DIGITS: Final = re.compile(r"(?<!\d)(\d{6})\d{3,9}(\d{4})(?!\d)")
_PHONE: Final = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def mask_text(text: str) -> str:
    """Hide the middle of card numbers and Chinese mobile numbers inside any text."""
    return _PHONE.sub(r"\1****\2", _LONG_DIGITS.sub(r"\1******\2", text))[:_TEXT_MAX]


def _masked(key: str, value: object, level: int) -> object:
    if level > _KEPT_LEVELS:
        return "…"
    if isinstance(value, Mapping):
        return {str(k): _masked(str(k), v, level + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(key, v, level + 1) for v in value]
    return _masked_text(key, value) if isinstance(value, str) else value


def _masked_text(key: str, text: str) -> str:
    if key not in _PUBLIC_KEYS and text:
        if _SECRET_KEYS.search(key):
            return "***"
        if _PERSONAL_KEYS.search(key):
            return text[:1] + "***"
    return mask_text(text)


def redacted(data: Mapping[str, object]) -> dict[str, object]:
    """Copy an answer for keeping: secrets out, personal data down to one letter, numbers masked."""
    return {str(key): _masked(str(key), value, 0) for key, value in data.items()}
