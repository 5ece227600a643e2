"""Prices by quantity: read as staff type them ("20:8.80, 50:7.90"), checked, and looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from payments.api import Money

MOST_TIERS: Final = 10
_MOST_PIECES: Final = 1_000_000
_BETWEEN: Final = re.compile(r"[,;，；、\n]+")


def check_tiers(tiers: Any, *, price_minor: int) -> None:
    """Raise ValueError with a sentence unless these are [pieces, price in fen], better and better.

    Pieces rise, prices fall, and the first is already below the group price.
    """
    if not isinstance(tiers, list | tuple) or not all(map(_is_pair, tiers)):
        raise ValueError(_("Write prices by quantity as pieces:price, for example 20:8.80."))
    if len(tiers) > MOST_TIERS:
        raise ValueError(_("At most %(most)s prices by quantity.") % {"most": MOST_TIERS})
    pieces_before, price_before = 1, price_minor
    for pieces, price in tiers:
        if not pieces_before < pieces <= _MOST_PIECES:
            raise ValueError(_("Each price by quantity needs more pieces than the one before."))
        if not 0 < price < price_before:
            raise ValueError(_("Each price by quantity must be below the one before."))
        pieces_before, price_before = pieces, price


def price_at(tiers: Sequence[Sequence[int]], pieces: int, *, price_minor: int) -> int:
    """Return the lowest price, in fen, that so many pieces reach."""
    return min([price_minor, *(price for least, price in tiers if pieces >= least)])


def next_tier(tiers: Sequence[Sequence[int]], pieces: int) -> tuple[int, int] | None:
    """Return (pieces, price in fen) of the next better price, if there is one."""
    ahead = [(least, price) for least, price in tiers if pieces < least]
    return min(ahead) if ahead else None


def read_tiers(text: str) -> list[list[int]]:
    """Turn "20:8.80, 50:7.90" (yuan) into [[20, 880], [50, 790]]; ValueError with a sentence."""
    tiers = [_read(part) for part in _BETWEEN.split(text) if part.strip()]
    return sorted(tiers)


def write_tiers(tiers: Sequence[Sequence[int]]) -> str:
    """Turn [[20, 880], [50, 790]] into "20:8.80, 50:7.90"."""
    return ", ".join(f"{pieces}:{Money(price).to_major_str()}" for pieces, price in tiers)


def _is_pair(tier: Any) -> bool:
    is_list = isinstance(tier, list | tuple) and len(tier) == 2
    return is_list and all(type(each) is int for each in tier)


def _read(part: str) -> list[int]:
    pieces, colon, yuan = part.replace("：", ":").partition(":")
    yuan = yuan.strip().lstrip("¥￥").strip()[:12] if colon else ""
    try:
        return [int(pieces.strip()[:12]), Money.from_major_str(yuan).minor]
    except ValueError as wrong:
        text = _("“%(part)s” is not a price by quantity. Write pieces:price, for example 20:8.80.")
        raise ValueError(text % {"part": part.strip()[:40]}) from wrong
