"""Names and numbers as others may see them: 138****0001, 李*娟."""

from __future__ import annotations

from typing import Final

_COUNTRY: Final = "+86"


def mask_phone(phone: str | None) -> str:
    """Keep the first three and the last four digits; an empty or short number shows nothing."""
    national = (phone or "").removeprefix(_COUNTRY)
    if len(national) < 8:
        return "****" if national else ""
    return f"{national[:3]}****{national[-4:]}"


def mask_name(name: str) -> str:
    """Keep the first and the last character, so 李小娟 reads 李*娟 and 李娟 reads 李*."""
    name = name.strip()
    if not name:
        return "*"
    if len(name) <= 2:
        return f"{name[0]}*"
    return f"{name[0]}*{name[-1]}"
