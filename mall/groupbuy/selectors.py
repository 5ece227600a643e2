"""Groups, their goods and their chains, for the pages of residents and leaders.

A group's page takes six queries however much it sells; nothing in it is personal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import ProductCategory

from mall.groupbuy.cards import (
    CategoryTab,
    EntryRow,
    GroupCard,
    ItemCard,
    PointCard,
    category_tabs,
    group_card,
    item_card,
)
from mall.groupbuy.models import Entry, GroupBuyItem, LeaderGroup, State
from mall.groupbuy.readiness import held_back

__all__ = [
    "CategoryTab",
    "EntryRow",
    "GroupCard",
    "GroupPage",
    "ItemCard",
    "PointCard",
    "draft_page",
    "entries_page",
    "group_by_code",
    "group_item",
    "group_page",
    "groups",
    "groups_of_leader",
    "last_entries",
    "open_groups_of_point",
    "page_of",
]

ENTRIES_PER_PAGE: Final = 20


@dataclass(frozen=True, kw_only=True)
class GroupPage:
    """Everything the page of a group shows to everybody."""

    group: GroupCard
    items: tuple[ItemCard, ...]
    categories: tuple[CategoryTab, ...]
    entries: tuple[EntryRow, ...]
    older_than: int | None


def groups() -> QuerySet[LeaderGroup]:
    """Return groups with their sale, point and leader at hand."""
    rows = LeaderGroup.objects.select_related(
        "group_buy", "leader", "pickup_point__community", "pickup_point__bank_unit"
    )
    return rows.prefetch_related("pickup_point__breaks")


def group_by_code(share_code: str) -> LeaderGroup:
    """Return a group by the code in its address; LeaderGroup.DoesNotExist for drafts and typos."""
    return groups().exclude(state=State.DRAFT).get(share_code=share_code)


def group_page(share_code: str, *, entries_before: int | None = None) -> GroupPage:
    """Return the page of a group: six queries. LeaderGroup.DoesNotExist as in group_by_code()."""
    return page_of(group_by_code(share_code), entries_before=entries_before)


def draft_page(share_code: str, *, leader_id: int) -> GroupPage:
    """Return the page of a leader's own draft, as neighbours will see it; DoesNotExist else."""
    return page_of(groups().get(share_code=share_code, leader=leader_id, state=State.DRAFT))


def page_of(group: LeaderGroup, *, entries_before: int | None = None) -> GroupPage:
    """Return the page of a group that came from groups(): five queries."""
    rows = _marked(_items(group.group_buy_id), group)
    entries, older_than = entries_page(group.pk, before=entries_before)
    return GroupPage(
        group=group_card(group),
        items=tuple(item_card(row) for row in rows),
        categories=category_tabs(rows),
        entries=entries,
        older_than=older_than,
    )


def group_item(group: LeaderGroup, item_id: int) -> GroupBuyItem:
    """Return one item of a group's sale; GroupBuyItem.DoesNotExist where it is another's."""
    return _marked([_items(group.group_buy_id).get(pk=item_id)], group)[0]


def entries_page(
    group_id: int, *, before: int | None = None
) -> tuple[tuple[EntryRow, ...], int | None]:
    """Return up to 20 entries, newest first, and the number to ask for older ones with, if any."""
    entries = Entry.objects.filter(group_id=group_id, withdrawn_at=None)
    if before is not None:
        entries = entries.filter(number__lt=before)
    fields = ("number", "masked_name", "summary", "remark", "at")
    rows = list(entries.order_by("-number").values(*fields)[: ENTRIES_PER_PAGE + 1])
    page = tuple(entry_row(**row) for row in rows[:ENTRIES_PER_PAGE])
    return page, (page[-1].number if len(rows) > ENTRIES_PER_PAGE else None)


def last_entries(group_id: int, *, most: int = 100) -> tuple[tuple[EntryRow, ...], int]:
    """Return the newest entries of a chain in the order of their numbers, and how many more."""
    living = Entry.objects.filter(group_id=group_id, withdrawn_at=None)
    fields = ("number", "masked_name", "summary", "remark", "at")
    rows = list(living.order_by("-number").values(*fields)[: most + 1])
    more = living.count() - most if len(rows) > most else 0
    return tuple(entry_row(**row) for row in reversed(rows[:most])), more


def open_groups_of_point(point_id: int) -> list[GroupCard]:
    """Return the groups of a point that are open or about to open, soonest cut-off first."""
    waiting = groups().filter(pickup_point_id=point_id, state__in=[State.SCHEDULED, State.OPEN])
    cards = [group_card(group) for group in waiting.order_by("group_buy__closes_at", "pk")]
    return sorted(cards, key=lambda card: card.state != State.OPEN)


def groups_of_leader(leader_id: int, limit: int = 50) -> list[GroupCard]:
    """Return a leader's groups, newest first."""
    own = groups().filter(leader_id=leader_id).order_by("-group_buy__closes_at", "-pk")
    return [group_card(group) for group in own[:limit]]


def _items(group_buy_id: int) -> QuerySet[GroupBuyItem]:
    """Return a sale's items in order: one query and one for their categories."""
    categories = ProductCategory.objects.select_related("category")
    return (
        GroupBuyItem.objects.filter(group_buy_id=group_buy_id)
        .select_related(
            "product__extra",
            "product__rating_of_residents",
            "product__product_class",
            "product__parent__product_class",
            "stockrecord",
        )
        .prefetch_related(Prefetch("product__productcategory_set", categories))
        .order_by("position", "pk")
    )


def _marked(items: Iterable[GroupBuyItem], group: LeaderGroup) -> list[GroupBuyItem]:
    """Mark what may not be sold at the moment: the shelf shows it as sold out."""
    rows = list(items)
    held = held_back(rows, pickup_on=group.group_buy.pickup_on)
    for row in rows:
        row.is_held_back = row.pk in held
    return rows


def entry_row(*, masked_name: str, **row: Any) -> EntryRow:
    """Whoever does not want to be named is a neighbour."""
    return EntryRow(masked_name=masked_name or _("A neighbour"), **row)
