"""The chain while people look at it: what is new since a number, and whether anything is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Sum

from mall.catalogue.titles import title_of
from mall.groupbuy.cards import EntryRow
from mall.groupbuy.models import Entry, GroupBuyItem, LeaderGroup
from mall.groupbuy.selectors import entry_row

# A page that was away longer is drawn anew.
MOST_NEW: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainNews:
    """What joined after a number, newest first, and which of the older numbers are gone."""

    entries: tuple[EntryRow, ...]
    gone: tuple[int, ...]
    last_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInChain:
    """How many of an item a group's chain asks for, and in how many entries."""

    item_id: int
    title: str
    pieces: int
    entries: int


def stamp_of(group_id: int) -> str:
    """Return a short text that changes whenever the live part of a group's page does.

    Two small queries; a page sends it back as its ETag. It covers the chain, the progress, the
    state and cut-off, and what is left and sold of every item (other groups sell them, too).
    """
    group = (
        LeaderGroup.objects.filter(pk=group_id)
        .values_list(
            "version",
            "state",
            "group_buy_id",
            "group_buy__closes_at",
            "group_buy__filled_at",
            "group_buy__cut_at",
        )
        .get()
    )
    sums = GroupBuyItem.objects.filter(group_buy=group[2]).aggregate(
        *(Sum(name) for name in ("held", "sold", "quota", "price_minor")),
        *(Sum(f"stockrecord__{name}") for name in ("num_in_stock", "num_allocated")),
    )
    text = "|".join(map(_said, (*group, *sums.values())))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def news_since(group_id: int, number: int) -> ChainNews:
    """Return the entries after a number (at most 100) and the withdrawn ones a page may show."""
    number = max(0, min(number, 2**31 - 1))
    living = Entry.objects.filter(group=group_id, withdrawn_at=None, number__gt=number)
    fields = ("number", "masked_name", "summary", "remark", "at")
    rows = living.order_by("-number").values(*fields)[:MOST_NEW]
    entries = tuple(entry_row(**row) for row in rows)
    gone = Entry.objects.filter(
        group=group_id,
        withdrawn_at__isnull=False,
        number__lte=number,
        number__gt=number - MOST_NEW,
    )
    return ChainNews(
        entries=entries,
        gone=tuple(gone.order_by("number").values_list("number", flat=True)),
        last_number=max([number, *(entry.number for entry in entries)]),
    )


def chain_by_item(group_id: int) -> list[ItemInChain]:
    """Return a group's chain by item, most wanted first: two queries."""
    pieces: dict[int, int] = {}
    entries: dict[int, int] = {}
    living = Entry.objects.filter(group=group_id, withdrawn_at=None)
    for items in living.order_by("number").values_list("items", flat=True):
        for item_id, count in items.items():
            pieces[int(item_id)] = pieces.get(int(item_id), 0) + count
            entries[int(item_id)] = entries.get(int(item_id), 0) + 1
    found = GroupBuyItem.objects.filter(pk__in=pieces).select_related("product__extra")
    rows = [
        ItemInChain(
            item_id=item.pk,
            title=title_of(item.product),
            pieces=pieces[item.pk],
            entries=entries[item.pk],
        )
        for item in found
    ]
    return sorted(rows, key=lambda row: (-row.pieces, row.item_id))


def _said(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
