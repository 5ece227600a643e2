"""What must always be true of stock, orders and bank offers, checked against all rows."""

from __future__ import annotations

from mall.ordering.checks.changes import CHANGE_RULES
from mall.ordering.checks.discounts import DISCOUNT_RULES
from mall.ordering.checks.offers import OFFER_RULES
from mall.ordering.checks.orders import ORDER_RULES
from mall.ordering.checks.room import ROOM_RULES
from mall.ordering.checks.stock import STOCK_RULES
from payments.api import CheckResult


def check() -> list[CheckResult]:
    """Check the rules of stock and quotas (S), orders (P), their changes (C), discounts (D)."""
    changes = (*CHANGE_RULES, *ROOM_RULES)
    rules = (*STOCK_RULES, *ORDER_RULES, *changes, *DISCOUNT_RULES, *OFFER_RULES)
    return [rule() for rule in rules]
