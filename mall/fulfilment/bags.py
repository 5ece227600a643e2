"""The orders of a leader's groups, as rows to search and to list; names masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, overload

from django.db.models import Q, QuerySet
from django.utils.translation import pgettext

from mall.catalogue.titles import title_of
from mall.fulfilment.board import masked
from mall.groupbuy.models import Entry
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from payments.api import business_date

# How many digits of a telephone number find somebody.
PHONE_TAILS: Final = (4, 11)
_JUST_NOW: Final = timedelta(hours=1)
SHOW: Final = {
    "": (
        Status.PAID,
        Status.CONFIRMED,
        Status.IN_TRANSIT,
        Status.ARRIVED,
        Status.COLLECTED,
        Status.CLOSED,
        Status.REFUNDED,
    ),
    "paid": (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT),
    "waiting": (Status.ARRIVED,),
    "overdue": (Status.ARRIVED,),
    "collected": (Status.COLLECTED, Status.CLOSED),
    "refunded": (Status.REFUNDED,),
}
_TONES: Final = {Status.ARRIVED: "sun", Status.COLLECTED: "leaf", Status.CLOSED: "quiet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One resident's order in a list; fen."""

    order_no: str
    group_id: int
    group_title: str
    placed_at: datetime
    number: int | None
    masked_name: str
    phone_tail: str
    status: str
    status_label: str
    tone: str
    is_overdue: bool
    summary: str
    remark: str
    goods_minor: int
    can_hand_over: bool
    collected_at: datetime | None


class OrderRows(Sequence[OrderRow]):
    """A list of rows that reads only the page it is asked for; Django's Paginator takes it."""

    def __init__(self, orders: QuerySet[OrderFulfilment]) -> None:
        """Take the orders in the order they shall be shown."""
        self._orders = orders

    def __len__(self) -> int:
        """Count them in the database."""
        return self._orders.count()

    @overload
    def __getitem__(self, index: int) -> OrderRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[OrderRow]: ...

    def __getitem__(self, index: int | slice) -> OrderRow | list[OrderRow]:
        """Read one row or one page: three queries."""
        if isinstance(index, int):
            return self[index : index + 1][0]
        orders = list(self._orders[index])
        numbers = dict(
            Entry.objects.filter(order_no__in=[order.order_no for order in orders]).values_list(
                "order_no", "number"
            )
        )
        return [_row(order, numbers.get(order.order_no)) for order in orders]


def orders_of_leader(
    leader_id: int,
    *,
    group_id: int | None = None,
    resident_id: int | None = None,
    show: str = "",
    query: str = "",
) -> OrderRows:
    """Return the paid orders of a leader's groups, newest first, to be read page by page.

    Those that wait at the point come oldest first: they are work.

    ``show`` is one of SHOW; ``query`` looks for a receiver's name, the last digits of her phone, an
    order number or the pickup code.
    """
    orders = OrderFulfilment.objects.filter(leader=leader_id, status__in=SHOW.get(show, SHOW[""]))
    if group_id is not None:
        orders = orders.filter(group=group_id)
    if resident_id is not None:
        orders = orders.filter(resident=resident_id)
    if show == "overdue":
        orders = orders.filter(group_buy__pickup_on__lt=business_date())
    if query := query.strip():
        orders = orders.filter(_matches(query))
    orders = orders.select_related("group_buy").prefetch_related("lines__product__extra")
    is_work = show in {"waiting", "overdue"}
    order = ("group_buy__pickup_on", "arrived_at", "pk") if is_work else ("-placed_at", "-pk")
    return OrderRows(orders.order_by(*order))


def own_order_no(token: str, *, resident_id: int) -> str:
    """Return the number of a resident's own order that a QR's token names, or nothing."""
    own = OrderFulfilment.objects.filter(pickup_token=token, resident=resident_id)
    return own.exclude(pickup_token="").values_list("order_no", flat=True).first() or ""


def _matches(query: str) -> Q:
    if query.isdigit():
        # Her last four or all eleven: five to ten would find the hidden ones out digit by digit.
        by_code = Q(pickup_code=query)
        return Q(receiver_phone__endswith=query) | by_code if len(query) in PHONE_TAILS else by_code
    return Q(receiver_name__contains=query) | Q(order_no=query.upper())


def _row(order: OrderFulfilment, number: int | None) -> OrderRow:
    is_waiting = order.status == Status.ARRIVED
    return OrderRow(
        order_no=order.order_no,
        group_id=order.group_id,
        group_title=order.group_buy.title,
        placed_at=order.placed_at,
        number=number,
        masked_name=masked(order),
        phone_tail=order.receiver_phone[-4:],
        status=order.status,
        status_label=order.get_status_display(),
        tone=_TONES.get(Status(order.status), ""),
        is_overdue=is_waiting and order.group_buy.pickup_on < business_date(),
        summary=_summary(_kept(order.lines.all())),
        remark=order.remark,
        goods_minor=order.goods_minor,
        can_hand_over=is_waiting,
        collected_at=order.collected_at,
    )


def _kept(lines: QuerySet[LineFulfilment]) -> list[LineFulfilment]:
    return [line for line in lines if _pieces(line)]


def _pieces(line: LineFulfilment) -> int:
    return line.quantity - line.refunded_quantity


def _summary(lines: Sequence[LineFulfilment]) -> str:
    parts = (f"{title_of(line.product)} ×{_pieces(line)}" for line in lines)
    return pgettext("between goods", ", ").join(parts)
