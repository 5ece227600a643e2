"""One order at the counter: what is in its bags, where they stand, what to mind; names masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.catalogue.titles import title_of
from mall.fulfilment.at_point import pieces_left
from mall.fulfilment.bagging import BagLabel, bags_of_lines
from mall.fulfilment.board import is_cold, masked
from mall.fulfilment.models import Collection, Shelf
from mall.fulfilment.people import at_counter, may_hand_over
from mall.fulfilment.weights import line_grams
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from payments.api import now

_JUST_NOW: Final = timedelta(hours=1)
_WAS_COLLECTED: Final = (Status.COLLECTED, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BagLine:
    """Goods of a bag: pieces to hand over, pieces handed over before; grams if weighed."""

    line_id: int
    title: str
    quantity: int
    done: int
    is_cold: bool
    grams: int | None
    needs_weight: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherBag:
    """Another order of the same neighbour that waits at the same point."""

    order_no: str
    group_title: str
    shelf: str
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """Money that went back for goods of the bag, and why; fen."""

    title: str
    why: str
    payer_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """One order at the counter."""

    order_no: str
    status: str
    masked_name: str
    phone_tail: str
    group_id: int
    group_title: str
    point_id: int
    point_name: str
    shelf: str
    labels: tuple[BagLabel, ...]
    lines: tuple[BagLine, ...]
    others: tuple[OtherBag, ...]
    backs: tuple[MoneyBack, ...]
    remark: str
    pieces: int
    can_hand_over: bool
    problem: str
    visit_id: int | None
    collected_at: datetime | None

    @property
    def is_cold(self) -> bool:
        """Tell whether something of it waits in the fridge."""
        return any(line.is_cold and line.quantity for line in self.lines)

    @property
    def needs_weight(self) -> bool:
        """Tell whether goods priced by weight were not weighed yet."""
        return any(line.needs_weight for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Goods handed over a moment ago: what one may still undo."""

    visit_id: int
    order_no: str
    masked_name: str
    phone_tail: str
    is_last: bool
    collected_at: datetime


def bag_of(order_no: str, *, by: User) -> Bag:
    """Return an order as the bags it is; OrderGoneError for what somebody may not hand over."""
    order = (
        OrderFulfilment.objects.select_related("group_buy", "pickup_point")
        .filter(order_no=order_no)
        .first()
    )
    if order is None or not may_hand_over(order, by):
        raise OrderGoneError(order_no=order_no)
    rows = order.lines.select_related("product__extra", "at_point").prefetch_related("weighings")
    lines = [line for line in rows.order_by("pk") if line.quantity > line.refunded_quantity]
    waits = order.status == Status.ARRIVED
    shown = tuple(_line(line, waits=waits) for line in lines)
    visit = order.collections.filter(undone_at=None).order_by("-pk").first()
    return Bag(
        order_no=order.order_no,
        status=order.status,
        masked_name=masked(order),
        phone_tail=order.receiver_phone[-4:],
        group_id=order.group_id,
        group_title=order.group_buy.title,
        point_id=order.pickup_point_id,
        point_name=order.pickup_point.name,
        shelf=_shelf(order),
        labels=tuple(bags_of_lines(order.order_no, lines)),
        lines=shown,
        others=_others(order) if waits else (),
        backs=_backs(order),
        remark=order.remark,
        pieces=sum(line.quantity for line in shown),
        can_hand_over=waits and any(line.quantity for line in shown),
        problem="" if waits else _problem(order),
        visit_id=visit.pk if visit else None,
        collected_at=order.collected_at,
    )


def just_collected(user_id: int, *, limit: int = 5) -> list[Visit]:
    """Return the visits of the last hour, newest first: those one may still undo."""
    visits = Collection.objects.filter(
        at_counter(user_id, "order__"),
        order__status__in=[Status.COLLECTED, Status.ARRIVED],
        undone_at=None,
        at__gt=now() - _JUST_NOW,
    )
    return [
        Visit(
            visit_id=visit.pk,
            order_no=visit.order.order_no,
            masked_name=masked(visit.order),
            phone_tail=visit.order.receiver_phone[-4:],
            is_last=visit.is_last,
            collected_at=visit.at,
        )
        for visit in visits.select_related("order").order_by("-at", "-pk")[:limit]
    ]


def _line(line: LineFulfilment, *, waits: bool) -> BagLine:
    owed = line.quantity - line.refunded_quantity
    quantity = pieces_left(line) if waits else owed
    rows = sorted((w for w in line.weighings.all() if w.undone_at is None), key=lambda w: w.pk)
    grams = line_grams(((row.piece, row.grams) for row in rows), pieces=owed)
    return BagLine(
        line_id=line.pk,
        title=title_of(line.product),
        quantity=quantity,
        done=owed - quantity,
        is_cold=is_cold(getattr(line.product, "extra", None)),
        grams=grams,
        needs_weight=line.piece_grams is not None and grams is None,
    )


def _shelf(order: OrderFulfilment) -> str:
    place = Shelf.objects.filter(
        pickup_point=order.pickup_point_id,
        resident=order.resident_id,
        pickup_on=order.group_buy.pickup_on,
    ).first()
    return place.label if place else ""


def _others(order: OrderFulfilment) -> tuple[OtherBag, ...]:
    """Return what else waits for her here: she shall not have to come twice."""
    orders = OrderFulfilment.objects.filter(
        resident=order.resident_id, pickup_point=order.pickup_point_id, status=Status.ARRIVED
    ).exclude(pk=order.pk)
    orders = orders.select_related("group_buy").prefetch_related("lines__at_point")
    return tuple(
        OtherBag(
            order_no=other.order_no,
            group_title=other.group_buy.title,
            shelf=_shelf(other),
            pieces=sum(map(pieces_left, other.lines.all())),
        )
        for other in orders.order_by("pk")
    )


def _backs(order: OrderFulfilment) -> tuple[MoneyBack, ...]:
    rows = LineBack.objects.filter(line__order=order).select_related("line").order_by("pk")
    return tuple(
        MoneyBack(title=row.line.title, why=row.get_why_display(), payer_minor=row.payer_minor)
        for row in rows
    )


def _problem(order: OrderFulfilment) -> str:
    if order.collected_at is not None and order.status in _WAS_COLLECTED:
        if not order.collections.filter(undone_at=None).exists():
            return _("Nobody collected this bag in time. Nothing is to be handed over.")
        return _("This bag has been collected already.")
    if order.status == Status.REFUNDED:
        return _("This order was refunded. Nothing is to be handed over.")
    return _("The goods of this order have not arrived yet.")
