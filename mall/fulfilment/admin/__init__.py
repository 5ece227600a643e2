"""The day's work in the admin: orders, rounds, arrivals, shortages, hand-overs."""

from __future__ import annotations

from mall.fulfilment.admin import (
    arrivals,
    collections,
    deliveries,
    orders,
    overdue,
    routes,
    shortages,
    weighings,
)

__all__ = [
    "arrivals",
    "collections",
    "deliveries",
    "orders",
    "overdue",
    "routes",
    "shortages",
    "weighings",
]
