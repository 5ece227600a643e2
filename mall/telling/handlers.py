"""Which fact tells whom: each handler writes messages in the delivery's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mall.telling import (
    cases,
    deliveries,
    groups,
    leaders,
    orders,
    payouts,
    redating,
    reviews,
    suppliers,
)
from payments.api import subscribe

_HANDLERS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "order.placed": orders.order_placed,
    "order.paid": orders.order_paid,
    "order.changed": orders.order_changed,
    "order.moved": orders.order_moved,
    "order.arrived": orders.order_arrived,
    "order.overdue": orders.order_overdue,
    "order.disposed": orders.order_disposed,
    "order.cancelled": orders.order_cancelled,
    "order.refunded": orders.order_refunded,
    "line.refunded": orders.line_refunded,
    "refund.failed": orders.refund_failed,
    "groupbuy.failed": orders.group_failed,
    "groupbuy.closing": groups.group_closing,
    "group.has_room": groups.group_has_room,
    "group.redated": redating.group_redated,
    "own_sale.approved": groups.own_sale_approved,
    "own_sale.refused": groups.own_sale_refused,
    "case.opened": cases.case_opened,
    "case.offered": cases.case_offered,
    "case.message": cases.case_message,
    "case.decided": cases.case_decided,
    "case.compensated": cases.case_compensated,
    "recall.told": cases.recall_told,
    "leader.applied": leaders.applied,
    "leader.approved": leaders.approved,
    "leader.refused": leaders.refused,
    "leader.suspended": leaders.suspended,
    "leader.reinstated": leaders.reinstated,
    "point.handed_over": leaders.point_handed_over,
    "helper.invited": leaders.helper_invited,
    "helper.accepted": leaders.helper_accepted,
    "review.hidden": reviews.review_hidden,
    "delivery.dispatched": deliveries.delivery_dispatched,
    "proposal.decided": suppliers.proposal_decided,
    "purchase.sent": suppliers.purchase_sent,
    "purchase.reminded": suppliers.purchase_reminded,
    "supplier.link": suppliers.link_sent,
    "payout.paid": payouts.payout_paid,
    "payout.failed": payouts.payout_failed,
    "payout.returned": payouts.payout_returned,
    "payee.changed": payouts.payee_changed,
    "payee.denied": payouts.payee_denied,
}


def listen() -> None:
    """Subscribe to everything people are told about."""
    for fact, handler in _HANDLERS.items():
        subscribe(fact, f"telling.{fact}", handler)
