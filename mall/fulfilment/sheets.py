"""What lies in the vans and stands at the points, line by line: the stuff of all sheets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.db.models import Q, QuerySet

from mall.accounts.masking import mask_name
from mall.catalogue.titles import reads_english
from mall.fulfilment.bagging import Storage, in_bag_order, storage_of
from mall.fulfilment.models import Shelf
from mall.groupbuy.models import State
from mall.ordering.models import LineFulfilment, Status

_ON_SHEETS: Final = (
    Status.PAID,
    Status.CONFIRMED,
    Status.IN_TRANSIT,
    Status.ARRIVED,
    Status.COLLECTED,
    Status.CLOSED,
)
_DECIDED: Final = (State.FORMED, State.ORDERED, State.ARRIVED, State.SETTLED)
_FIELDS: Final = (
    "pk",
    "order_id",
    "order__order_no",
    "order__pickup_point_id",
    "order__pickup_point__name",
    "order__group_id",
    "order__resident_id",
    "order__receiver_name",
    "order__receiver_phone",
    "order__remark",
    "item_id",
    "product_id",
    "title",
    "product__extra__title_en",
    "product__extra__sales_unit",
    "product__extra__net_grams",
    "supplier__name",
    "storage_class",
    "quantity",
    "refunded_quantity",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which lines a sheet is about: a day, and of it some points, a group, a supplier's goods."""

    day: date | None = None
    point_ids: tuple[int, ...] | None = None
    group_id: int | None = None
    supplier_id: int | None = None

    def lines(self) -> QuerySet[LineFulfilment]:
        """Return the lines of decided groups, neither cancelled nor refunded whole."""
        lines = LineFulfilment.objects.filter(
            order__status__in=_ON_SHEETS,
            order__cancel_requested_at=None,
            order__group__state__in=_DECIDED,
        )
        wanted = Q()
        if self.day is not None:
            wanted &= Q(order__group_buy__pickup_on=self.day)
        if self.point_ids is not None:
            wanted &= Q(order__pickup_point__in=self.point_ids)
        if self.group_id is not None:
            wanted &= Q(order__group=self.group_id)
        if self.supplier_id is not None:
            wanted &= Q(supplier=self.supplier_id)
        return lines.filter(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line of an order as sheets show it: names masked; grams of one piece."""

    line_id: int
    order_no: str
    point_id: int
    point: str
    group_id: int
    resident_id: int
    shelf: str
    shelf_number: int
    name: str
    phone_tail: str
    remark: str
    item_id: int
    product_id: int
    title: str
    unit: str
    grams: int | None
    supplier: str
    storage: str
    pieces: int
    bag: int
    bags: int

    @property
    def is_cold(self) -> bool:
        """Tell whether it must be kept cold."""
        return self.storage != Storage.AMBIENT

    @property
    def all_grams(self) -> int | None:
        """Return the weight of all pieces; None where nobody said one piece's."""
        return None if self.grams is None else self.grams * self.pieces


def lines_of(scope: Scope) -> list[SheetLine]:
    """Return the lines of a scope by point, shelf, order and bag: two queries.

    Of a supplier's goods alone the bag numbers are the whole order's, and phones are left out.
    """
    rows = list(scope.lines().order_by("pk").values_list(*_FIELDS, named=True))
    shelves = _shelves(rows, scope)
    bags = _bags(rows, scope)
    english = reads_english()
    lines = [
        _line(
            row,
            shelves.get((row.order__pickup_point_id, row.order__resident_id)),
            bags[row.order_id],
            english=english,
            scope=scope,
        )
        for row in rows
        if row.quantity > row.refunded_quantity
    ]
    lines.sort(key=_by_resident)
    return lines


def by_product(lines: Iterable[SheetLine]) -> list[tuple[str, list[SheetLine]]]:
    """Return lines by product: cold ones last, else by name; each with its own lines."""
    ordered = sorted(lines, key=lambda line: (line.storage, line.title, line.product_id))
    found = groupby(ordered, key=lambda line: (line.storage, line.title, line.product_id))
    return [(key[1], sorted(each, key=_by_resident)) for key, each in found]


def by_order(lines: Sequence[SheetLine]) -> list[tuple[str, list[SheetLine]]]:
    """Return lines by order, as they lie in `lines`."""
    return [(no, list(each)) for no, each in groupby(lines, key=lambda line: line.order_no)]


def by_point(lines: Sequence[SheetLine]) -> list[tuple[str, list[SheetLine]]]:
    """Return lines by pickup point, as they lie in `lines`."""
    found = groupby(lines, key=lambda line: (line.point_id, line.point))
    return [(key[1], list(each)) for key, each in found]


def _by_resident(line: SheetLine) -> tuple[Any, ...]:
    return (line.point, line.point_id, line.shelf_number, line.order_no, line.bag, line.line_id)


def _shelves(rows: Sequence[Any], scope: Scope) -> dict[tuple[int, int], Shelf]:
    points = {row.order__pickup_point_id for row in rows}
    places = Shelf.objects.filter(pickup_point__in=points)
    if scope.day is not None:
        places = places.filter(pickup_on=scope.day)
    elif scope.group_id is not None:
        places = places.filter(pickup_on__in=_day_of_group(scope.group_id))
    return {(place.pickup_point_id, place.resident_id): place for place in places}


def _day_of_group(group_id: int) -> QuerySet[Any]:
    lines = LineFulfilment.objects.filter(order__group=group_id)
    return lines.values("order__group_buy__pickup_on")[:1]


def _bags(rows: Sequence[Any], scope: Scope) -> dict[int, list[str]]:
    """Return each order's ways of keeping, in the order of its bags."""
    if scope.supplier_id is not None:
        orders = {row.order_id for row in rows}
        all_lines = LineFulfilment.objects.filter(order__in=orders)
        found = all_lines.values_list("order_id", "storage_class", "quantity", "refunded_quantity")
        kept = [(order, storage) for order, storage, n, back in found if n > back]
    else:
        kept = [
            (row.order_id, row.storage_class)
            for row in rows
            if row.quantity > row.refunded_quantity
        ]
    storages: defaultdict[int, set[str]] = defaultdict(set)
    for order, storage in kept:
        storages[order].add(storage_of(storage))
    return {order: in_bag_order(each) for order, each in storages.items()}


def _line(
    row: Any, shelf: Shelf | None, bags: list[str], *, english: bool, scope: Scope
) -> SheetLine:
    storage = storage_of(row.storage_class)
    return SheetLine(
        line_id=row.pk,
        order_no=row.order__order_no,
        point_id=row.order__pickup_point_id,
        point=row.order__pickup_point__name,
        group_id=row.order__group_id,
        resident_id=row.order__resident_id,
        shelf=shelf.label if shelf else "",
        shelf_number=shelf.number if shelf else 0,
        name=mask_name(row.order__receiver_name),
        phone_tail="" if scope.supplier_id is not None else row.order__receiver_phone[-4:],
        remark="" if scope.supplier_id is not None else row.order__remark,
        item_id=row.item_id,
        product_id=row.product_id,
        title=(english and row.product__extra__title_en) or row.title,
        unit=row.product__extra__sales_unit or "",
        grams=row.product__extra__net_grams,
        supplier=row.supplier__name,
        storage=storage,
        pieces=row.quantity - row.refunded_quantity,
        bag=bags.index(storage) + 1,
        bags=len(bags),
    )
