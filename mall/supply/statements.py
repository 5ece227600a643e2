"""What a supplier delivered in a time: pieces, cost, and what went back by its fault. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from mall.ordering.models import LineBack
from mall.supply.models import PurchaseLine, PurchaseOrder
from payments.api import day_bounds

Status = PurchaseOrder.Status
Why = LineBack.Why
_CAME: Final = (Status.DELIVERED, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A product that was delivered; money in fen."""

    product_id: int
    title: str
    ordered: int
    delivered: int
    cost_minor: int
    back_pieces: int
    back_minor: int

    @property
    def owed_minor(self) -> int:
        """Return the cost of what was ordered, less what is not owed any more (fen)."""
        return self.cost_minor - self.back_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why goods of a supplier went back, how often, and what it is not owed for it (fen)."""

    why: str
    label: str
    pieces: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A supplier's time: what was delivered, what went back, order by order."""

    rows: tuple[Delivered, ...]
    reasons: tuple[Reason, ...]
    orders: tuple[PurchaseOrder, ...]

    @property
    def cost_minor(self) -> int:
        """Return the cost of what was ordered: shortages are among what is not owed (fen)."""
        return sum(row.cost_minor for row in self.rows)

    @property
    def back_minor(self) -> int:
        """Return what is not owed any more (fen)."""
        return sum(reason.minor for reason in self.reasons)


def statement_of(supplier_id: int, *, since: date, until: date) -> Statement:
    """Return what a supplier delivered on the Shanghai days from ``since`` to ``until``.

    Orders by the day they were counted in, refunds by the day they were made: what a supplier is
    not owed of a line because of shortage, weight, after-sales or a recall. Five queries.
    """
    start, end = day_bounds(since)[0], day_bounds(until)[1]
    orders = PurchaseOrder.objects.filter(
        supplier=supplier_id, status__in=_CAME, delivered_at__gte=start, delivered_at__lt=end
    )
    backs = LineBack.objects.filter(
        line__supplier=supplier_id, cost_minor__gt=0, why__in=_BY_ITS_FAULT, at__gte=start
    ).filter(at__lt=end)
    by_product = {
        product: (pieces, minor)
        for product, pieces, minor in backs.order_by()
        .values_list("line__product_id")
        .annotate(n=Sum("quantity"), minor=Sum("cost_minor"))
    }
    return Statement(
        rows=tuple(_rows(orders.values("pk"), by_product)),
        reasons=tuple(
            _reasons(
                backs.order_by()
                .values_list("why")
                .annotate(n=Sum("quantity"), minor=Sum("cost_minor"))
            )
        ),
        orders=tuple(orders.select_related("group_buy").order_by("delivered_at", "pk")),
    )


def faults_by_supplier(*, since: date, until: date) -> dict[int, tuple[int, int, int]]:
    """Return per supplier how many lines, pieces and fen went back by its fault in a time."""
    start, end = day_bounds(since)[0], day_bounds(until)[1]
    backs = LineBack.objects.filter(why__in=_BY_ITS_FAULT, cost_minor__gt=0, at__gte=start)
    rows = (
        backs.filter(at__lt=end)
        .order_by()
        .values_list("line__supplier_id")
        .annotate(lines=Count("line", distinct=True), n=Sum("quantity"), minor=Sum("cost_minor"))
    )
    return {supplier: (lines, n, minor) for supplier, lines, n, minor in rows}


_BY_ITS_FAULT: Final = (Why.SHORTAGE, Why.WEIGHT, Why.CASE, Why.RECALL)


def _rows(orders: Any, by_product: dict[int, tuple[int, int]]) -> Iterable[Delivered]:
    lines = (
        PurchaseLine.objects.filter(purchase__in=orders)
        .order_by("product__title", "product")
        .values_list("product_id", "product__title")
        .annotate(
            ordered=Sum("pieces"),
            came=Coalesce(Sum("delivered", filter=Q(delivered__gt=0)), 0),
            cost=Coalesce(Sum(F("pieces") * F("unit_cost_minor")), 0),
        )
    )
    for product, title, ordered, came, cost in lines:
        pieces, minor = by_product.get(product, (0, 0))
        yield Delivered(
            product_id=product,
            title=title or "",
            ordered=ordered,
            delivered=came,
            cost_minor=cost,
            back_pieces=pieces,
            back_minor=minor,
        )


def _reasons(rows: Iterable[tuple[str, int, int]]) -> Iterable[Reason]:
    for why, pieces, minor in rows:
        yield Reason(why=why, label=str(Why(why).label), pieces=pieces, minor=minor)
