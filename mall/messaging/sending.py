"""Telling people something: written down with what made it true, sent afterwards, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def send(
    kind: str,
    *,
    key: str,
    user_id: int | None = None,
    phone: str = "",
    values: Mapping[str, Any] | None = None,
    link: str = "",
) -> None:
    """Write a message down in the caller's transaction; the runner sends it.

    ``kind`` names a text of mall.messaging.kinds, ``values`` what it says (JSON; money in fen under
    names ending in _minor). Either a person of ours or a bare phone number. The same kind and key
    again changes nothing. ``link`` is a path of ours.
    """
