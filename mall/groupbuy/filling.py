"""When a sale has taken all it can take: so many paid orders, or so much money."""

from __future__ import annotations

from django.db.models import Sum

from mall.groupbuy.models import GroupBuy


def is_full(group_buy: GroupBuy) -> bool:
    """Tell whether paid orders reached what the sale can take; no query where it has no end."""
    if group_buy.filled_at is not None:
        return True
    if group_buy.max_orders is None and group_buy.max_amount_minor is None:
        return False
    taken = group_buy.groups.aggregate(orders=Sum("order_count"), minor=Sum("amount_minor"))
    orders, minor = taken["orders"] or 0, taken["minor"] or 0
    if group_buy.max_orders is not None and orders >= group_buy.max_orders:
        return True
    return group_buy.max_amount_minor is not None and minor >= group_buy.max_amount_minor
