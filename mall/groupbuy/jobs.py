"""What happens to group buys by the clock: a transaction per row, and running twice is harmless."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from mall.groupbuy.forming import form_if_due
from mall.groupbuy.lifecycle import close_if_due, close_if_full, open_if_due
from mall.groupbuy.models import GroupBuy, State
from mall.groupbuy.reminding import BEFORE, remind_if_due
from payments.api import each, now


def open_due(limit: int) -> dict[str, int]:
    """Open scheduled group buys whose opening has come and whose cut-off has not."""
    at = now()
    due = GroupBuy.objects.filter(state=State.SCHEDULED, opens_at__lte=at, closes_at__gt=at)
    return _each(due, limit, lambda pk: open_if_due(group_buy_id=pk), done="opened")


def close_due(limit: int) -> dict[str, int]:
    """Close open group buys whose cut-off has come."""
    due = GroupBuy.objects.filter(state=State.OPEN, closes_at__lte=now())
    return _each(due, limit, lambda pk: close_if_due(group_buy_id=pk), done="closed")


def close_full(limit: int) -> dict[str, int]:
    """Close open group buys that took as many orders, or as much money, as they can."""
    has_end = Q(max_orders__isnull=False) | Q(max_amount_minor__isnull=False)
    due = GroupBuy.objects.filter(has_end, state=State.OPEN)
    return _each(due, limit, lambda pk: close_if_full(group_buy_id=pk), done="filled")


def remind_due(limit: int) -> dict[str, int]:
    """Tell once, ten minutes before, that a cut-off is near."""
    at = now()
    due = GroupBuy.objects.filter(
        state=State.OPEN, closing_told_at=None, closes_at__gt=at, closes_at__lte=at + BEFORE
    )
    return _each(due, limit, lambda pk: remind_if_due(group_buy_id=pk), done="reminded")


def form_due(limit: int) -> dict[str, int]:
    """Decide closed group buys in which no order is still being paid."""
    due = GroupBuy.objects.filter(state=State.CLOSED)
    return _each(due, limit, lambda pk: form_if_due(group_buy_id=pk), done="decided")


def _each(
    due: QuerySet[GroupBuy], limit: int, step: Callable[[int], bool], *, done: str
) -> dict[str, int]:
    in_turn = due.order_by("closes_at", "pk").values_list("pk", flat=True)
    return dict(each(in_turn, step, limit=limit, done=done))
