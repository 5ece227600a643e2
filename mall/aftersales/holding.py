"""An open case keeps its order's after-sales window from ending."""

from __future__ import annotations

from mall.aftersales.models import AfterSalesCase
from mall.ordering.models import OrderFulfilment


def hold_window(order: OrderFulfilment) -> None:
    """Keep the order from being closed; in a transaction, the order locked."""
    OrderFulfilment.objects.filter(pk=order.pk, window_held=False).update(window_held=True)


def let_window_go(order: OrderFulfilment) -> None:
    """Let the order be closed unless another case is open; in a transaction, the order locked."""
    still_open = AfterSalesCase.objects.filter(order=order, status__in=AfterSalesCase.OPEN)
    if not still_open.exists():
        OrderFulfilment.objects.filter(pk=order.pk, window_held=True).update(window_held=False)
