"""Who got a recalled batch, and what was done about it, as rows of a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from mall.aftersales.admin.reading import number
from mall.aftersales.models import RecallLine
from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import Money, local


def order_headers() -> list[str]:
    """Name the columns of who got a batch."""
    return [
        gettext("Order number"),
        gettext("Placed"),
        gettext("Status"),
        gettext("Goods"),
        gettext("Pieces"),
        gettext("Pieces left"),
        gettext("Pickup point"),
        gettext("Group leader"),
        gettext("Phone's last four"),
    ]


def report_headers() -> list[str]:
    """Name the columns that a report has beside them."""
    return [
        gettext("What was done"),
        gettext("Pieces given back"),
        gettext("To the resident (yuan)"),
        gettext("Refund"),
        gettext("Error"),
    ]


def _one_order(line: LineFulfilment, order: OrderFulfilment) -> list[Any]:
    return [
        order.order_no,
        f"{local(order.placed_at):%Y-%m-%d %H:%M}",
        str(order.get_status_display()),
        line.title,
        line.quantity,
        line.quantity - line.refunded_quantity,
        order.pickup_point.name,
        str(order.leader),
        number(order.receiver_phone[-4:]) and order.receiver_phone[-4:],
    ]


def order_cells(lines: QuerySet[LineFulfilment]) -> Iterator[list[Any]]:
    """Write a row per line that got goods of the batch."""
    for line in lines.iterator(chunk_size=2000):
        yield _one_order(line, line.order)


def report_cells(rows: QuerySet[RecallLine]) -> Iterator[list[Any]]:
    """Write a row per line with what was done about it."""
    for row in rows.iterator(chunk_size=2000):
        yield [
            *_one_order(row.line, row.order),
            str(row.get_state_display()),
            row.quantity,
            Money(row.minor).major,
            row.refund_no,
            row.error,
        ]
