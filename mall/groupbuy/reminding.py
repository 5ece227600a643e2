"""Ten minutes before the cut-off: told once, to whoever wants to know."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mall.groupbuy.lifecycle import locked_buy
from mall.groupbuy.models import GroupBuy, State
from payments.api import now, publish, transact

BEFORE: Final = timedelta(minutes=10)


@transact()
def remind_if_due(*, group_buy_id: int) -> bool:
    """Publish groupbuy.closing {group_ids, closes_at} for a sale about to close, once.

    A prolonged one is told again before its new cut-off. Too late is never: a cut-off that passed
    is not announced.
    """
    group_buy = locked_buy(group_buy_id)
    at = now()
    is_near = group_buy.closes_at - BEFORE <= at < group_buy.closes_at
    if group_buy.state != State.OPEN or group_buy.closing_told_at is not None or not is_near:
        return False
    GroupBuy.objects.filter(pk=group_buy.pk).update(closing_told_at=at)
    closes_at = group_buy.closes_at.isoformat()
    publish(
        "groupbuy.closing",
        key=f"groupbuy.closing:{group_buy.code}:{closes_at}",
        aggregate=f"groupbuy:{group_buy.code}",
        payload={
            "group_buy_id": group_buy.pk,
            "code": group_buy.code,
            "group_ids": sorted(group_buy.groups.values_list("pk", flat=True)),
            "closes_at": closes_at,
        },
    )
    return True
