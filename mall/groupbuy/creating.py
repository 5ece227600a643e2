"""Setting a group buy up: from a plan, as a copy of an earlier one, and its pickup points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, State
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


@transact()
def create_group_buy(
    *, plan: GroupBuyPlan, items: Sequence[ItemPlan], points: Iterable[PickupPoint]
) -> GroupBuy:
    """Write down a draft of the mall with its items, in the given order, and its pickup points."""
    group_buy = GroupBuy.objects.create(**vars(plan))
    GroupBuyItem.objects.bulk_create(
        [
            GroupBuyItem(group_buy=group_buy, position=position, **vars(item))
            for position, item in enumerate(items, start=1)
        ]
    )
    _add_groups(group_buy, points)
    return group_buy


@transact()
def add_points(*, group_buy_id: int, points: Iterable[PickupPoint]) -> list[LeaderGroup]:
    """Let more pickup points take part, until the cut-off; those that do stay as they are."""
    group_buy = GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    if group_buy.state not in {State.DRAFT, State.SCHEDULED, State.OPEN}:
        raise NotReadyError(_("Pickup points can only be added before the cut-off."))
    return _add_groups(group_buy, points)


@transact()
def clone(*, group_buy_id: int, shift: timedelta = timedelta(days=7)) -> GroupBuy:
    """Copy texts, items and pickup points into a new draft, its dates moved by ``shift``.

    Nothing that happened comes along: no state, no sales, no share codes. Four writes however many
    items there are (in batches of 1,000).
    """
    source = GroupBuy.objects.get(pk=group_buy_id)
    copied = {name: getattr(source, name) for name in _COPIED}
    copy = GroupBuy.objects.create(
        **copied,
        opens_at=source.opens_at + shift,
        closes_at=source.closes_at + shift,
        pickup_on=(source.pickup_on + shift),
    )
    items = [_copy_of(item, copy) for item in source.items.order_by("position", "pk")]
    GroupBuyItem.objects.bulk_create(items, batch_size=1000)
    _add_groups(copy, PickupPoint.objects.filter(leader_groups__group_buy=source, active=True))
    return copy


_COPIED = (
    "title",
    "title_en",
    "text",
    "text_en",
    "cover",
    "owner_kind",
    "owner",
    "grace_minutes",
    "pickup_from",
    "pickup_until",
)


def _copy_of(item: GroupBuyItem, copy: GroupBuy) -> GroupBuyItem:
    return GroupBuyItem(
        group_buy=copy,
        product_id=item.product_id,
        stockrecord_id=item.stockrecord_id,
        price_minor=item.price_minor,
        strike_minor=item.strike_minor,
        cost_minor=item.cost_minor,
        quota=item.quota,
        limit_per_resident=item.limit_per_resident,
        position=item.position,
    )


def _add_groups(group_buy: GroupBuy, points: Iterable[PickupPoint]) -> list[LeaderGroup]:
    known = set(group_buy.groups.values_list("pickup_point_id", flat=True))
    groups = [
        LeaderGroup(
            group_buy=group_buy,
            pickup_point=point,
            leader_id=point.leader_id,
            state=group_buy.state,
        )
        for point in points
        if point.pk not in known
    ]
    return LeaderGroup.objects.bulk_create(groups)
