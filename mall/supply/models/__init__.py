"""Purchase orders, suppliers' links and proposals, papers of the depot, batches that went out."""

from __future__ import annotations

from mall.supply.models.links import SupplierLink
from mall.supply.models.orders import PurchaseLine, PurchaseOrder
from mall.supply.models.proposals import ProductProposal
from mall.supply.models.shares import PurchaseEvent, PurchaseShare
from mall.supply.models.stock import AloneBooking, BatchShare, StockDocument, StockDocumentLine

__all__ = [
    "AloneBooking",
    "BatchShare",
    "ProductProposal",
    "PurchaseEvent",
    "PurchaseLine",
    "PurchaseOrder",
    "PurchaseShare",
    "StockDocument",
    "StockDocumentLine",
    "SupplierLink",
]
