"""Weights and what they are worth: reading sums, adding bags up, the part that goes back; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from mall.fulfilment.errors import WeightOutOfRangeError, WeightUnreadableError
from payments.api import part_of_share

GRAMS_MAX: Final = 200_000
UNITS: Final = {"g": Decimal(1), "kg": Decimal(1000), "jin": Decimal(500)}
_SUM: Final = re.compile(r"\d{1,6}( *\+ *\d{1,6}){0,19}")
_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,6})?")


def grams_of_sum(text: str) -> int:
    """Read what was typed on the number pad: "359" or "192+167", in grams.

    WeightUnreadableError for anything else, WeightOutOfRangeError beyond 200 kg or for nothing.
    """
    text = text.strip().replace("＋", "+")
    # \d takes other scripts' digits too, and int() reads them: that is meant.
    if len(text) > 60 or not _SUM.fullmatch(text):
        raise WeightUnreadableError
    return in_range(sum(int(part) for part in text.split("+")))


def grams_of(amount: object, unit: object) -> int:
    """Read a scale's figure in a unit out of UNITS, half up to the gram; errors as above."""
    factor = UNITS.get(unit) if isinstance(unit, str) else None
    is_number = isinstance(amount, int | float | str) and not isinstance(amount, bool)
    if factor is None or not is_number or not _NUMBER.fullmatch(str(amount)[:40]):
        raise WeightUnreadableError
    try:
        grams = Decimal(str(amount)) * factor
    except InvalidOperation as error:
        raise WeightUnreadableError from error
    return in_range(int(grams + Decimal("0.5")))


def in_range(grams: int) -> int:
    """Return the grams; WeightOutOfRangeError unless it is 1 g to 200 kg."""
    if not 0 < grams <= GRAMS_MAX:
        raise WeightOutOfRangeError(grams_max=GRAMS_MAX)
    return grams


def line_grams(weighed: Iterable[tuple[int, int]], *, pieces: int) -> int | None:
    """Return what a line weighs by its weighings (piece, grams), oldest first; None if unknown.

    Piece 0 is the whole line and replaces what was known of its bags; a bag replaces the whole.
    """
    known: dict[int, int] = {}
    for piece, grams in weighed:
        if piece == 0:
            known = {0: grams}
        else:
            known.pop(0, None)
            known[piece] = grams
    if 0 in known:
        return known[0]
    if pieces and all(piece in known for piece in range(1, pieces + 1)):
        return sum(known[piece] for piece in range(1, pieces + 1))
    return None


def off_for_weight(value_minor: int, *, estimate_grams: int, actual_grams: int) -> int:
    """Return what goes back of a value (fen) because it is lighter; nothing when it is heavier."""
    lighter = max(0, estimate_grams - actual_grams)
    return part_of_share(value_minor, done=0, now=lighter, whole=estimate_grams)


def is_beyond(grams: int, *, estimate_grams: int, tolerance_percent: int) -> bool:
    """Tell whether a weight is further from the estimate than the product allows."""
    return abs(grams - estimate_grams) * 100 > tolerance_percent * estimate_grams
