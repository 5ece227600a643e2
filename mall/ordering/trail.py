"""What the mall tells on the page of an order's money: whose it is, and who supplied the goods."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from mall.accounts.masking import mask_name
from mall.ordering.models import OrderFulfilment
from payments.api import Chapter, Line


def of_order(order_no: str) -> Chapter | None:
    """Return the order with its lines; None where the reference is not an order of ours."""
    order = (
        OrderFulfilment.objects.select_related("resident", "leader")
        .prefetch_related("lines__supplier")
        .filter(order_no=order_no)
        .first()
    )
    if order is None:
        return None
    lines = list(order.lines.all())
    page = reverse("admin:ordering_orderfulfilment_change", args=[order.pk])
    return Chapter(
        title=gettext("Order"),
        lines=[
            Line(
                what=order.order_no,
                detail=f"{mask_name(order.receiver_name)} · {order.get_status_display()}",
                minor=order.goods_minor,
                url=page,
            ),
            *(
                Line(
                    what=f"{line.title} × {line.quantity}",
                    detail=str(line.supplier or ""),
                    minor=line.value_minor,
                )
                for line in lines
            ),
        ],
        names={
            ("2201", f"supplier:{line.supplier_id}"): str(line.supplier)
            for line in lines
            if line.supplier
        },
    )
