"""What a group, a point and an item look like to a resident: plain values, nothing personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from oscar.apps.catalogue.models import Category

from mall.catalogue.kinds import is_physical
from mall.catalogue.pictures import SIZES, Picture, product_picture
from mall.catalogue.prices import price_per_jin_minor
from mall.catalogue.ratings import Stars, stars_of
from mall.catalogue.search import SearchText
from mall.catalogue.titles import reads_english, short_text_of, title_of
from mall.groupbuy.models import GroupBuyItem, LeaderGroup, State
from mall.groupbuy.strategy import left_of
from mall.pickup.models import PickupPoint
from payments.api import business_date


@dataclass(frozen=True, kw_only=True)
class PointCard:
    """The pickup point of a group, as residents see it."""

    point_id: int
    name: str
    community: str
    address: str
    phone: str
    opening_hours: str
    takes_orders: bool
    holiday_until: date | None
    away: tuple[date, date] | None = None
    bank_name: str = ""


@dataclass(frozen=True, kw_only=True)
class CategoryTab:
    """A category that occurs in the group."""

    category_id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ItemCard:
    """A product at its group price. Amounts in fen."""

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
    tiers: tuple[tuple[int, int], ...]
    case_size: int
    allows_tolerance: bool
    minimum_quantity: int
    final_price_minor: int | None
    final_quantity: int | None
    category_ids: tuple[int, ...]
    is_physical: bool
    pictures: dict[int, Picture | None]
    stars: Stars | None
    search: SearchText

    @property
    def is_sold_out(self) -> bool:
        """Tell whether nothing is left."""
        return self.left == 0


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    """A line of the chain, without the resident behind it."""

    number: int
    masked_name: str
    summary: str
    remark: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class GroupCard:
    """A group without its goods: what a list, a header or a checkout needs. Amounts in fen."""

    group_id: int
    share_code: str
    group_buy_id: int
    state: str
    title: str
    text: str
    cover: str
    leader_id: int
    leader_name: str
    opens_at: datetime
    closes_at: datetime
    pay_until: datetime
    pickup_on: date
    pickup_from: time
    pickup_until: time
    point: PointCard
    arrival_text: str
    min_order_minor: int
    is_full: bool
    version: int
    minimum_kind: str
    minimum_value: int
    joined_count: int
    order_count: int
    quantity: int
    amount_minor: int

    def is_selling(self, at: datetime) -> bool:
        """Tell whether orders may be placed at that instant, as far as the clock is concerned."""
        return self.state == State.OPEN and self.opens_at <= at < self.closes_at


def group_card(group: LeaderGroup) -> GroupCard:
    """Describe a group that came from groups(): no query."""
    sale = group.group_buy
    english = reads_english()
    return GroupCard(
        group_id=group.pk,
        share_code=group.share_code,
        group_buy_id=sale.pk,
        state=group.state,
        title=(english and sale.title_en) or sale.title,
        text=(english and sale.text_en) or sale.text,
        cover=sale.cover.url if sale.cover else "",
        leader_id=group.leader_id,
        leader_name=str(group.leader),
        opens_at=sale.opens_at,
        closes_at=sale.closes_at,
        pay_until=sale.pay_until,
        pickup_on=sale.pickup_on,
        pickup_from=sale.pickup_from,
        pickup_until=sale.pickup_until,
        point=point_card(group.pickup_point),
        arrival_text=sale.arrival_text,
        min_order_minor=sale.min_order_minor,
        is_full=sale.filled_at is not None,
        version=group.version,
        minimum_kind=group.minimum_kind,
        minimum_value=group.minimum_value,
        joined_count=group.joined_count,
        order_count=group.order_count,
        quantity=group.quantity,
        amount_minor=group.amount_minor,
    )


def point_card(point: PickupPoint) -> PointCard:
    """Describe a pickup point that came with its community: no query."""
    today = business_date()
    rest = point.break_on(today)
    coming = None if rest else point.next_break(today)
    return PointCard(
        point_id=point.pk,
        name=point.name,
        community=point.community.name,
        address=point.address,
        phone=point.phone,
        opening_hours=point.opening_hours,
        takes_orders=point.has_sign_open and rest is None,
        holiday_until=rest.last_day if rest else None,
        away=(coming.first_day, coming.last_day) if coming else None,
        bank_name=point.bank_unit.name if point.bank_unit else "",
    )


def item_card(item: GroupBuyItem) -> ItemCard:
    """Describe an item that came from a selector: no query."""
    product = item.product
    extra = getattr(product, "extra", None)
    grams = extra.net_grams if extra else None
    return ItemCard(
        item_id=item.pk,
        product_id=item.product_id,
        title=title_of(product),
        short_text=short_text_of(product),
        sales_unit=extra.sales_unit if extra else "",
        net_grams=grams,
        origin=extra.origin if extra else "",
        storage=str(extra.get_storage_class_display()) if extra else "",
        is_weighed=bool(extra and extra.is_weighed),
        price_minor=item.price_minor,
        strike_minor=item.strike_minor,
        per_jin_minor=price_per_jin_minor(price_minor=item.price_minor, net_grams=grams),
        sold=item.sold,
        left=0 if item.is_held_back else left_of(item),
        limit=item.limit_per_resident,
        limit_per_order=item.limit_per_order,
        limit_per_day=item.limit_per_day,
        tiers=tuple((pieces, price) for pieces, price in item.tiers),
        case_size=item.case_size,
        allows_tolerance=item.allows_tolerance,
        minimum_quantity=item.minimum_quantity,
        final_price_minor=item.final_price_minor,
        final_quantity=item.final_quantity,
        category_ids=tuple(row.category_id for row in product.productcategory_set.all()),
        is_physical=is_physical(product),
        pictures={size: product_picture(product, size) for size in SIZES},
        stars=stars_of(product),
        search=SearchText(
            title=product.title.lower(),
            pinyin=extra.pinyin if extra else "",
            initials=extra.initials if extra else "",
        ),
    )


def category_tabs(items: Sequence[GroupBuyItem]) -> tuple[CategoryTab, ...]:
    """Return the categories that occur, in the catalogue's order."""
    found: dict[int, Category] = {}
    for item in items:
        for row in item.product.productcategory_set.all():
            found[row.category_id] = row.category
    ordered = sorted(found.values(), key=lambda category: category.path)
    return tuple(CategoryTab(category_id=each.pk, name=each.name) for each in ordered)
