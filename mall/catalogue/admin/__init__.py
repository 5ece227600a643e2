"""Goods in the admin: products on one page, batches, prices, what is searched."""

from __future__ import annotations

from mall.catalogue.admin.batches import BatchAdmin
from mall.catalogue.admin.prices import DealDayAdmin, PriceChangeAdmin
from mall.catalogue.admin.products import ProductAdmin, ProductExtraAdmin

__all__ = [
    "BatchAdmin",
    "DealDayAdmin",
    "PriceChangeAdmin",
    "ProductAdmin",
    "ProductExtraAdmin",
]
