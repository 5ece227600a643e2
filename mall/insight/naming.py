"""Finding what a commission rule speaks about, by a word of its name: items, categories, points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from oscar.apps.catalogue.models import Category

from mall.groupbuy.models import GroupBuyItem
from mall.pickup.models import PickupPoint

MOST: Final = 20
_DIGITS_MAX: Final = 9
Named = list[tuple[str, str]]


def find_named(kind: str, text: str) -> Named:
    """Return up to twenty (number, name) of a kind whose name or number is like a text.

    Kinds: item (of a group buy, the newest first), category, point; ValueError for others.
    """
    return _finder(kind)(" ".join(text.replace("\0", "").split())[:60], None)


def name_of(kind: str, number: str) -> str:
    """Return what a number of a kind is called, or "" where there is none."""
    pk = _number(number)
    found = _finder(kind)("", pk) if pk is not None else []
    return found[0][1] if found else ""


def _finder(kind: str) -> Callable[[str, int | None], Named]:
    if kind not in _FINDERS:
        raise ValueError(f"nothing is named by {kind}")
    return _FINDERS[kind]


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_number else None


def _items(text: str, pk: int | None) -> Named:
    rows = GroupBuyItem.objects.select_related("product", "group_buy").order_by("-pk")
    if pk is not None:
        rows = rows.filter(pk=pk)
    elif text:
        rows = rows.filter(product__title__icontains=text)
    return [
        (str(row.pk), f"{row.product.get_title()} · {row.group_buy.title}") for row in rows[:MOST]
    ]


def _categories(text: str, pk: int | None) -> Named:
    rows = Category.objects.order_by("path")
    if pk is not None:
        rows = rows.filter(pk=pk)
    elif text:
        rows = rows.filter(name__icontains=text)
    return [(str(row.pk), "　" * (row.depth - 1) + row.name) for row in rows[:MOST]]


def _points(text: str, pk: int | None) -> Named:
    rows = PickupPoint.objects.select_related("leader").order_by("name")
    if pk is not None:
        rows = rows.filter(pk=pk)
    elif text:
        rows = rows.filter(name__icontains=text)
    return [(str(row.pk), f"{row.name} ({row.leader})") for row in rows[:MOST]]


_FINDERS: Final[dict[str, Callable[[str, int | None], Named]]] = {
    "item": _items,
    "category": _categories,
    "point": _points,
}
