"""The keeper of stock and quota: the only writer of what is left of anything (S1 to S5, S8).

The supplier's stock is Oscar's stock record (in stock, allocated), the quota is the group-buy item
(held, sold). Every change is a conditional UPDATE whose WHERE is the invariant, and must touch
every row it names; where several rows change they are locked in primary-key order first, so that
two orders never wait for each other. Callers put these calls last in their transactions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Case, F, IntegerField, Model, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from oscar.apps.partner.models import StockRecord

from mall.groupbuy.models import GroupBuyItem
from mall.groupbuy.strategy import left_of
from mall.ordering.errors import SoldOutError, StockHeldError
from mall.ordering.models import StockReservation
from payments.api import now

State = StockReservation.State
M = TypeVar("M", bound=Model)
_ALLOCATED = Coalesce(F("num_allocated"), 0)


class StockBooksError(RuntimeError):
    """A programming error: more would be given back than was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """So many of an item from a stock record."""

    item_id: int
    stockrecord_id: int
    quantity: int


def hold(wanted: Sequence[Wanted]) -> None:
    """Take goods out of stock and quota for an unpaid order: all, or SoldOutError and none."""
    per_item, per_record = _sums(wanted)
    has_quota = Q(quota=None) | Q(quota__gte=F("held") + F("sold") + _each(per_item))
    items = _rows(GroupBuyItem.objects.all(), per_item)
    if items.filter(has_quota).update(held=F("held") + _each(per_item)) != len(per_item):
        raise SoldOutError(items=_missing(per_item, ours={}))
    has_stock = Q(num_in_stock__gte=_ALLOCATED + _each(per_record))
    records = _rows(StockRecord.objects.all(), per_record)
    taken = records.filter(has_stock).update(num_allocated=_ALLOCATED + _each(per_record))
    if taken != len(per_record):
        raise SoldOutError(items=_missing(per_item, ours=per_item))


def sell(order_pk: int) -> None:
    """Turn what a paid order holds into sold goods; repeating changes nothing."""
    wanted = _end(order_pk, came_from=State.HELD, to=State.CONSUMED)
    if wanted:
        per_item, _per_record = _sums(wanted)
        _change_items(per_item, held=-1, sold=1)


def release(order_pk: int, *, to: str = State.RELEASED) -> None:
    """Put back what an unpaid order held (to RELEASED or EXPIRED); repeating changes nothing."""
    wanted = _end(order_pk, came_from=State.HELD, to=to)
    if wanted:
        per_item, per_record = _sums(wanted)
        _change_items(per_item, held=-1)
        _free(per_record)


def take_back(order_pk: int) -> None:
    """Put back what a refunded order had bought and nobody has dispatched yet."""
    wanted = _end(order_pk, came_from=State.CONSUMED, to=State.RETURNED, dispatched_at=None)
    if wanted:
        per_item, per_record = _sums(wanted)
        _change_items(per_item, sold=-1)
        _free(per_record)


def put_back(pieces: Mapping[int, int]) -> None:
    """Put some sold, undispatched pieces of lines (by primary key) back; the rest stays sold."""
    each = _each(pieces)
    rows = StockReservation.objects.filter(
        pk__in=pieces, state=State.CONSUMED, dispatched_at=None, quantity__gte=F("returned") + each
    )
    items = dict(rows.values_list("pk", "item_id"))
    records = dict(rows.values_list("pk", "item__stockrecord_id"))
    _require(rows.update(returned=F("returned") + each), pieces)
    per_item, per_record = _sums(
        Wanted(item_id=items[pk], stockrecord_id=records[pk], quantity=quantity)
        for pk, quantity in pieces.items()
    )
    _change_items(per_item, sold=-1)
    _free(per_record)


def move(lines: Mapping[int, Wanted]) -> None:
    """Let sold, undispatched goods of lines be other items': all, or SoldOutError and none."""
    rows = StockReservation.objects.filter(
        pk__in=lines, state=State.CONSUMED, dispatched_at=None
    ).order_by("pk")
    before, before_records = _sums(_wanted(rows))
    after, after_records = _sums(lines.values())
    _lock(GroupBuyItem.objects.all(), {*before, *after})
    has_quota = Q(quota=None) | Q(quota__gte=F("held") + F("sold") + _each(after))
    items = GroupBuyItem.objects.filter(has_quota, pk__in=after)
    if items.update(sold=F("sold") + _each(after)) != len(after):
        raise SoldOutError(items=_missing(after, ours={}))
    _change_items(before, sold=-1)
    if_pks = [When(pk=pk, then=Value(each.item_id)) for pk, each in lines.items()]
    moved = rows.update(item_id=Case(*if_pks, output_field=IntegerField()))
    _require(moved, lines)
    _lock(StockRecord.objects.all(), {*before_records, *after_records})
    if more := after_records - before_records:
        has_stock = Q(num_in_stock__gte=_ALLOCATED + _each(more))
        records = StockRecord.objects.filter(has_stock, pk__in=more)
        if records.update(num_allocated=_ALLOCATED + _each(more)) != len(more):
            raise SoldOutError(items=_missing(after, ours=after))
    _free(before_records - after_records)


def dispatch(order_pks: Sequence[int]) -> None:
    """Let the sold goods of these orders leave the supplier's stock."""
    sold = StockReservation.objects.filter(
        line__order__in=order_pks, state=State.CONSUMED, dispatched_at=None
    )
    wanted = _wanted(sold)
    if not wanted:
        return
    if sold.update(dispatched_at=now()) != len(wanted):
        raise StockBooksError("somebody else dispatches the same goods")
    _per_item, per_record = _sums(wanted)
    if not per_record:
        return
    each = _each(per_record)
    records = _rows(StockRecord.objects.all(), per_record)
    moved = records.filter(num_allocated__gte=each, num_in_stock__gte=each).update(
        num_allocated=F("num_allocated") - each, num_in_stock=F("num_in_stock") - each
    )
    _require(moved, per_record)


def correct(changes: Mapping[int, int]) -> None:
    """Change what suppliers have by so many counted pieces per stock record: all or none.

    StockHeldError where less would be left than orders hold.
    """
    per_record = {pk: pieces for pk, pieces in changes.items() if pieces}
    if not per_record:
        return
    each, in_stock = _each(per_record), Coalesce(F("num_in_stock"), 0)
    records = _rows(StockRecord.objects.all(), per_record).alias(after=in_stock + each)
    moved = records.filter(after__gte=_ALLOCATED).update(num_in_stock=in_stock + each)
    if moved != len(per_record):
        raise StockHeldError(stockrecords=sorted(per_record))


def left_of_items(item_ids: Iterable[int]) -> dict[int, int]:
    """Return how many more of each item can be sold now."""
    items = GroupBuyItem.objects.filter(pk__in=item_ids).select_related("stockrecord")
    return {item.pk: left_of(item) for item in items}


def _end(order_pk: int, *, came_from: str, to: str, **where: Any) -> list[Wanted]:
    """End the order's reservations once, and say what they were for."""
    rows = StockReservation.objects.filter(line__order=order_pk, state=came_from, **where)
    wanted = _wanted(rows)
    if wanted and rows.update(state=to) != len(wanted):
        raise StockBooksError(f"order {order_pk}: a reservation ended elsewhere")
    return wanted


def _wanted(rows: QuerySet[StockReservation]) -> list[Wanted]:
    """Say what reservations still hold; of one that was put back piece by piece, nothing."""
    left = F("quantity") - F("returned")
    fields = rows.values_list("item_id", "item__stockrecord_id", left).order_by("pk")
    return [
        Wanted(item_id=item, stockrecord_id=record, quantity=quantity)
        for item, record, quantity in fields
    ]


def _sums(wanted: Iterable[Wanted]) -> tuple[Counter[int], Counter[int]]:
    per_item: Counter[int] = Counter()
    per_record: Counter[int] = Counter()
    for each in wanted:
        per_item[each.item_id] += each.quantity
        per_record[each.stockrecord_id] += each.quantity
    return +per_item, +per_record


def _rows(rows: QuerySet[M], quantities: Mapping[int, int]) -> QuerySet[M]:
    """Return the rows to change, locked in primary-key order where there are several."""
    if len(quantities) > 1:
        _lock(rows, quantities)
    return rows.filter(pk__in=sorted(quantities))


def _lock(rows: QuerySet[Any], pks: Iterable[int]) -> None:
    some = rows.filter(pk__in=sorted(pks)).order_by("pk").select_for_update(no_key=True)
    list(some.values_list("pk", flat=True))


def _each(quantities: Mapping[int, int]) -> Any:
    """Write "so many for this row" in SQL."""
    amounts = set(quantities.values())
    if len(amounts) == 1:
        return Value(amounts.pop())
    whens = [When(pk=pk, then=Value(quantity)) for pk, quantity in quantities.items()]
    return Case(*whens, output_field=IntegerField())


def _change_items(per_item: Mapping[int, int], *, held: int = 0, sold: int = 0) -> None:
    if not per_item:
        return
    each = _each(per_item)
    changes = {}
    enough = Q()
    for field, sign in (("held", held), ("sold", sold)):
        if sign:
            changes[field] = F(field) + each * sign
            enough &= Q(**{f"{field}__gte": each}) if sign < 0 else Q()
    moved = _rows(GroupBuyItem.objects.all(), per_item).filter(enough).update(**changes)
    _require(moved, per_item)


def _free(per_record: Mapping[int, int]) -> None:
    if not per_record:
        return
    each = _each(per_record)
    records = _rows(StockRecord.objects.all(), per_record)
    moved = records.filter(num_allocated__gte=each).update(num_allocated=F("num_allocated") - each)
    _require(moved, per_record)


def _require(moved: int, quantities: Mapping[int, int]) -> None:
    if moved != len(quantities):
        raise StockBooksError(f"of {len(quantities)} rows only {moved} hold what is given back")


def _missing(wanted: Mapping[int, int], *, ours: Mapping[int, int]) -> list[dict[str, int]]:
    """Say what is left of what could not be had; ``ours`` is held by this failing transaction."""
    items = list(GroupBuyItem.objects.filter(pk__in=wanted).select_related("stockrecord"))
    for item in items:
        item.held -= ours.get(item.pk, 0)
    return [
        {"item_id": item.pk, "wanted": wanted[item.pk], "left": left_of(item)}
        for item in items
        if left_of(item) < wanted[item.pk]
    ]
