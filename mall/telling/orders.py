"""What a resident is told about her order as it goes along its life."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from mall.messaging.sending import Note, send, send_many
from mall.ordering.behalf import pay_link_of
from mall.ordering.models import LineBack, OrderFulfilment, Status
from mall.telling.people import figures_of, goods_of, order_at_hand, order_link

Payload = dict[str, Any]
Why = LineBack.Why
# What went back for another reason is told by the fact of that reason.
_TOLD_HERE: Final = {
    Why.SHORTAGE: "back.shortage",
    Why.TIER: "back.tier",
    Why.LOT: "back.lot",
    Why.NOT_FORMED: "back.not_formed",
    Why.WEIGHT: "back.weight",
    Why.STAFF: "back.staff",
    Why.RECALL: "back.recall",
}


def order_paid(payload: Payload) -> None:
    """Her money came: when and where she collects."""
    _tell("order.paid", payload["order_no"])


def order_placed(payload: Payload) -> None:
    """Somebody ordered for her: who, how much, where she pays and until when."""
    if payload.get("placed_by_id") in {None, payload["resident_id"]}:
        return
    order = order_at_hand(payload["order_no"])
    if order is None:
        return
    path = reverse("storefront:pay-for", args=[pay_link_of(order)])
    send(
        "order.pay_link",
        key=order.order_no,
        user_id=order.resident_id,
        values={
            **figures_of(order),
            "goods": goods_of(order.lines.order_by("pk")),
            "expires_at": order.expires_at.isoformat(),
            "url": settings.SITE_URL + path,
        },
        link=path,
    )


def order_changed(payload: Payload) -> None:
    """She took something off herself: what goes back."""
    order = order_at_hand(payload["order_no"])
    if order is not None:
        back = payload["back_minor"]
        _send("order.changed", order, key=payload["refund_no"], refund_minor=back)


def order_moved(payload: Payload) -> None:
    """Her goods wait somewhere else: the new place and time."""
    _tell("order.moved", payload["order_no"], turn=payload["at"])


def order_overdue(payload: Payload) -> None:
    """Her goods still wait: until when."""
    order = order_at_hand(payload["order_no"])
    if order is not None:
        # An order has a bag per storage class, and each counts its own steps.
        key = f"{order.order_no}:{payload['storage_class']}:{payload['step']}:{payload['until']}"
        _send("order.overdue", order, key=key, until_at=payload["until"])


def order_disposed(payload: Payload) -> None:
    """Her goods could not be kept any longer: what goes back, if anything."""
    order = order_at_hand(payload["order_no"])
    if order is not None:
        refund = payload.get("payer_minor", 0)
        kind = "order.disposed" if refund else "order.disposed_without"
        key = f"{order.order_no}:{payload['storage_class']}"
        _send(kind, order, key=key, refund_minor=refund)


def order_arrived(payload: Payload) -> None:
    """Her goods are there: the code, and until when."""
    _tell("order.arrived", payload["order_no"], turn=payload["at"])


def order_cancelled(payload: Payload) -> None:
    """Nobody paid in time; who cancelled herself knows, and staff may end one quietly."""
    order = None if payload.get("is_quiet") else order_at_hand(payload["order_no"])
    if order is not None and order.ended_because == OrderFulfilment.Ended.EXPIRED:
        _send("order.expired", order)


def order_refunded(payload: Payload) -> None:
    """All her money is back; staff who ended the order may have chosen not to tell."""
    order = None if payload.get("is_quiet") else order_at_hand(payload["order_no"])
    if order is not None:
        _send("order.refunded", order, refund_minor=order.refunded_minor)


def line_refunded(payload: Payload) -> None:
    """A part goes back without her asking: which goods, why, how much. Once per refund."""
    refund_no = payload["refund_no"]
    backs = list(LineBack.objects.filter(refund_no=refund_no).select_related("line").order_by("pk"))
    kind = _TOLD_HERE.get(Why(backs[0].why)) if backs else None
    order = order_at_hand(payload["order_no"])
    if kind is None or order is None or order.is_quiet:
        return
    _send(
        kind,
        order,
        key=refund_no,
        goods=goods_of(back.line for back in backs),
        refund_minor=sum(back.payer_minor for back in backs),
    )


def refund_failed(payload: Payload) -> None:
    """The bank did not take the money back: somebody will call."""
    order = order_at_hand(payload["reference"])
    if order is not None:
        refund_no = payload["refund_no"]
        _send("order.refund_failed", order, key=refund_no, refund_minor=payload["amount_minor"])


def group_failed(payload: Payload) -> None:
    """The group did not form: everybody who paid gets all of it back."""
    orders = OrderFulfilment.objects.filter(
        group__in=payload["group_ids"], paid_at__isnull=False
    ).exclude(status=Status.REFUNDED, ended_because=OrderFulfilment.Ended.RESIDENT)
    orders = orders.select_related("group_buy", "pickup_point", "leader")
    send_many(
        "order.not_formed",
        [
            Note(
                key=order.order_no,
                user_id=order.resident_id,
                values=figures_of(order)
                | {"refund_minor": order.payable_minor - order.refunded_minor},
                link=order_link(order.order_no),
            )
            for order in orders
        ],
    )


def _tell(kind: str, order_no: str, *, turn: str = "") -> None:
    order = order_at_hand(order_no)
    if order is not None:
        _send(kind, order, key=f"{order_no}:{turn}" if turn else order_no)


def _send(kind: str, order: OrderFulfilment, *, key: str = "", **more: Any) -> None:
    send(
        kind,
        key=key or order.order_no,
        user_id=order.resident_id,
        values=figures_of(order) | more,
        link=order_link(order.order_no),
    )
