"""Sixty-four products of eight suppliers, out of the data file of the catalogue."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.core.files import File
from oscar.apps.catalogue.models import (
    Category,
    Product,
    ProductCategory,
    ProductClass,
    ProductImage,
)
from oscar.apps.partner.models import Partner, StockRecord

from mall.catalogue.costs import set_cost
from mall.catalogue.models import ProductExtra
from mall.catalogue.services import save_product
from mall.catalogue.slugs import pinyin_slug
from mall.config.demo_data.batches import load_batches
from payments.api import Money, now, travelling

FOLDER: Final = Path(__file__).resolve().parents[2] / "catalogue"
DATA: Final = FOLDER / "demo_products.json"
PICTURES: Final = FOLDER / "demo_media"
# How many fill a box of the pickup point's shelf, and what one should know at home.
_PER_BOX: Final = {"fruit": 4, "vegetables": 8, "household": 6}
_KEEPING: Final = {
    "chilled": "到家请放冰箱冷藏，尽快食用。",
    "frozen": "到家请立即放入冷冻室，化冻后不要再冻。",
    "ambient": "阴凉干燥处存放。",
}
_ALLERGENS: Final = {
    "fresh-milk": "含乳制品",
    "drinking-yoghurt": "含乳制品",
    "butter-croissant": "含小麦、乳制品、鸡蛋",
    "wholewheat-toast": "含小麦",
    "butter-cookies": "含小麦、乳制品、鸡蛋",
    "berry-cupcakes": "含小麦、乳制品、鸡蛋",
    "roasted-peanuts": "含花生",
    "white-shrimp": "含甲壳类",
    "hairy-crab": "含甲壳类",
    "crayfish": "含甲壳类",
    "peeled-prawns": "含甲壳类",
}
_ALSO_CALLED: Final = {
    "cherry-tomato": "圣女果 西红柿 番茄",
    "yellow-potato": "马铃薯 洋芋 土豆",
    "roasted-sweet-potato": "地瓜 番薯",
    "thorny-cucumber": "青瓜",
    "purple-aubergine": "茄子",
    "fruit-corn": "苞谷 玉米",
    "shanghai-green": "青菜 小白菜",
    "free-range-eggs": "鸡蛋 土鸡蛋",
    "bamboo-toilet-roll": "卫生纸 手纸",
}
_ORGANIC: Final = {"cherry-tomato": "CN-ORG-演示-0001"}


def read_goods() -> dict[str, Any]:
    """Read the data file."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    names = {each["key"]: each["name"] for each in data["suppliers"]}
    for each in data["products"]:
        each["producer"] = names[each["supplier"]]
    return data


def load_goods() -> dict[str, StockRecord]:
    """Fill the catalogue; return the stock record of each product by its slug."""
    data = read_goods()
    kind, _created = ProductClass.objects.get_or_create(
        slug="goods", defaults={"name": "实物商品", "requires_shipping": True, "track_stock": True}
    )
    categories = {each["key"]: _category(each["name"]) for each in data["categories"]}
    suppliers = {
        each["key"]: Partner.objects.get_or_create(
            code=each["key"], defaults={"name": each["name"]}
        )[0]
        for each in data["suppliers"]
    }
    stock = {
        each["slug"]: _stocked(each, kind, categories[each["category"]], suppliers=suppliers)
        for each in data["products"]
    }
    load_batches(data["products"], stock)
    return stock


def _category(name: str) -> Category:
    found = Category.objects.filter(name=name, depth=1).first()
    return found or Category.add_root(name=name, slug=pinyin_slug(name))


def _stocked(
    goods: dict[str, Any], kind: ProductClass, category: Category, *, suppliers: dict[str, Partner]
) -> StockRecord:
    product = Product.objects.filter(upc=goods["slug"]).first()
    if product is None:
        product = _product(goods, kind, category)
    record, is_new = StockRecord.objects.get_or_create(
        product=product,
        partner=suppliers[goods["supplier"]],
        defaults={
            "partner_sku": goods["slug"],
            "price_currency": "CNY",
            "price": Money(goods["strike_minor"] or goods["price_minor"]).major,
            "num_in_stock": goods["stock"],
        },
    )
    if is_new:
        _cost_until_today(record, goods["cost_minor"])
    return record


def _cost_until_today(record: StockRecord, cost_minor: int) -> None:
    """Let the supplier have been a little cheaper two months ago, so that there is a history."""
    for days, minor in ((60, cost_minor * 96 // 100), (20, cost_minor)):
        with travelling(now() - timedelta(days=days)):
            set_cost(stockrecord_id=record.pk, cost_minor=minor, by=None)


def _product(goods: dict[str, Any], kind: ProductClass, category: Category) -> Product:
    product = Product(
        upc=goods["slug"],
        slug=goods["slug"],
        title=goods["title"],
        description=goods["description"],
        product_class=kind,
        structure=Product.STANDALONE,
    )
    product.save()
    ProductCategory.objects.create(product=product, category=category)
    with (PICTURES / goods["picture"]).open("rb") as picture:
        ProductImage.objects.create(
            product=product, original=File(picture, name=goods["picture"]), display_order=0
        )
    save_product(product=product, details=_details(goods))
    return product


def _details(goods: dict[str, Any]) -> dict[str, Any]:
    return {
        "sales_unit": goods["sales_unit"],
        "net_grams": goods["net_grams"],
        "origin": goods["origin"],
        "storage_class": ProductExtra.Storage(goods["storage_class"]),
        "shelf_life_days": goods["shelf_life_days"],
        "short_text": goods["description"][:120],
        "title_en": goods["title_en"],
        "short_text_en": goods["description_en"][:200],
        "producer": goods["producer"],
        "pieces_per_box": _PER_BOX.get(goods["category"], 10),
        "keeping": "" if goods["category"] == "household" else _KEEPING[goods["storage_class"]],
        "allergens": _ALLERGENS.get(goods["slug"], ""),
        "keywords": _ALSO_CALLED.get(goods["slug"], ""),
        "organic_certificate": _ORGANIC.get(goods["slug"], ""),
    }
