"""What is in a basket, what it comes to now, and what stands in its way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Line
from oscar.apps.catalogue.models import ProductCategory

from mall.catalogue.kinds import is_physical
from mall.catalogue.pictures import Picture, product_picture
from mall.catalogue.titles import title_of
from mall.groupbuy.models import GroupBasket, GroupBuyItem
from mall.groupbuy.readiness import held_back
from mall.groupbuy.strategy import left_of
from payments.api import Money


class ProblemCode(StrEnum):
    """Why a line cannot be ordered as it is, or what changed about it."""

    GONE = "gone"
    SOLD_OUT = "sold_out"
    TOO_FEW_LEFT = "too_few_left"
    OVER_LIMIT = "over_limit"
    PRICE_CHANGED = "price_changed"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem of a line, in words and figures. Only a changed price does not block the order."""

    code: ProblemCode
    message: str

    @property
    def blocks(self) -> bool:
        """Tell whether the line must be changed before ordering."""
        return self.code is not ProblemCode.PRICE_CHANGED


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """One line at today's group price. Amounts in fen."""

    line_id: int
    item_id: int | None
    product_id: int
    stockrecord_id: int
    supplier_id: int
    category_ids: tuple[int, ...]
    is_physical: bool
    title: str
    sales_unit: str
    picture: Picture | None
    quantity: int
    unit_minor: int
    net_grams: int | None
    strike_minor: int | None
    value_minor: int
    cost_minor: int
    left: int
    limit: int | None
    tolerance: int
    allows_tolerance: bool
    problems: tuple[Problem, ...]

    @property
    def pieces(self) -> int:
        """Return how many she pays for: what she wants, and what she takes to fill a case."""
        return self.quantity + self.tolerance


@dataclass(frozen=True, kw_only=True)
class BasketSummary:
    """A whole basket. ``goods_minor`` counts what is still offered, at today's prices."""

    basket_id: int | None
    group_id: int
    lines: tuple[BasketLine, ...]
    quantity: int
    goods_minor: int

    @property
    def quantities(self) -> dict[int, int]:
        """Pieces per item, those to fill a case with."""
        return {line.item_id: line.pieces for line in self.lines if line.item_id is not None}

    @property
    def is_orderable(self) -> bool:
        """Tell whether there is something in it and nothing blocks it."""
        blocked = any(problem.blocks for line in self.lines for problem in line.problems)
        return bool(self.lines) and not blocked


def empty_summary(group_id: int) -> BasketSummary:
    """Return the summary of a basket nobody has put anything into."""
    return BasketSummary(basket_id=None, group_id=group_id, lines=(), quantity=0, goods_minor=0)


def summary(
    group_basket: GroupBasket | None,
    *,
    group_id: int | None = None,
    bought: Mapping[int, int] | None = None,
) -> BasketSummary:
    """Return what a basket holds, in five queries however many lines it has.

    Without a basket, the empty summary of ``group_id``. ``bought`` says how many of each item the
    resident has already ordered in this group buy, so that her limit counts them too.
    """
    if group_basket is None:
        return empty_summary(group_id or 0)
    rows = _lines(group_basket)
    items = _items(group_basket, [row.product_id for row in rows])
    known = _Known(bought=bought or {}, held_back=_held_back(items.values()))
    lines = tuple(
        _line(
            row,
            items.get(row.product_id),
            tolerance=group_basket.tolerances.get(str(row.product_id), 0),
            known=known,
        )
        for row in rows
    )
    offered = [line for line in lines if line.item_id is not None]
    return BasketSummary(
        basket_id=group_basket.pk,
        group_id=group_basket.group_id,
        lines=lines,
        quantity=sum(line.pieces for line in offered),
        goods_minor=sum(line.value_minor for line in offered),
    )


def quantities_in(group_basket: GroupBasket | None) -> dict[int, int]:
    """Return the quantity per product in a basket, in one query: for a page that knows the rest."""
    if group_basket is None:
        return {}
    lines = Line.objects.filter(basket_id=group_basket.basket_id)
    return dict(lines.order_by("pk").values_list("product_id", "quantity"))


def _lines(group_basket: GroupBasket) -> list[Line]:
    lines = Line.objects.filter(basket_id=group_basket.basket_id)
    lines = lines.select_related(
        "product__extra",
        "product__product_class",
        "product__parent__product_class",
        "stockrecord",
    )
    categories = Prefetch(
        "product__productcategory_set", ProductCategory.objects.only("product", "category")
    )
    return list(lines.prefetch_related(categories).order_by("pk"))


def _items(group_basket: GroupBasket, product_ids: Sequence[int]) -> dict[int, GroupBuyItem]:
    if not product_ids:
        return {}
    items = GroupBuyItem.objects.filter(
        group_buy__groups=group_basket.group_id, product_id__in=product_ids
    )
    items = items.select_related("stockrecord", "group_buy")
    return {item.product_id: item for item in items}


def _held_back(items: Collection[GroupBuyItem]) -> dict[int, str]:
    """Return which items may not be sold at the moment; all are of one sale."""
    days = {item.group_buy.pickup_on for item in items}
    return held_back(items, pickup_on=days.pop()) if days else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known beside the rows: what she ordered before, what may not be sold."""

    bought: Mapping[int, int]
    held_back: Mapping[int, str]


def _line(row: Line, item: GroupBuyItem | None, *, tolerance: int, known: _Known) -> BasketLine:
    extra = getattr(row.product, "extra", None)
    unit = item.price_minor if item else 0
    return BasketLine(
        line_id=row.pk,
        item_id=item.pk if item else None,
        product_id=row.product_id,
        stockrecord_id=item.stockrecord_id if item else row.stockrecord_id,
        supplier_id=(item or row).stockrecord.partner_id,
        category_ids=tuple(each.category_id for each in row.product.productcategory_set.all()),
        is_physical=is_physical(row.product),
        title=title_of(row.product),
        sales_unit=extra.sales_unit if extra else "",
        picture=product_picture(row.product, 240),
        quantity=row.quantity,
        unit_minor=unit,
        net_grams=extra.net_grams if extra else None,
        strike_minor=item.strike_minor if item else None,
        value_minor=unit * (row.quantity + tolerance),
        cost_minor=item.cost_minor if item else 0,
        left=left_of(item) if item else 0,
        limit=item.limit_per_resident if item else None,
        tolerance=tolerance,
        allows_tolerance=bool(item and item.allows_tolerance),
        problems=tuple(_problems(row, item, pieces=row.quantity + tolerance, known=known)),
    )


def _problems(row: Line, item: GroupBuyItem | None, *, pieces: int, known: _Known) -> list[Problem]:
    if item is None or item.pk in known.held_back:
        return [Problem(code=ProblemCode.GONE, message=_("No longer offered in this group."))]
    found = []
    if (short := _shortage(pieces, left_of(item))) is not None:
        found.append(short)
    found += _over_limits(item, pieces, before=known.bought.get(item.pk, 0))
    if row.price_incl_tax is not None and row.price_incl_tax != Money(item.price_minor).major:
        text = _("The price changed from ¥%(old)s to ¥%(new)s.")
        figures = {"old": row.price_incl_tax, "new": Money(item.price_minor).to_major_str()}
        found.append(Problem(code=ProblemCode.PRICE_CHANGED, message=text % figures))
    return found


def _over_limits(item: GroupBuyItem, pieces: int, *, before: int) -> list[Problem]:
    texts = []
    if item.limit_per_resident is not None and before + pieces > item.limit_per_resident:
        text = _("At most %(limit)s per resident; you have already ordered %(before)s.")
        texts.append(text % {"limit": item.limit_per_resident, "before": before})
    if item.limit_per_order is not None and pieces > item.limit_per_order:
        texts.append(_("At most %(limit)s per order.") % {"limit": item.limit_per_order})
    if item.limit_per_day is not None and pieces > item.limit_per_day:
        texts.append(_("At most %(limit)s a day.") % {"limit": item.limit_per_day})
    return [Problem(code=ProblemCode.OVER_LIMIT, message=text) for text in texts]


def _shortage(quantity: int, left: int) -> Problem | None:
    if quantity <= left:
        return None
    if left == 0:
        return Problem(code=ProblemCode.SOLD_OUT, message=_("Sold out."))
    text = _("Only %(left)s left.") % {"left": left}
    return Problem(code=ProblemCode.TOO_FEW_LEFT, message=text)
