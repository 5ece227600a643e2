"""Rules of who keeps a point: one key in one hand, and what waits there is in the same one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import F, Q

from mall.fulfilment.handing_points import OPEN_ORDERS
from mall.ordering.models import OrderFulfilment
from mall.pickup.models import PointHandover, PointTenure
from payments.api import CheckResult, now, result_of

Wrong = Iterator[tuple[str, str]]
# How long the job may take to fetch what stayed behind.
_FOLLOWS_WITHIN: Final = timedelta(hours=1)


def check() -> list[CheckResult]:
    """Check every rule of keepers."""
    return [keys_agree(), orders_follow_the_point()]


def keys_agree() -> CheckResult:
    """The tenure that lasts names the leader who keeps the point."""
    lasting = PointTenure.objects.filter(until=None)

    def wrong() -> Wrong:
        for row in lasting.exclude(leader=F("point__leader")).select_related("point"):
            yield str(row.point), f"tenure of {row.leader_id}, kept by {row.point.leader_id}"

    return result_of("a key is where the point is", rows=lasting.count(), wrong=wrong())


def orders_follow_the_point() -> CheckResult:
    """Once a handover is done, what is not collected names the leader of its group."""
    moving = Q(status=PointHandover.Status.MOVING) | Q(done_at__gt=now() - _FOLLOWS_WITHIN)
    under_way = PointHandover.objects.filter(moving).values("point")
    orders = OrderFulfilment.objects.filter(
        status__in=OPEN_ORDERS, pickup_point__handovers__isnull=False
    ).distinct()

    def wrong() -> Wrong:
        left = orders.exclude(leader=F("group__leader")).exclude(pickup_point__in=under_way)
        # A hand-over undone a moment ago is fetched by the next run.
        for order in left.exclude(collections__undone_at__gt=now() - _FOLLOWS_WITHIN):
            yield order.order_no, f"leader {order.leader_id} is not its group's"

    return result_of("orders follow their point", rows=orders.count(), wrong=wrong())
