"""Our half of an order: what Oscar's order and lines do not know."""

from __future__ import annotations

from mall.ordering.models.backs import LineBack
from mall.ordering.models.discounts import DiscountDifference, LineDiscount, OrderDiscount
from mall.ordering.models.holdings import ItemAllowance, StockReservation
from mall.ordering.models.lines import LineFulfilment
from mall.ordering.models.moves import OrderMove
from mall.ordering.models.orders import OrderFulfilment
from mall.ordering.models.states import EDGES, Status

__all__ = [
    "EDGES",
    "DiscountDifference",
    "ItemAllowance",
    "LineBack",
    "LineDiscount",
    "LineFulfilment",
    "OrderDiscount",
    "OrderFulfilment",
    "OrderMove",
    "Status",
    "StockReservation",
]
