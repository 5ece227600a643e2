"""Whom a leader's word to a group is for: all of it, who still has to fetch, who has to pay."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from mall.fulfilment.board import group_of_leader
from mall.ordering.models import OrderFulfilment, Status
from payments.api import now

AUDIENCES: Final = ("all", "waiting", "unpaid")
_ALL: Final = (
    Status.PAID,
    Status.CONFIRMED,
    Status.IN_TRANSIT,
    Status.ARRIVED,
    Status.COLLECTED,
    Status.CLOSED,
)


def count_audience(leader_id: int, group_id: int, whom: str) -> int:
    """Count the neighbours one of a leader's groups reaches; OrderGoneError for another's group.

    ``whom`` is "all" (everybody who paid), "waiting" (her bag is there) or "unpaid" (ordered for
    her by the leader and not paid yet).
    """
    group_of_leader(leader_id, group_id)
    return _people(leader_id, group_id, whom).count()


def next_of_audience(
    leader_id: int, group_id: int, whom: str, *, after: int, limit: int
) -> list[int]:
    """Return the next neighbours after a number, in the order of their numbers."""
    people = _people(leader_id, group_id, whom).filter(resident_id__gt=after)
    return list(people.order_by("resident_id")[:limit])


def _people(leader_id: int, group_id: int, whom: str) -> QuerySet[OrderFulfilment, int]:
    orders = OrderFulfilment.objects.filter(
        leader=leader_id, group=group_id, resident__is_active=True
    )
    if whom == "unpaid":
        orders = orders.filter(
            placed_by=leader_id,
            status=Status.PENDING_PAYMENT,
            cancel_requested_at=None,
            expires_at__gt=now(),
        )
    else:
        orders = orders.filter(status__in=(Status.ARRIVED,) if whom == "waiting" else _ALL)
    return orders.order_by().values_list("resident_id", flat=True).distinct()
