"""What goods and their suppliers are beyond Oscar's rows."""

from __future__ import annotations

from mall.catalogue.models.batches import Batch
from mall.catalogue.models.extras import ProductExtra
from mall.catalogue.models.favourites import Favourite
from mall.catalogue.models.prices import Deal, DealDay, PriceChange, StockCost
from mall.catalogue.models.ratings import ProductRating
from mall.catalogue.models.suppliers import SupplierChange, SupplierProfile
from mall.catalogue.models.words import SearchedWord, SearchTerm

__all__ = [
    "Batch",
    "Deal",
    "DealDay",
    "Favourite",
    "PriceChange",
    "ProductExtra",
    "ProductRating",
    "SearchTerm",
    "SearchedWord",
    "StockCost",
    "SupplierChange",
    "SupplierProfile",
]
