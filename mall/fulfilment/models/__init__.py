"""Goods at the pickup point: what arrived, who collected, and the lock against guessed codes."""

from __future__ import annotations

from mall.fulfilment.models.arrivals import Arrival, ArrivalLine
from mall.fulfilment.models.collections import CodeLock, Collection

__all__ = ["Arrival", "ArrivalLine", "CodeLock", "Collection"]
