"""Lines of many purchase orders as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mall.supply.models import PurchaseLine, PurchaseOrder
from payments.api import local


def lines_of_orders(orders: QuerySet[PurchaseOrder]) -> tuple[list[str], Iterator[list[Any]]]:
    """Return headings and every line of orders, a few held at a time; money in yuan."""
    headers = [
        _("Purchase order number"),
        _("Supplier"),
        _("Group buy"),
        _("To be delivered until"),
        _("Status"),
        _("Article number"),
        _("Product"),
        _("Unit"),
        _("Pieces"),
        _("Weight (kg)"),
        _("Cost per unit"),
        _("Cost"),
        _("Can bring"),
        _("Why less"),
        _("Delivered"),
    ]
    return headers, _rows(orders)


def _rows(orders: QuerySet[PurchaseOrder]) -> Iterator[list[Any]]:
    lines = PurchaseLine.objects.filter(purchase__in=orders.order_by().values("pk"))
    rows = lines.select_related("purchase__supplier", "purchase__group_buy")
    status = dict(PurchaseOrder.Status.choices)
    for line in rows.order_by("purchase", "position", "pk").iterator(chunk_size=2000):
        purchase = line.purchase
        yield [
            purchase.purchase_no,
            purchase.supplier.name,
            purchase.group_buy.code,
            f"{local(purchase.deliver_until):%Y-%m-%d %H:%M}",
            str(status[PurchaseOrder.Status(purchase.status)]),
            line.sku,
            line.title,
            line.sales_unit,
            line.pieces,
            None if line.grams is None else Decimal(line.grams) / 1000,
            Decimal(line.unit_cost_minor) / 100,
            Decimal(line.cost_minor) / 100,
            line.can_bring,
            line.short_because,
            line.delivered,
        ]
