"""The shapes several addresses answer with: groups, goods, baskets, orders. Money in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mall.groupbuy.cards import GroupCard, PointCard
from mall.groupbuy.selectors import ItemCard
from mall.groupbuy.summaries import BasketLine, BasketSummary, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHead:
    """A group: whose, where, until when, how far; times of day as HH:MM of Shanghai."""

    group_id: int
    share_code: str
    state: str
    title: str
    text: str
    cover: str
    leader_name: str
    opens_at: datetime
    closes_at: datetime
    pay_until: datetime
    pickup_on: date
    pickup_from: str
    pickup_until: str
    point: PointCard
    arrival_text: str
    min_order_minor: int
    is_full: bool
    minimum_kind: str
    minimum_value: int
    joined_count: int
    order_count: int
    quantity: int
    amount_minor: int


def group_head(group: GroupCard) -> GroupHead:
    """Return a group without what only the pages need."""
    names = GroupHead.__dataclass_fields__.keys() - {"pickup_from", "pickup_until"}
    return GroupHead(
        **{name: getattr(group, name) for name in names},
        pickup_from=f"{group.pickup_from:%H:%M}",
        pickup_until=f"{group.pickup_until:%H:%M}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureShown:
    """A picture at one width."""

    width: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShown:
    """A product at its group price."""

    item_id: int
    product_id: int
    title: str
    short_text: str
    sales_unit: str
    net_grams: int | None
    origin: str
    storage: str
    is_weighed: bool
    price_minor: int
    strike_minor: int | None
    per_jin_minor: int | None
    sold: int
    left: int
    limit: int | None
    limit_per_order: int | None
    limit_per_day: int | None
    tiers: list[tuple[int, int]]
    case_size: int
    allows_tolerance: bool
    minimum_quantity: int
    final_price_minor: int | None
    category_ids: list[int]
    pictures: list[PictureShown]


def item_shown(item: ItemCard) -> ItemShown:
    """Return an item without what only the pages need."""
    pictures = [
        PictureShown(width=width, url=picture.url)
        for width, picture in sorted(item.pictures.items())
        if picture is not None
    ]
    names = ItemShown.__dataclass_fields__.keys() - {"pictures", "tiers", "category_ids"}
    return ItemShown(
        **{name: getattr(item, name) for name in names},
        tiers=list(item.tiers),
        category_ids=list(item.category_ids),
        pictures=pictures,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLineShown:
    """One line of a basket at today's price."""

    line_id: int
    item_id: int | None
    title: str
    quantity: int
    tolerance: int
    unit_minor: int
    value_minor: int
    left: int
    problems: list[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketShown:
    """A basket, and whether it can be ordered as it is."""

    lines: list[BasketLineShown]
    quantity: int
    goods_minor: int
    is_orderable: bool


def basket_shown(basket: BasketSummary) -> BasketShown:
    """Return a basket without costs and suppliers."""
    return BasketShown(
        lines=[_line(line) for line in basket.lines],
        quantity=basket.quantity,
        goods_minor=basket.goods_minor,
        is_orderable=basket.is_orderable,
    )


def _line(line: BasketLine) -> BasketLineShown:
    names = BasketLineShown.__dataclass_fields__.keys() - {"problems"}
    return BasketLineShown(
        **{name: getattr(line, name) for name in names}, problems=list(line.problems)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackShown:
    """A part of a line that went back, and why."""

    why: str
    quantity: int
    payer_minor: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineShown:
    """A line of an order, with what of it went back."""

    line_id: int
    item_id: int
    title: str
    quantity: int
    unit_minor: int
    value_minor: int
    refunded_quantity: int
    refunded_minor: int
    backs: list[BackShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """An order of hers; the pickup code once the goods are there."""

    order_no: str
    share_code: str
    status: str
    goods_minor: int
    discount_minor: int
    payable_minor: int
    refunded_minor: int
    agreement_no: str
    offer_name: str
    receiver_name: str
    receiver_phone: str
    remark: str
    pickup: dict[str, str]
    pickup_code: str
    pickup_token: str
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    arrived_at: datetime | None
    collected_at: datetime | None
    window_ends_at: datetime | None
    can_pay: bool
    can_cancel: bool
    can_change: bool
    lines: list[OrderLineShown]
