"""A small county town: people, pickup points, goods and a group buy, as plain make_* functions."""

from __future__ import annotations

import itertools
from datetime import time, timedelta
from decimal import Decimal

from oscar.apps.catalogue.models import Category, Product, ProductCategory, ProductClass
from oscar.apps.partner.models import Partner, StockRecord

from mall.accounts.models import User
from mall.catalogue.models import ProductExtra
from mall.groupbuy.creating import GroupBuyPlan, ItemPlan, create_group_buy
from mall.groupbuy.lifecycle import open_now, schedule
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup
from mall.pickup.models import Community, PickupPoint
from payments.api import business_date, now

_numbers = itertools.count(1)


def make_person(name: str = "李小娟", **fields: object) -> User:
    number = next(_numbers)
    defaults = {"username": f"person-{number}", "phone": f"+86139{number:08d}"}
    return User.objects.create(**{**defaults, "display_name": name, **fields})


def make_community(name: str = "幸福里", **fields: object) -> Community:
    defaults = {
        "district": "城关镇",
        "city": "安溪县",
        "latitude": "25.055",
        "longitude": "118.186",
    }
    community, _created = Community.objects.get_or_create(
        name=name,
        district=fields.get("district", defaults["district"]),
        defaults={**defaults, **fields},
    )
    return community


def make_point(name: str = "王姐水果店", **fields: object) -> PickupPoint:
    community = fields.pop("community", None) or make_community()
    defaults = {
        "community": community,
        "address": "解放路 3 号",
        "latitude": community.latitude,
        "longitude": community.longitude,
        "leader": fields.pop("leader", None) or make_person("王秀兰"),
    }
    return PickupPoint.objects.create(name=name, **{**defaults, **fields})


def make_product(title: str = "糯玉米", *, stock: int = 100, category: str = "蔬菜") -> Product:
    kind, _created = ProductClass.objects.get_or_create(
        name="生鲜", defaults={"requires_shipping": True, "track_stock": True}
    )
    product = Product.objects.create(title=title, product_class=kind)
    ProductExtra.objects.create(product=product, sales_unit="袋", net_grams=1000, origin="安溪")
    shelf = Category.objects.filter(name=category).first() or Category.objects.add_root(
        {"name": category}
    )
    ProductCategory.objects.create(product=product, category=shelf)
    supplier, _created = Partner.objects.get_or_create(name="安溪供销社")
    StockRecord.objects.create(
        product=product,
        partner=supplier,
        partner_sku=f"SKU{next(_numbers)}",
        price=Decimal("10.00"),
        num_in_stock=stock,
    )
    return product


def make_item_plan(product: Product, *, price_minor: int = 3000, **fields: object) -> ItemPlan:
    stock = product.stockrecords.get()
    defaults = {"price_minor": price_minor, "cost_minor": price_minor // 2}
    return ItemPlan(product_id=product.pk, stockrecord_id=stock.pk, **{**defaults, **fields})


def make_draft(
    *, items: list[ItemPlan] | None = None, points: list[PickupPoint] | None = None, **dates: object
) -> GroupBuy:
    at = now()
    defaults = {
        "opens_at": at + timedelta(hours=1),
        "closes_at": at + timedelta(hours=10),
        "pickup_on": business_date(at) + timedelta(days=2),
    }
    plan = GroupBuyPlan(
        title="周四鲜果团", pickup_from=time(16), pickup_until=time(20), **{**defaults, **dates}
    )
    return create_group_buy(
        plan=plan,
        items=items if items is not None else [make_item_plan(make_product())],
        points=points if points is not None else [make_point()],
    )


def make_open_group(
    *, items: list[ItemPlan] | None = None, point: PickupPoint | None = None
) -> LeaderGroup:
    group_buy = make_draft(items=items, points=[point] if point else None)
    schedule(group_buy_id=group_buy.pk)
    open_now(group_buy_id=group_buy.pk)
    return LeaderGroup.objects.select_related("group_buy", "pickup_point").get(group_buy=group_buy)


def item_of(group: LeaderGroup, position: int = 1) -> GroupBuyItem:
    return GroupBuyItem.objects.get(group_buy=group.group_buy_id, position=position)
