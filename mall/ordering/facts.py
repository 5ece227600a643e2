"""What the mall tells about an order as it goes along its life.

order.placed, .paid, .confirmed, .arrived, .collected, .uncollected (a collection was undone),
.closed, .cancelled and .refunded. Payload of every order.* fact: order_no, group_id, leader_id,
resident_id, at (ISO instant), window_ends_at (end of the after-sales window once collected, else
null), and lines, each with line_id, item_id, product_id, title, category_ids, quantity (what is
left of it), value_minor (of what is left; after merchant-funded, before bank-funded discount),
cost_minor (owed to the supplier for what is left), supplier_id, storage_class. Amounts in fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import now, part_of_share, publish


def tell(what: str, orders: Sequence[OrderFulfilment], *, turn: int = 1) -> None:
    """Publish order.<what> for orders that have just become so; in their transaction.

    ``turn`` counts what can happen again: a collection that was undone and done again.
    """
    lines: defaultdict[int, list[LineFulfilment]] = defaultdict(list)
    for line in LineFulfilment.objects.filter(order__in=orders).order_by("pk"):
        lines[line.order_id].append(line)
    for order in orders:
        tell_one(what, order, lines[order.pk], turn=turn)


def tell_one(
    what: str, order: OrderFulfilment, lines: Iterable[LineFulfilment], *, turn: int = 1
) -> None:
    """Publish order.<what> for an order whose lines are at hand."""
    publish(
        f"order.{what}",
        key=f"order.{what}:{order.order_no}:{turn}",
        aggregate=order.order_no,
        payload=order_payload(order, lines, now().isoformat()),
    )


def order_payload(
    order: OrderFulfilment, lines: Iterable[LineFulfilment], at: str
) -> dict[str, Any]:
    """Return what is told about an order."""
    return {
        "order_no": order.order_no,
        "group_id": order.group_id,
        "leader_id": order.leader_id,
        "resident_id": order.resident_id,
        "lines": [_line_payload(line) for line in lines],
        "window_ends_at": order.window_ends_at and order.window_ends_at.isoformat(),
        "at": at,
    }


def _line_payload(line: LineFulfilment) -> dict[str, Any]:
    left = line.quantity - line.refunded_quantity
    return {
        "line_id": line.pk,
        "item_id": line.item_id,
        "product_id": line.product_id,
        "title": line.title,
        "category_ids": line.category_ids,
        "quantity": left,
        "value_minor": _of_what_is_left(line, line.commission_base_minor, left),
        "cost_minor": _of_what_is_left(line, line.cost_minor, left),
        "supplier_id": line.supplier_id,
        "storage_class": line.storage_class,
    }


def _of_what_is_left(line: LineFulfilment, whole_minor: int, left: int) -> int:
    back = part_of_share(whole_minor, done=0, now=line.quantity - left, whole=line.quantity)
    return whole_minor - back


def tell_line_refunded(
    order: OrderFulfilment, line: LineFulfilment, *, quantity: int, refund_no: str
) -> None:
    """Publish line.refunded: order_no, line_id, quantity, value_minor (base of commission), at.

    The money itself is on its way back under refund_no.
    """
    publish(
        "line.refunded",
        key=f"line.refunded:{refund_no}:{line.pk}",
        aggregate=order.order_no,
        payload={
            "order_no": order.order_no,
            "line_id": line.pk,
            "quantity": quantity,
            "value_minor": part_of_share(
                line.commission_base_minor,
                done=line.refunded_quantity - quantity,
                now=quantity,
                whole=line.quantity,
            ),
            "refund_no": refund_no,
            "at": now().isoformat(),
        },
    )
