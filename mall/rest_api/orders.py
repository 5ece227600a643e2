"""Her own orders as an app reads them; nobody else's can be asked for here."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from mall.accounts.models import User
from mall.groupbuy.models import State as GroupState
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.rest_api.rows import Rows
from mall.rest_api.shapes import BackShown, OrderLineShown, OrderShown
from payments.api import now


def orders_of(person: User, *, status: str = "") -> Rows[OrderFulfilment, OrderShown]:
    """Return her orders, newest first, all or those of one status."""
    orders = _orders(person).order_by("-placed_at", "-pk")
    return Rows(orders.filter(status=status) if status else orders, order_shown)


def own_order(person: User, order_no: str) -> OrderFulfilment:
    """Return one of her orders; 404 for anybody else's."""
    order = _orders(person).filter(order_no=order_no).first()
    if order is None:
        raise Http404
    return order


def order_shown(order: OrderFulfilment) -> OrderShown:
    """Return an order that came from here, with its lines: no query."""
    at = now()
    is_open = order.group.state == GroupState.OPEN and at < order.group_buy.closes_at
    is_unpaid = order.status == Status.PENDING_PAYMENT and order.cancel_requested_at is None
    is_paid = order.status == Status.PAID and order.cancel_requested_at is None
    names = OrderShown.__dataclass_fields__.keys() - {
        "share_code",
        "pickup",
        "can_pay",
        "can_cancel",
        "can_change",
        "lines",
    }
    return OrderShown(
        **{name: getattr(order, name) for name in names},
        share_code=order.group.share_code,
        pickup={name: str(value) for name, value in order.pickup_snapshot.items()},
        can_pay=is_unpaid and at < order.expires_at,
        can_cancel=is_unpaid or (is_paid and is_open),
        can_change=is_paid and is_open,
        lines=[_line(line) for line in order.lines.all()],
    )


def _orders(person: User) -> QuerySet[OrderFulfilment]:
    orders = OrderFulfilment.objects.filter(resident=person)
    return orders.select_related("group", "group_buy").prefetch_related("lines__backs")


def _line(line: LineFulfilment) -> OrderLineShown:
    names = OrderLineShown.__dataclass_fields__.keys() - {"line_id", "backs"}
    return OrderLineShown(
        **{name: getattr(line, name) for name in names},
        line_id=line.pk,
        backs=[
            BackShown(
                why=back.why, quantity=back.quantity, payer_minor=back.payer_minor, at=back.at
            )
            for back in line.backs.all()
        ],
    )
