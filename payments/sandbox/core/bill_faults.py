"""Bills that are wrong on purpose: late, incomplete, altered, damaged, issued anew.

Which line is hit follows from the rule's args alone (`own_no`, or `line`, or by chance from `seed`,
the day and the kind), so the same rule always makes the same wrong bill of the same day.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core.bills import Heading, Line, Wish
from payments.sandbox.rules import Strike

_BOM: Final = b"\xef\xbb\xbf"
# What `gbk_bom_crlf` may look like: mark at the beginning, encoding, line ends.
FORMS: Final[Mapping[str, tuple[bytes, str]]] = {
    "bom_gbk_crlf": (_BOM, "gb18030"),
    "gbk_crlf": (b"", "gb18030"),
    "bom_crlf": (_BOM, "utf-8"),
}
_OTHER_STATUS: Final = {"SUCCESS": "FAILED", "FAILED": "SUCCESS"}


@dataclass(frozen=True, slots=True)
class Victims:
    """Which lines of one bill a rule hits: by number, or by place."""

    own_no: str = ""
    places: frozenset[int] = frozenset()

    def hit(self, place: int, line: Line) -> bool:
        """Tell whether the line at this place (from 1) is hit."""
        return place in self.places or (self.own_no != "" and line.own_no == self.own_no)


def chance(strike: Strike, wish: Wish) -> random.Random:
    """Return the chance of one rule on one bill: always the same for the same `seed` and fault."""
    seed = f"{strike.args.get('seed', 0)}:{strike.fault}:{wish.day}:{wish.kind}"
    return random.Random(seed)  # noqa: S311 - play, and it must be repeatable


def victims(strike: Strike, wish: Wish, count: int) -> Victims:
    """Choose the lines a rule hits among `count`: args `own_no`, `line`, or `lines` by chance."""
    if own_no := strike.text("own_no"):
        return Victims(own_no=own_no)
    if place := strike.whole("line", 0):
        return Victims(places=frozenset({place}))
    wished = max(0, min(strike.whole("lines", 1), count))
    return Victims(places=frozenset(chance(strike, wish).sample(range(1, count + 1), wished)))


def _omit(_strike: Strike, _line: Line) -> list[Line]:
    return []


def _double(_strike: Strike, line: Line) -> list[Line]:
    return [line, line]


def _other_amount(strike: Strike, line: Line) -> list[Line]:
    """Args: `amount_minor`, or `delta_minor` (default 100)."""
    other = strike.whole("amount_minor", line.amount_minor + strike.whole("delta_minor", 100))
    is_free = line.kind == "SETTLEMENT"
    return [line._replace(amount_minor=other if is_free else max(other, 1))]


def _other_fee(strike: Strike, line: Line) -> list[Line]:
    """Args: `fee_minor`, or `delta_minor` (default 1)."""
    other = strike.whole("fee_minor", line.fee_minor + strike.whole("delta_minor", 1))
    return [line._replace(fee_minor=other)]


def _other_status(_strike: Strike, line: Line) -> list[Line]:
    return [line._replace(status=_OTHER_STATUS[line.status])]


def _add(strike: Strike, line: Line) -> list[Line]:
    """Put a line nobody caused after this one. Args: `new_no`, `amount_minor`."""
    seed = f"{strike.args.get('seed', 0)}:{line.acquirer_no}"
    dice = random.Random(seed)  # noqa: S311 - play, and it must be repeatable
    invented = line._replace(
        own_no=strike.text("new_no", f"X{dice.randrange(10**12):012d}"),
        acquirer_no=f"SX{dice.randrange(16**22):022X}",
        amount_minor=strike.whole("amount_minor", dice.randrange(100, 100_000)),
        fee_minor=0,
    )
    return [line, invented]


_ALTERING: Final[Mapping[str, Callable[[Strike, Line], list[Line]]]] = {
    "omit_line": _omit,
    "shift_to_next_day": _omit,
    "duplicate_line": _double,
    "extra_line": _add,
    "wrong_amount": _other_amount,
    "wrong_fee": _other_fee,
    "wrong_status": _other_status,
}


def altered(
    lines: Iterable[Line], strikes: Iterable[Strike], *, wish: Wish, count: int
) -> Iterator[Line]:
    """Pass a bill's lines on, each altered by the rules that hit it."""
    altering = [
        (_ALTERING[strike.fault], strike, victims(strike, wish, count))
        for strike in strikes
        if strike.fault in _ALTERING
    ]
    if not altering:
        yield from lines
        return
    for place, line in enumerate(lines, start=1):
        passed = [line]
        for alter, strike, hit in altering:
            if hit.hit(place, line):
                passed = [other for one in passed for other in alter(strike, one)]
        yield from passed


def shifted(
    lines: Iterable[Line], strikes: Iterable[Strike], *, wish: Wish, count: int
) -> Iterator[Line]:
    """Return only the lines of a bill that its rules move to the next day's."""
    moved = [victims(strike, wish, count) for strike in strikes]
    for place, line in enumerate(lines, start=1):
        if any(hit.hit(place, line) for hit in moved):
            yield line


def headed(heading: Heading, strikes: Iterable[Strike]) -> Heading:
    """Return the heading of a bill that is issued anew: another edition, made just now."""
    if any(strike.fault == "reissue" for strike in strikes):
        return replace(heading, edition=heading.edition + 1, made_ms=now_ms())
    return heading


def encoded(
    pieces: Iterable[str], strikes: Iterable[Strike], encoding: str = "utf-8"
) -> Iterator[bytes]:
    """Write a bill's text as bytes, in its own encoding unless a rule says otherwise."""
    form = next((s.text("form", "bom_gbk_crlf") for s in strikes if s.fault == "gbk_bom_crlf"), "")
    if form not in FORMS:
        yield from (piece.encode(encoding) for piece in pieces)
        return
    mark, encoding = FORMS[form]
    yield mark
    for piece in pieces:
        yield piece.replace("\n", "\r\n").encode(encoding)


def cut_at(strikes: Iterable[Strike], wish: Wish, byte_count: int) -> int:
    """Return how many bytes of a bill are sent. Args of `truncated`: `bytes`, else by chance."""
    for strike in strikes:
        if strike.fault == "truncated":
            return min(
                strike.whole("bytes", chance(strike, wish).randrange(byte_count)), byte_count
            )
    return byte_count


def declared(digest: str, strikes: Iterable[Strike]) -> str:
    """Return the digest the bank declares for its file: another one where a rule says so."""
    if any(strike.fault == "bad_digest" for strike in strikes):
        return digest[::-1]
    return digest
