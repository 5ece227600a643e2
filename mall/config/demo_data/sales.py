"""Two open group buys with different pickup days, their times counted from now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any, Final

from django.core.files import File
from oscar.apps.partner.models import StockRecord

from mall.catalogue.deals import strikes_of
from mall.config.demo_data.goods import PICTURES, read_goods
from mall.groupbuy.creating import GroupBuyPlan, ItemPlan, create_group_buy
from mall.groupbuy.lifecycle import open_if_due, schedule
from mall.groupbuy.models import GroupBuy, State
from mall.pickup.models import PickupPoint
from payments.api import business_date, day_bounds, local, now

DINNER: Final = "今晚接龙 · 明日鲜到"
DINNER_EN: Final = "Tonight's group, fresh tomorrow"
WEEKEND: Final = "周末囤货 · 产地直发"
# At ten in the evening at the latest tomorrow's dinner is the next one.
_CUT_OFF: Final = timedelta(hours=23)
_LATEST_START: Final = time(22)
_TERMS: Final[dict[str, dict[str, Any]]] = {
    "shine-muscat-grape": {"tiers": ((10, 3390), (30, 3190))},
    "salted-duck-eggs": {"case_size": 6, "allows_tolerance": True},
}
_SAME_ALWAYS: Final = 3
_FRESH: Final = {"fruit", "vegetables", "meat-eggs", "seafood", "dairy-bakery", "frozen-ready"}


def load_sales(stock: dict[str, StockRecord], points: Iterable[PickupPoint]) -> list[GroupBuy]:
    """Open tonight's and the weekend's group buy, unless they are open already."""
    goods = read_goods()["products"]
    tonight = _cut_off_day()
    fresh = [each for each in goods if each["category"] in _FRESH or _of_the_story(each)]
    pantry = [
        each for each in goods if each["category"] not in _FRESH or each["shelf_life_days"] > 10
    ]
    points = list(points)
    return [
        _sale(
            plan_of(DINNER, DINNER_EN, tonight, pickup_after_days=1),
            _with_terms(items_of(fresh, stock), stock),
            points,
            cover="cover-fresh.webp",
        ),
        _sale(
            plan_of(
                WEEKEND,
                "Weekend stock-up, straight from the farm",
                tonight + timedelta(days=2),
                pickup_after_days=2,
            ),
            items_of(pantry, stock),
            points,
            cover="cover-pantry.webp",
        ),
    ]


def _keeps(goods: dict[str, Any]) -> bool:
    return (goods["shelf_life_days"] or 0) > 10


def _of_the_story(goods: dict[str, Any]) -> bool:
    """Keep what makes 208.00 together in tonight's group buy."""
    return goods["price_minor"] in {3000, 4900, 8000}


def _cut_off_day() -> date:
    here = local(now())
    return here.date() if here.time() < _LATEST_START else here.date() + timedelta(days=1)


def plan_of(title: str, title_en: str, last_day: date, *, pickup_after_days: int) -> GroupBuyPlan:
    """Plan a sale that is cut off at eleven in the evening of a day and open before that."""
    closes_at = day_bounds(last_day)[0] + _CUT_OFF
    return GroupBuyPlan(
        title=title,
        title_en=title_en,
        text="基地与工厂直供，截单后统一采购，不囤货。坏果按份赔付，提货 24 小时内联系团长。",
        text_en=(
            "Straight from farms and makers, bought after the cut-off, nothing stored. "
            "Bad pieces are paid back: tell your leader within 24 hours of collecting."
        ),
        opens_at=min(now(), closes_at - timedelta(hours=15)),
        closes_at=closes_at,
        pickup_on=last_day + timedelta(days=pickup_after_days),
        pickup_from=time(16),
        pickup_until=time(20),
    )


def items_of(goods: list[dict[str, Any]], stock: dict[str, StockRecord]) -> list[ItemPlan]:
    """Offer goods of the data file at their group price, struck through what was really paid."""
    paid = strikes_of([stock[each["slug"]].product_id for each in goods], business_date())
    return [
        ItemPlan(
            stockrecord_id=stock[each["slug"]].pk,
            product_id=stock[each["slug"]].product_id,
            price_minor=each["price_minor"],
            cost_minor=each["cost_minor"],
            strike_minor=_proven(each, paid.get(stock[each["slug"]].product_id, 0)),
            limit_per_resident=2 if any("限购" in tag for tag in each["tags"]) else None,
        )
        for each in goods
    ]


def as_sold_then(goods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return goods at what they cost on ordinary days: that is what may be struck through today.

    Every third of them costs the same on all days, and has no price to strike through.
    """
    return [
        each | {"price_minor": each["strike_minor"] or each["price_minor"], "strike_minor": None}
        if len(each["slug"]) % _SAME_ALWAYS
        else each
        for each in goods
    ]


def _with_terms(items: list[ItemPlan], stock: dict[str, StockRecord]) -> list[ItemPlan]:
    """Let a few goods get cheaper together, or come by the case."""
    terms = {stock[slug].pk: terms for slug, terms in _TERMS.items()}
    return [replace(item, **terms.get(item.stockrecord_id, {})) for item in items]


def _proven(goods: dict[str, Any], paid_minor: int) -> int | None:
    strike = min(goods["strike_minor"] or 0, paid_minor)
    return strike if strike > goods["price_minor"] else None


def _sale(
    plan: GroupBuyPlan, items: list[ItemPlan], points: list[PickupPoint], *, cover: str
) -> GroupBuy:
    running = GroupBuy.objects.filter(title=plan.title, state=State.OPEN, closes_at__gt=now())
    found = running.first()
    if found:
        return found
    sale = create_group_buy(plan=plan, items=items, points=points)
    with (PICTURES / cover).open("rb") as picture:
        sale.cover.save(cover, File(picture))
    schedule(group_buy_id=sale.pk)
    open_if_due(group_buy_id=sale.pk)
    sale.refresh_from_db()
    return sale
