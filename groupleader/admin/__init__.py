"""Leaders, rules, commission and statements in the admin: money moves by actions only."""

from __future__ import annotations

from groupleader.admin import (
    applications,
    batches,
    broadcasts,
    calls,
    commissions,
    devices,
    keepers,
    leaders,
    own_orders,
    payees,
    payouts,
    receivers,
    rules,
    statements,
    suppliers,
    tax_office,
)

__all__ = [
    "applications",
    "batches",
    "broadcasts",
    "calls",
    "commissions",
    "devices",
    "keepers",
    "leaders",
    "own_orders",
    "payees",
    "payouts",
    "receivers",
    "rules",
    "statements",
    "suppliers",
    "tax_office",
]
