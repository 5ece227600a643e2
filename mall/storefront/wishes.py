"""What a form says about how she wants to pay, and what the page had shown her."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.http import QueryDict
from django.utils.http import urlencode

from mall.ordering.pricing import Wish
from mall.promotions.quoting import WayKind
from payments.api import Money, Purse

# Nothing costs ten million; whoever sends more digits sends no amount.
_DIGITS_MAX: Final = 9
# "As many as go": more than anybody has, and pricing takes what goes.
ALL_POINTS: Final = 10**_DIGITS_MAX - 1
OPEN: Final = Wish()
BEST: Final = "best"
_PURSES: Final = frozenset(str(purse) for purse in Purse)
_NOT_OF_A_CARD: Final = frozenset({"voucher_no", "use_points", "points"})
FIELDS: Final = ("way", "voucher_no", "use_points", "points", "offer_code")


def wish_of(answers: QueryDict, *, base: Wish = OPEN) -> Wish:
    """Read a wish; what a form does not name is as in ``base``.

    The switch without a number means all points that go. An offer is named with the card it is
    for ("A1:ccb-200-16"), so that another card chosen after it does not inherit it.
    """
    if not fields_of(answers):
        return base
    way, purse = _way(answers, base)
    return Wish(
        way=way,
        purse=purse,
        voucher_no=_named(_text(answers, "voucher_no"), base.voucher_no),
        points=_points(answers),
        offer_code=_offer(answers, way, base),
    )


def is_same(wish: Wish, placed: Wish) -> bool:
    """Tell whether a wish asks for nothing else than an order was placed with."""
    return (
        wish.way == placed.way
        and _same_purse(wish.purse, placed.purse)
        and wish.voucher_no == placed.voucher_no
        and bool(wish.points) == bool(placed.points)
        and (wish.points in {placed.points, ALL_POINTS} or not placed.points)
        and wish.offer_code in {"", placed.offer_code}
    )


def _same_purse(purse: str, placed: str) -> bool:
    """Orders of before purses could be chosen name none: the bank's own page."""
    return (purse or Purse.BANK) == (placed or Purse.BANK)


def _way(answers: QueryDict, base: Wish) -> tuple[str, str]:
    """Read a way; a purse's name is the cashier, paid out of that purse."""
    way = _text(answers, "way")
    if not way:
        return base.way, base.purse
    if way in _PURSES:
        return WayKind.CASHIER.value, way
    return way, ""


def fields_of(answers: QueryDict) -> dict[str, str]:
    """Return the fields of a wish that a form named, to carry them on in an address."""
    return {name: text for name in FIELDS if (text := _text(answers, name))}


def with_other_fields(url: str, answers: QueryDict) -> str:
    """Return an address that remembers a wish but for its card: she comes back with another."""
    kept = {name: text for name, text in fields_of(answers).items() if name in _NOT_OF_A_CARD}
    return f"{url}?{urlencode(kept)}" if kept else url


def shown_amount(text: str) -> Money | None:
    """Read back the amount (fen) that a form showed; None where that is no amount."""
    minor = _number(text)
    return None if minor is None else Money(minor)


def shown_parts(answers: QueryDict) -> Mapping[str, int]:
    """Read back what a page showed of every part of the price: "offer:1600" and the like; fen."""
    parts = {}
    for text in answers.getlist("shown")[:8]:
        name, _colon, amount = text.partition(":")
        if (minor := _number(amount)) is not None:
            parts[name] = minor
    return parts


def _points(answers: QueryDict) -> int:
    if _text(answers, "use_points") != "on":
        return 0
    return _number(_text(answers, "points")) or ALL_POINTS


def _named(text: str, base: str) -> str:
    """Read a radio field: "best" leaves it open, nothing leaves it as it was."""
    return "" if text == BEST else text or base


def _offer(answers: QueryDict, way: str, base: Wish) -> str:
    text = _text(answers, "offer_code")
    if not text:
        return base.offer_code if way == base.way else ""
    card, _colon, code = text.partition(":")
    return code if card == way else ""


def _text(answers: QueryDict, name: str) -> str:
    return (answers.get(name, "") or "")[:64]


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else None
