"""Sorting a group's goods into bags: what is ticked stays ticked, whichever phone did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from mall.accounts.models import User
from mall.fulfilment.errors import CountsError, NotYourPointError
from mall.fulfilment.models import PackedBag, SortedLine, SortingReport
from mall.fulfilment.people import at_counter, may_receive
from mall.fulfilment.receiving import SURPLUS_MAX
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from payments.api import now, transact

SORTABLE: Final = (Status.CONFIRMED, Status.IN_TRANSIT, Status.ARRIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """What is done of a group: lines in bags, bags on the shelf, and their totals."""

    lines_in: int
    lines: int
    bags_done: int
    bags: int
    at: datetime


def tick_line(*, line_id: int, is_in: bool, by: User) -> None:
    """Put a line's pieces into the bag, or take them out again; the same wish twice is one.

    OrderGoneError for lines of other people's groups, or handed over already.
    """
    tick_lines(lines={line_id: is_in}, by=by)


@transact()
def tick_lines(*, lines: Mapping[int, bool], by: User) -> None:
    """Tick several lines as they shall be; of two phones the later one counts."""
    mine = _lines_of(by).filter(pk__in=lines)
    found = set(mine.values_list("pk", flat=True))
    if found != set(lines):
        raise OrderGoneError(lines=sorted(set(lines) - found))
    at = now()
    SortedLine.objects.bulk_create(
        [SortedLine(line_id=pk, is_in=lines[pk], by=by, at=at) for pk in sorted(lines)],
        ignore_conflicts=True,
    )
    for is_in in (True, False):
        pks = [pk for pk, wish in lines.items() if wish is is_in]
        rows = SortedLine.objects.filter(line__in=pks).exclude(is_in=is_in)
        rows.update(is_in=is_in, by=by, at=at)
    _open_bags([pk for pk, wish in lines.items() if not wish], by=by, at=at)


@transact()
def tick_item(*, group_id: int, item_id: int, is_in: bool, by: User) -> int:
    """Put an item into all bags of a group, or take it out; return how many lines it has."""
    lines = _lines_of(by).filter(order__group=group_id, item=item_id)
    wishes = dict.fromkeys(lines.values_list("pk", flat=True), is_in)
    if wishes:
        tick_lines(lines=wishes, by=by)
    return len(wishes)


@transact()
def bag_done(*, order_no: str, is_done: bool, by: User) -> OrderFulfilment:
    """Put an order's bag on the shelf with everything in it, or take it down again.

    OrderGoneError for other people's orders and for bags handed over.
    """
    order = _orders_of(by).filter(order_no=order_no).first()
    if order is None:
        raise OrderGoneError(order_no=order_no)
    at = now()
    if is_done:
        left = order.lines.filter(quantity__gt=F("refunded_quantity"))
        tick_lines(lines=dict.fromkeys(left.values_list("pk", flat=True), True), by=by)
    row = PackedBag(order=order, is_done=is_done, by=by, at=at)
    PackedBag.objects.bulk_create([row], ignore_conflicts=True)
    PackedBag.objects.filter(order=order).exclude(is_done=is_done).update(
        is_done=is_done, by=by, at=at
    )
    return order


def report_missing(
    *, group_id: int, item_id: int, missing: int, wish: str, by: User, **told: Any
) -> SortingReport:
    """Tell the office that pieces are missing or spoilt; a form sent twice is one report.

    ``told`` may hold a note and a photo drawn by mall.papers.uploads. NotYourPointError,
    CountsError for a count that cannot be.
    """
    group = LeaderGroup.objects.filter(pk=group_id).first()
    if group is None or not may_receive(group, by):
        raise NotYourPointError
    is_of_group = GroupBuyItem.objects.filter(pk=item_id, group_buy=group.group_buy_id).exists()
    if not is_of_group or not 0 < missing <= SURPLUS_MAX:
        raise CountsError(items=[{"item_id": item_id, "missing": missing}])
    known = SortingReport.objects.filter(group=group_id, wish=wish[:40]).first()
    if known is not None:
        return known
    report = SortingReport(
        group_id=group_id,
        item_id=item_id,
        missing=missing,
        note=str(told.get("note", "")).strip()[:200],
        photo=told.get("photo") or "",
        wish=wish[:40],
        by=by,
        at=now(),
    )
    SortingReport.objects.bulk_create([report], ignore_conflicts=True)
    return SortingReport.objects.get(group=group_id, wish=wish[:40])


def settle_report(*, report_id: int, answer: str, by: User) -> bool:
    """Note that the office has looked at a report; say whether this call did."""
    open_ones = SortingReport.objects.filter(pk=report_id, settled_at=None)
    return bool(open_ones.update(settled_at=now(), settled_by=by, answer=answer.strip()[:200]))


def _orders_of(by: User) -> Any:
    orders = OrderFulfilment.objects.filter(status__in=SORTABLE, cancel_requested_at=None)
    return orders if by.is_staff else orders.filter(at_counter(by.pk))


def _lines_of(by: User) -> Any:
    lines = LineFulfilment.objects.filter(
        order__status__in=SORTABLE, quantity__gt=F("refunded_quantity")
    )
    return lines if by.is_staff else lines.filter(at_counter(by.pk, "order__"))


def _open_bags(line_ids: list[int], *, by: User, at: datetime) -> None:
    """A bag out of which something was taken is not done."""
    if line_ids:
        bags = PackedBag.objects.filter(order__lines__in=line_ids, is_done=True)
        pks = list(bags.values_list("pk", flat=True))
        PackedBag.objects.filter(pk__in=pks).update(is_done=False, by=by, at=at)
