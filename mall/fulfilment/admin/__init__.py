"""The day's work in the admin: orders, arrivals, hand-overs."""

from __future__ import annotations

from mall.fulfilment.admin import arrivals, collections, orders

__all__ = ["arrivals", "collections", "orders"]
