"""The bags a telephone takes along for a time without a connection: what lies here, what comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from mall.catalogue.titles import title_of
from mall.fulfilment.at_point import pieces_left
from mall.fulfilment.bagging import bags_of_lines
from mall.fulfilment.board import CAN_RECEIVE, groups_at_counter, is_cold, items_to_receive, masked
from mall.fulfilment.models import TraceCode
from mall.fulfilment.people import at_counter
from mall.fulfilment.today import places_of_orders
from mall.fulfilment.weights import line_grams
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status

BAGS_MAX: Final = 300
_COMES: Final = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT)
_DELIVERIES_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """Goods of a bag: pieces that may be handed over; whether they still have to be weighed."""

    line_id: int
    item_id: int
    title: str
    quantity: int
    is_cold: bool
    needs_weight: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBag:
    """One order that lies at the counter (``waits``), or whose delivery is to be counted in.

    ``code``, ``token``, ``label_codes`` and ``phone_tail`` are for the caller to hash; they go onto
    no page.
    """

    order_no: str
    point_id: int
    group_id: int
    group_title: str
    pickup_on: date
    resident: int
    masked_name: str
    shelf: str
    remark: str
    waits: bool
    bags: int
    lines: tuple[DayLine, ...]
    code: str
    token: str
    label_codes: tuple[str, ...]
    phone_tail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDelivery:
    """A group whose goods are to be counted in: what should come, per item."""

    group_id: int
    title: str
    point_id: int
    point_name: str
    pickup_on: date
    items: tuple[tuple[int, str, int], ...]


def bags_of_the_day(user_id: int) -> list[DayBag]:
    """Return what somebody may hand over today at her points, the oldest first; nine queries.

    At most BAGS_MAX of them; what is still to be counted in comes after what lies here.
    """
    rows = OrderFulfilment.objects.filter(at_counter(user_id), cancel_requested_at=None)
    rows = rows.select_related("group_buy", "pickup_point").prefetch_related(
        "lines__product__extra", "lines__at_point", "lines__weighings", "lines__trace_code"
    )
    lie = rows.filter(status=Status.ARRIVED).order_by("group_buy__pickup_on", "pk")
    come = rows.filter(status__in=_COMES, group__state__in=CAN_RECEIVE, group__arrival=None)
    come = come.order_by("group_buy__pickup_on", "pk")
    orders = list(lie[:BAGS_MAX])
    orders += list(come[: BAGS_MAX - len(orders)])
    places = places_of_orders(orders)
    bags = (_bag(order, places) for order in orders)
    return [bag for bag in bags if bag.lines]


def deliveries_of_the_day(user_id: int) -> list[DayDelivery]:
    """Return the deliveries somebody may count in, the earliest first; twenty at most."""
    groups = [group for group in groups_at_counter(user_id) if group.can_receive and group.orders]
    groups.sort(key=lambda group: (group.pickup_on, group.group_id))
    return [
        DayDelivery(
            group_id=group.group_id,
            title=group.title,
            point_id=group.point_id,
            point_name=group.point_name,
            pickup_on=group.pickup_on,
            items=tuple(
                (item.item_id, item.title, item.expected)
                for item in items_to_receive(user_id, group.group_id)
            ),
        )
        for group in groups[:_DELIVERIES_MAX]
    ]


def _bag(order: OrderFulfilment, places: dict[int, str]) -> DayBag:
    lines = [
        line
        for line in sorted(order.lines.all(), key=lambda line: line.pk)
        if line.quantity > line.refunded_quantity
    ]
    waits = order.status == Status.ARRIVED
    shown = (_line(line, waits=waits) for line in lines)
    return DayBag(
        order_no=order.order_no,
        point_id=order.pickup_point_id,
        group_id=order.group_id,
        group_title=order.group_buy.title,
        pickup_on=order.group_buy.pickup_on,
        resident=order.resident_id,
        masked_name=masked(order),
        shelf=places.get(order.pk, ""),
        remark=order.remark,
        waits=waits,
        bags=len(bags_of_lines(order.order_no, lines)),
        lines=tuple(line for line in shown if line.quantity),
        code=order.pickup_code if waits else "",
        token=order.pickup_token if waits else "",
        label_codes=tuple(code.code for line in lines if (code := _trace_code(line))),
        phone_tail=order.receiver_phone[-4:],
    )


def _line(line: LineFulfilment, *, waits: bool) -> DayLine:
    owed = line.quantity - line.refunded_quantity
    rows = sorted((w for w in line.weighings.all() if w.undone_at is None), key=lambda w: w.pk)
    grams = line_grams(((row.piece, row.grams) for row in rows), pieces=owed)
    return DayLine(
        line_id=line.pk,
        item_id=line.item_id,
        title=title_of(line.product),
        quantity=pieces_left(line) if waits else owed,
        is_cold=is_cold(getattr(line.product, "extra", None)),
        needs_weight=line.piece_grams is not None and grams is None,
    )


def _trace_code(line: LineFulfilment) -> TraceCode | None:
    return getattr(line, "trace_code", None)
