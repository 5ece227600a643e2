"""Leaders, rules, commission and statements in the admin: money moves by actions only."""

from __future__ import annotations

from groupleader.admin import (
    applications,
    broadcasts,
    commissions,
    devices,
    keepers,
    leaders,
    own_orders,
    rules,
    statements,
)

__all__ = [
    "applications",
    "broadcasts",
    "commissions",
    "devices",
    "keepers",
    "leaders",
    "own_orders",
    "rules",
    "statements",
]
