"""What others ask about purchase: open shortages, splits per point, the board of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from mall.groupbuy.models import GroupBuy, State
from mall.supply.models import PurchaseLine, PurchaseOrder, PurchaseShare
from payments.api import day_bounds, now

Status = PurchaseOrder.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShortage:
    """An item of which a supplier says it brings less than was ordered; not shared out yet."""

    item_id: int
    group_buy_id: int
    group_buy: str
    title: str
    supplier: str
    purchase_nos: tuple[str, ...]
    line_ids: tuple[int, ...]
    ordered: int
    available: int
    because: str
    rest_until: date | None
    answered_at: datetime | None

    @property
    def missing(self) -> int:
        """Return how many pieces are missing."""
        return self.ordered - self.available


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPart:
    """So many pieces of a line for one pickup point."""

    group_id: int
    point: str
    pieces: int


@dataclass(slots=True, kw_only=True)
class SupplierDay:
    """How a supplier's orders of a day stand; money in fen."""

    supplier_id: int
    name: str
    orders: list[PurchaseOrder] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing: int = 0

    @property
    def cost_minor(self) -> int:
        """Return what they cost together (fen)."""
        return sum(order.cost_minor for order in self.orders)

    @property
    def pieces(self) -> int:
        """Return their pieces."""
        return sum(order.pieces for order in self.orders)


def open_shortages(group_buy_id: int | None = None) -> list[OpenShortage]:
    """Return what suppliers announced not to bring and nobody shared out yet, item by item.

    ``ordered`` and ``available`` are sums over all orders that are out for the item, so that
    ``available`` is what its residents can have.
    """
    rows = _out_lines()
    if group_buy_id is not None:
        rows = rows.filter(purchase__group_buy=group_buy_id)
    short = rows.filter(can_bring__lt=F("pieces"), shared_at=None)
    items = list(short.values_list("item_id", flat=True).distinct())
    lines = _out_lines().filter(item__in=items).select_related("purchase__group_buy")
    by_item: dict[int, list[PurchaseLine]] = defaultdict(list)
    for line in lines.select_related("purchase__supplier").order_by("item", "pk"):
        by_item[line.item_id].append(line)
    return [_shortage(found) for found in by_item.values()]


def mark_shared(*, item_id: int, by: str) -> int:
    """Note that an item's announced shortage was shared out; return how many lines that closes.

    In the caller's transaction, with what gives the money back. Twice changes nothing.
    """
    del by  # whoever shared out is kept with the sharing
    short = _out_lines().filter(item=item_id, can_bring__lt=F("pieces"), shared_at=None)
    keys = list(short.values_list("pk", flat=True))
    return PurchaseLine.objects.filter(pk__in=keys, shared_at=None).update(shared_at=now())


def points_of(purchase: PurchaseOrder) -> dict[int, list[PointPart]]:
    """Return how each line of an order splits over the pickup points, in one query."""
    rows = (
        PurchaseShare.objects.filter(line__purchase=purchase)
        .order_by()
        .values_list("line_id", "group_id", "group__pickup_point__name")
        .annotate(n=Sum("pieces"))
    )
    parts: dict[int, list[PointPart]] = defaultdict(list)
    for line, group, point, pieces in rows:
        parts[line].append(PointPart(group_id=group, point=point, pieces=pieces))
    for found in parts.values():
        found.sort(key=lambda part: (part.point, part.group_id))
    return dict(parts)


def orders_of_day(day: date) -> QuerySet[PurchaseOrder]:
    """Return the orders to be delivered on a Shanghai day, those that fell away left out."""
    start, end = day_bounds(day)
    rows = PurchaseOrder.objects.filter(deliver_until__gte=start, deliver_until__lt=end)
    rows = rows.exclude(status=Status.VOID).select_related("supplier__profile", "group_buy")
    return rows.order_by("supplier__name", "pk")


def board(day: date) -> list[SupplierDay]:
    """Return how every supplier's orders of a day stand: two queries."""
    orders = list(orders_of_day(day))
    missing = dict(
        PurchaseLine.objects.filter(purchase__in=orders, can_bring__lt=F("pieces"))
        .order_by()
        .values_list("purchase__supplier")
        .annotate(n=Sum(F("pieces") - F("can_bring")))
    )
    days: dict[int, SupplierDay] = {}
    for order in orders:
        known = days.setdefault(
            order.supplier_id,
            SupplierDay(supplier_id=order.supplier_id, name=order.supplier.name),
        )
        known.orders.append(order)
        known.missing = missing.get(order.supplier_id, 0)
    return list(days.values())


def waiting_sales() -> QuerySet[GroupBuy]:
    """Return group buys that formed and have drafts to be sent, or none yet."""
    live = Q(purchase_orders__status=Status.DRAFT)
    rows = GroupBuy.objects.filter(state=State.FORMED)
    return rows.annotate(drafts=Count("purchase_orders", filter=live)).order_by("pickup_on", "pk")


def _out_lines() -> QuerySet[PurchaseLine]:
    return PurchaseLine.objects.filter(purchase__status__in=PurchaseOrder.OUT)


def _shortage(lines: Iterable[PurchaseLine]) -> OpenShortage:
    rows = list(lines)
    short = [line for line in rows if line.missing > 0]
    first = short[0]
    return OpenShortage(
        item_id=first.item_id,
        group_buy_id=first.purchase.group_buy_id,
        group_buy=str(first.purchase.group_buy),
        title=first.title,
        supplier=first.purchase.supplier.name,
        purchase_nos=tuple(sorted({line.purchase.purchase_no for line in rows})),
        line_ids=tuple(line.pk for line in rows),
        ordered=sum(line.pieces for line in rows),
        available=sum(line.pieces - line.missing for line in rows),
        because="；".join(dict.fromkeys(line.short_because for line in short)),
        rest_until=max((line.rest_until for line in short if line.rest_until), default=None),
        answered_at=first.purchase.answered_at,
    )
