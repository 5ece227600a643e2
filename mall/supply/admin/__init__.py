"""Purchase, suppliers, proposals and papers of the depot in the admin."""

from __future__ import annotations

from mall.supply.admin.documents import StockDocumentAdmin
from mall.supply.admin.orders import PurchaseOrderAdmin
from mall.supply.admin.proposals import ProductProposalAdmin
from mall.supply.admin.suppliers import SupplierProfileAdmin

__all__ = [
    "ProductProposalAdmin",
    "PurchaseOrderAdmin",
    "StockDocumentAdmin",
    "SupplierProfileAdmin",
]
