"""What must always be true of stock, orders and bank offers, checked against all rows."""

from __future__ import annotations

from mall.ordering.checks.discounts import DISCOUNT_RULES
from mall.ordering.checks.offers import OFFER_RULES
from mall.ordering.checks.orders import ORDER_RULES
from mall.ordering.checks.stock import STOCK_RULES
from payments.api import CheckResult


def check() -> list[CheckResult]:
    """Check every rule of stock and quotas (S), orders (P), discounts and bank offers (D)."""
    return [rule() for rule in (*STOCK_RULES, *ORDER_RULES, *DISCOUNT_RULES, *OFFER_RULES)]
