"""Goods on their way and at the point: rounds, arrivals, shortages, sorting, hand-overs."""

from __future__ import annotations

from mall.fulfilment.models.arrivals import (
    Arrival,
    ArrivalCorrection,
    ArrivalLine,
    ArrivalPhoto,
)
from mall.fulfilment.models.collections import (
    CodeLock,
    Collection,
    CollectionLine,
    LineAtPoint,
)
from mall.fulfilment.models.deliveries import Delivery, DeliveryStop
from mall.fulfilment.models.overdue import OverdueBag, OverduePolicy
from mall.fulfilment.models.routes import Route, RouteStop
from mall.fulfilment.models.shortages import Shortage, ShortageShare
from mall.fulfilment.models.sorting import PackedBag, Shelf, SortedLine, SortingReport
from mall.fulfilment.models.tracing import AskedOften, TraceCode
from mall.fulfilment.models.weighings import ScaleDevice, Weighing

__all__ = [
    "Arrival",
    "ArrivalCorrection",
    "ArrivalLine",
    "ArrivalPhoto",
    "AskedOften",
    "CodeLock",
    "Collection",
    "CollectionLine",
    "Delivery",
    "DeliveryStop",
    "LineAtPoint",
    "OverdueBag",
    "OverduePolicy",
    "PackedBag",
    "Route",
    "RouteStop",
    "ScaleDevice",
    "Shelf",
    "Shortage",
    "ShortageShare",
    "SortedLine",
    "SortingReport",
    "TraceCode",
    "Weighing",
]
