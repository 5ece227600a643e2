"""How far a group and its goods have come: figures that were really paid, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from mall.catalogue.titles import title_of
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.groupbuy.tiers import next_tier, price_at

Minimum = LeaderGroup.Minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProgress:
    """What an item has reached over all groups of the sale, and what is missing. Fen, pieces."""

    item_id: int
    title: str
    sold: int
    missing_to_form: int
    price_now_minor: int
    next_tier_pieces: int | None
    next_tier_minor: int | None
    missing_to_next_tier: int
    case_size: int
    missing_to_full_case: int
    final_quantity: int | None
    final_price_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a group has reached and what it lacks (people, pieces or fen, as its minimum counts)."""

    group_id: int
    joined_count: int
    order_count: int
    quantity: int
    amount_minor: int
    minimum_kind: str
    minimum_value: int
    missing: int
    items: tuple[ItemProgress, ...]

    @property
    def is_reached(self) -> bool:
        """Tell whether the group would form now."""
        return self.missing == 0


def progress_of(group: LeaderGroup) -> Progress:
    """Return a group's progress: one query, however many items it has."""
    items = GroupBuyItem.objects.filter(group_buy=group.group_buy_id)
    items = items.select_related("product__extra").order_by("position", "pk")
    return Progress(
        group_id=group.pk,
        joined_count=group.joined_count,
        order_count=group.order_count,
        quantity=group.quantity,
        amount_minor=group.amount_minor,
        minimum_kind=group.minimum_kind,
        minimum_value=group.minimum_value,
        missing=missing_of(group),
        items=tuple(item_progress(item) for item in items),
    )


def missing_of(group: LeaderGroup) -> int:
    """Return how many people, pieces or fen a group lacks; 0 where it has no minimum."""
    reached = {
        Minimum.NONE: group.minimum_value,
        Minimum.PEOPLE: group.joined_count,
        Minimum.QUANTITY: group.quantity,
        Minimum.AMOUNT: group.amount_minor,
    }
    return max(0, group.minimum_value - reached[Minimum(group.minimum_kind)])


def item_progress(item: GroupBuyItem) -> ItemProgress:
    """Return an item's progress; it came with its product: no query."""
    ahead = next_tier(item.tiers, item.sold)
    return ItemProgress(
        item_id=item.pk,
        title=title_of(item.product),
        sold=item.sold,
        missing_to_form=max(0, item.minimum_quantity - item.sold),
        price_now_minor=price_at(item.tiers, item.sold, price_minor=item.price_minor),
        next_tier_pieces=ahead[0] if ahead else None,
        next_tier_minor=ahead[1] if ahead else None,
        missing_to_next_tier=ahead[0] - item.sold if ahead else 0,
        case_size=item.case_size,
        missing_to_full_case=-item.sold % item.case_size,
        final_quantity=item.final_quantity,
        final_price_minor=item.final_price_minor,
    )
