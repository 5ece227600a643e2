"""Setting a group buy up from a plan, and letting pickup points take part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, Sharing, State
from mall.pickup.models import PickupPoint
from payments.api import transact


@dataclass(frozen=True, kw_only=True)
class ItemPlan:
    """An item to offer; money in fen."""

    stockrecord_id: int
    product_id: int
    price_minor: int
    cost_minor: int
    strike_minor: int | None = None
    quota: int | None = None
    limit_per_resident: int | None = None
    limit_per_order: int | None = None
    limit_per_day: int | None = None
    tiers: Sequence[Sequence[int]] = ()
    case_size: int = 1
    allows_tolerance: bool = False
    minimum_quantity: int = 0


@dataclass(frozen=True, kw_only=True)
class GroupBuyPlan:
    """What a group buy is to be."""

    title: str
    opens_at: datetime
    closes_at: datetime
    pickup_on: date
    pickup_from: time
    pickup_until: time
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    grace_minutes: int = 15
    arrival_text: str = ""
    min_order_minor: int = 0
    max_orders: int | None = None
    max_amount_minor: int | None = None
    sharing: Sharing = Sharing.FAIR


@transact()
def create_group_buy(
    *, plan: GroupBuyPlan, items: Sequence[ItemPlan], points: Iterable[PickupPoint]
) -> GroupBuy:
    """Write down a draft of the mall with its items, in the given order, and its pickup points."""
    group_buy = GroupBuy.objects.create(**vars(plan))
    GroupBuyItem.objects.bulk_create(
        [
            _item_of(item, group_buy=group_buy, position=position)
            for position, item in enumerate(items, start=1)
        ]
    )
    add_groups(group_buy, points)
    return group_buy


@transact()
def add_points(*, group_buy_id: int, points: Iterable[PickupPoint]) -> list[LeaderGroup]:
    """Let more pickup points take part, until the cut-off; those that do stay as they are."""
    group_buy = GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    if group_buy.state not in {State.DRAFT, State.SCHEDULED, State.OPEN}:
        raise NotReadyError(_("Pickup points can only be added before the cut-off."))
    return add_groups(group_buy, points)


def _item_of(plan: ItemPlan, *, group_buy: GroupBuy, position: int) -> GroupBuyItem:
    fields = vars(plan) | {"tiers": [list(tier) for tier in plan.tiers]}
    return GroupBuyItem(group_buy=group_buy, position=position, **fields)


def add_groups(
    group_buy: GroupBuy,
    points: Iterable[PickupPoint],
    *,
    minimums: Mapping[int, tuple[str, int]] | None = None,
) -> list[LeaderGroup]:
    """Let points take part that do not yet, with their own minimum (kind, value) if they have one.

    Inside the transaction that writes or holds the group buy.
    """
    known = set(group_buy.groups.values_list("pickup_point_id", flat=True))
    groups = [
        LeaderGroup(
            group_buy=group_buy,
            pickup_point=point,
            leader_id=point.leader_id,
            state=group_buy.state,
            **_minimum_of(point, minimums or {}),
        )
        for point in points
        if point.pk not in known
    ]
    return LeaderGroup.objects.bulk_create(groups)


def _minimum_of(point: PickupPoint, minimums: Mapping[int, tuple[str, int]]) -> dict[str, Any]:
    if point.pk not in minimums:
        return {}
    kind, value = minimums[point.pk]
    return {"minimum_kind": kind, "minimum_value": value}
