"""What a leader wants to sell on her own, held against what the mall lets her sell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from mall.catalogue.titles import title_of
from mall.groupbuy.errors import OwnSaleError
from mall.groupbuy.models import Assortment, AssortmentItem, GroupBuyItem, LeaderGroup
from mall.groupbuy.pickup_times import pickup_begins
from mall.groupbuy.tiers import check_tiers
from mall.pickup.models import PickupPoint
from payments.api import Money, business_date, now

_MOST_ITEMS: Final = 200
_MOST_FEN: Final = 100_000_00
_MOST_PIECES: Final = 30_000
_LONGEST: Final = timedelta(days=30)
_Minimum = LeaderGroup.Minimum


@dataclass(frozen=True, kw_only=True)
class OwnItem:
    """A product the leader offers; fen."""

    product_id: int
    price_minor: int
    quota: int | None = None
    limit_per_resident: int | None = None
    minimum_quantity: int = 0
    tiers: Sequence[Sequence[int]] = ()


@dataclass(frozen=True, kw_only=True)
class OwnPlan:
    """What a leader's sale is to be."""

    assortment_id: int
    title: str
    opens_at: datetime
    closes_at: datetime
    pickup_on: date
    pickup_from: time
    pickup_until: time
    point_ids: Sequence[int]
    items: Sequence[OwnItem]
    text: str = ""
    minimum_kind: str = _Minimum.NONE
    minimum_value: int = 0


def points_of(plan: OwnPlan, *, leader_id: int) -> list[PickupPoint]:
    """Return the leader's points the plan names.

    OwnSaleError for none, for another's, or where nobody is there on the pickup day.
    """
    own = PickupPoint.objects.filter(leader=leader_id, active=True, pk__in=plan.point_ids)
    points = list(own.order_by("pk"))
    if not points or len(points) != len(set(plan.point_ids)):
        raise OwnSaleError(_("Choose at least one of your own pickup points."))
    away = [each.name for each in points if not each.hands_out(plan.pickup_on)]
    if away:
        text = _("Nobody is there on that pickup day: %(points)s.")
        raise OwnSaleError(text % {"points": "、".join(away)})
    return points


def require_sane(plan: OwnPlan) -> None:
    """Raise OwnSaleError where title, dates or minimum cannot be meant."""
    if not plan.title.strip() or len(plan.title) > 80:
        raise OwnSaleError(_("Give your sale a title of up to 80 characters."))
    if not plan.opens_at < plan.closes_at <= plan.opens_at + _LONGEST or plan.closes_at <= now():
        raise OwnSaleError(_("The cut-off comes after the opening and after now, within 30 days."))
    if (
        not business_date(plan.closes_at)
        <= plan.pickup_on
        <= business_date(plan.closes_at + _LONGEST)
    ):
        raise OwnSaleError(_("The pickup day is not before the cut-off, and within 30 days of it."))
    if plan.closes_at >= pickup_begins(plan.pickup_on, plan.pickup_from):
        raise OwnSaleError(_("The cut-off is after the pickup has begun."))
    if plan.pickup_until <= plan.pickup_from:
        raise OwnSaleError(_("The pickup hours end after they begin."))
    has_minimum = plan.minimum_kind != _Minimum.NONE
    if plan.minimum_kind not in _Minimum or has_minimum != (0 < plan.minimum_value <= _MOST_FEN):
        raise OwnSaleError(_("A minimum needs a number above 0, and no minimum needs none."))


def items_of(plan: OwnPlan, *, assortment: Assortment) -> list[GroupBuyItem]:
    """Return the plan's items, unsaved, at the mall's cost.

    OwnSaleError (data: items = [{product_id, why}]) for goods that are not in the assortment,
    offered twice, below their lowest price or otherwise impossible.
    """
    if not 0 < len(plan.items) <= _MOST_ITEMS:
        raise OwnSaleError(_("Choose from 1 to %(most)s products.") % {"most": _MOST_ITEMS})
    offered = _offered(assortment, plan)
    wrong: list[tuple[int, str]] = []
    items = []
    for position, wish in enumerate(plan.items, start=1):
        known = offered.pop(wish.product_id, None)
        why = _("It is not in this assortment, or chosen twice.")
        why = why if known is None else _why_not(wish, known)
        if why or known is None:
            wrong.append((wish.product_id, f"{title_of(known.product)}: {why}" if known else why))
        else:
            items.append(_item(wish, known, position))
    if wrong:
        told = [{"product_id": product_id, "why": why} for product_id, why in wrong]
        raise OwnSaleError(" ".join(why for _product_id, why in wrong[:5]), items=told)
    return items


def is_inside(items: Sequence[GroupBuyItem], *, assortment: Assortment) -> bool:
    """Tell whether prices and amounts keep to the assortment, so that nobody need look."""
    rows = assortment.items.filter(active=True)
    offered = {row.product_id: row for row in rows}
    return all(
        item.product_id in offered and _keeps_to(item, offered[item.product_id]) for item in items
    )


def _keeps_to(item: GroupBuyItem, row: AssortmentItem) -> bool:
    most = row.most_pieces
    fits = most is None or (item.quota is not None and item.quota <= most)
    in_range = row.floor_minor <= item.lowest_minor and item.price_minor <= row.ceiling_minor
    same_goods = item.stockrecord_id == row.stockrecord_id and item.cost_minor == row.cost_minor
    return fits and in_range and same_goods


def _offered(assortment: Assortment, plan: OwnPlan) -> dict[int, AssortmentItem]:
    rows = assortment.items.filter(
        active=True, product__in=[wish.product_id for wish in plan.items]
    )
    return {row.product_id: row for row in rows.select_related("product__extra")}


def _why_not(wish: OwnItem, known: AssortmentItem) -> str:
    if not 0 < wish.price_minor <= _MOST_FEN:
        return _("The price is above 0 and at most ¥100,000.")
    try:
        check_tiers(wish.tiers, price_minor=wish.price_minor)
    except ValueError as wrong:
        return str(wrong)
    lowest = min([wish.price_minor, *(price for _pieces, price in wish.tiers)])
    if lowest < known.floor_minor:
        floor = Money(known.floor_minor).to_major_str()
        return _("The lowest price is ¥%(yuan)s.") % {"yuan": floor}
    return _wrong_counts(wish)


def _wrong_counts(wish: OwnItem) -> str:
    counts = (wish.quota, wish.limit_per_resident)
    if any(count is not None and not 0 < count <= _MOST_PIECES for count in counts):
        return _("A number of pieces is from 1 to 30,000; leave it empty for no limit.")
    if not 0 <= wish.minimum_quantity <= (wish.quota or _MOST_PIECES):
        return _("With this quota the quantity to form is never reached.")
    return ""


def _item(wish: OwnItem, known: AssortmentItem, position: int) -> GroupBuyItem:
    return GroupBuyItem(
        product_id=known.product_id,
        stockrecord_id=known.stockrecord_id,
        price_minor=wish.price_minor,
        cost_minor=known.cost_minor,
        quota=wish.quota,
        limit_per_resident=wish.limit_per_resident,
        minimum_quantity=wish.minimum_quantity,
        tiers=[list(tier) for tier in wish.tiers],
        position=position,
    )
