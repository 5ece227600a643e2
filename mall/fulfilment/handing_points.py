"""A pickup point goes to another leader: its open groups and what waits there follow her.

The key, the point and its groups go in one transaction. The orders follow in batches, so that a
point with thousands blocks nobody; each says in the fact point.handed_over who hands it out now.
Orders that were collected stay with whoever handed them out. A job goes on where it stopped, and
looks back for a month: an order placed at that very moment, or a hand-over undone later, follows.

Payload of point.handed_over: point_id, point (its name), from_leader_id, to_leader_id (people),
group_ids, order_nos, batch (0 is the key itself, without orders), keys, at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import OrderFulfilment, Status
from mall.pickup.keepers import plan_handover, take_key
from mall.pickup.models import PickupPoint, PointHandover
from payments.api import business_date, now, publish, transact

BATCH: Final = 200
_LOOKS_BACK: Final = timedelta(days=30)
OPEN_GROUPS: Final = (
    State.DRAFT,
    State.SCHEDULED,
    State.OPEN,
    State.CLOSED,
    State.FORMED,
    State.ORDERED,
    State.ARRIVED,
)
# What is not handed out yet; all the rest stays with whoever handed it out.
OPEN_ORDERS: Final = (
    Status.PENDING_PAYMENT,
    Status.PAID,
    Status.CONFIRMED,
    Status.IN_TRANSIT,
    Status.ARRIVED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverPreview:
    """What would follow: groups, orders that are not collected, those waiting on the shelf."""

    point_id: int
    point_name: str
    from_leader_id: int
    groups: tuple[str, ...]
    orders: int
    on_shelf: int
    unpaid: int
    helpers: int
    order_nos: tuple[str, ...]


def preview_handover(point_id: int) -> HandoverPreview | None:
    """Say what would follow if a point went to another leader now; nothing for no such point."""
    point = PickupPoint.objects.filter(pk=point_id, active=True).first()
    if point is None:
        return None
    groups = _groups(point.pk, point.leader_id).select_related("group_buy")
    orders = OrderFulfilment.objects.filter(group__in=groups, status__in=OPEN_ORDERS)
    counts = orders.aggregate(
        orders=Count("pk"),
        on_shelf=Count("pk", filter=Q(status=Status.ARRIVED)),
        unpaid=Count("pk", filter=Q(status=Status.PENDING_PAYMENT)),
    )
    return HandoverPreview(
        point_id=point.pk,
        point_name=point.name,
        from_leader_id=point.leader_id,
        groups=tuple(f"{group.group_buy.title} · {group.get_state_display()}" for group in groups),
        helpers=point.helpers.filter(invited_by=point.leader_id, ended_at=None).count(),
        order_nos=tuple(orders.order_by("pk").values_list("order_no", flat=True)),
        **counts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What runs under a leader's name: groups, orders not collected, bags on her shelves."""

    groups: int
    orders: int
    on_shelf: int


def what_waits(leader_id: int) -> Waits:
    """Say what runs under a leader's name: two queries."""
    groups = LeaderGroup.objects.filter(leader=leader_id, state__in=OPEN_GROUPS)
    counts = OrderFulfilment.objects.filter(leader=leader_id, status__in=OPEN_ORDERS).aggregate(
        orders=Count("pk"), on_shelf=Count("pk", filter=Q(status=Status.ARRIVED))
    )
    return Waits(groups=groups.exclude(state=State.DRAFT).count(), **counts)


def orders_between(point_id: int, first_day: date, last_day: date) -> int:
    """Count the orders that would be collected at a point on these days and are not yet."""
    orders = OrderFulfilment.objects.filter(pickup_point=point_id, status__in=OPEN_ORDERS)
    return orders.filter(group_buy__pickup_on__range=(first_day, last_day)).count()


def hand_over_point(
    *, point_id: int, to_user_id: int, by: User, on_day: date | None = None, keys: str = ""
) -> PointHandover:
    """Give a point to another leader, at once or on a day to come.

    Today's is carried out as far as it goes, the job does the rest. The same wish again changes
    nothing more. HandoverError, HandoverOpenError as in mall.pickup.keepers.plan_handover.
    """
    plan = plan_handover(point_id=point_id, to_user_id=to_user_id, by=by, on_day=on_day, keys=keys)
    if plan.on_day <= business_date():
        carry_out(plan.pk)
    plan.refresh_from_db()
    return plan


def carry_out(handover_id: int, *, batches: int = 50) -> int:
    """Hand the key over and let orders follow; return how many did in this call."""
    handover = PointHandover.objects.select_related("point", "from_leader", "to_leader", "by").get(
        pk=handover_id
    )
    if handover.status == PointHandover.Status.PLANNED:
        _take(handover)
    moved = 0
    for _batch in range(batches):
        step = _follow(handover_id)
        moved += step
        if step < BATCH:
            break
    return moved


def carry_out_due(limit: int) -> dict[str, int]:
    """Carry out what is due today, finish what stopped half way, and fetch stragglers; a job."""
    due = Q(status=PointHandover.Status.PLANNED, on_day__lte=business_date())
    under_way = Q(status=PointHandover.Status.MOVING)
    lately = Q(status=PointHandover.Status.DONE, done_at__gt=now() - _LOOKS_BACK)
    rows = PointHandover.objects.filter(due | under_way | lately).order_by("status", "pk")
    numbers = list(rows.values_list("pk", flat=True)[:limit])
    return {"handovers": len(numbers), "orders": sum(carry_out(pk) for pk in numbers)}


def _groups(point_id: int, leader_id: int) -> QuerySet[LeaderGroup]:
    return LeaderGroup.objects.filter(
        pickup_point=point_id, leader=leader_id, state__in=OPEN_GROUPS
    )


@transact()
def _take(handover: PointHandover) -> None:
    """Hand over the key, the point and its groups, and tell both; once."""
    at = now()
    if not take_key(handover, at=at):
        return
    groups = _groups(handover.point_id, handover.from_leader_id)
    numbers = list(groups.order_by("pk").values_list("pk", flat=True))
    LeaderGroup.objects.filter(pk__in=numbers).update(leader=handover.to_leader_id)
    PointHandover.objects.filter(pk=handover.pk).update(groups_moved=len(numbers))
    _tell(handover, batch="0", group_ids=numbers, order_nos=[])


@transact()
def _follow(handover_id: int) -> int:
    """Give one batch of orders to the leader who keeps the point now; none left: it is done.

    An order being handed over at this moment is waited for, and stays where it was collected.
    """
    # Two runners take turns, so that each batch has a name of its own.
    rows = PointHandover.objects.select_for_update(no_key=True)
    handover = rows.get(pk=handover_id)
    if handover.status not in {PointHandover.Status.MOVING, PointHandover.Status.DONE}:
        return 0
    # A group opened at that very moment still names the leader before.
    late = _groups(handover.point_id, handover.from_leader_id)
    late.update(leader=handover.point.leader_id)
    groups = LeaderGroup.objects.filter(
        pickup_point=handover.point_id, leader=handover.to_leader_id
    )
    orders = list(
        OrderFulfilment.objects.select_for_update(no_key=True)
        .filter(
            pickup_point=handover.point_id,
            status__in=OPEN_ORDERS,
            group__in=list(groups.values_list("pk", flat=True)),
        )
        .exclude(leader=handover.to_leader_id)
        .order_by("pk")[:BATCH]
    )
    if not orders:
        _finish(handover)
        return 0
    _give(orders, handover)
    PointHandover.objects.filter(pk=handover.pk).update(
        orders_moved=F("orders_moved") + len(orders)
    )
    _tell(
        handover,
        batch=str(handover.orders_moved + len(orders)),
        group_ids=sorted({order.group_id for order in orders}),
        order_nos=[order.order_no for order in orders],
    )
    return len(orders)


def _give(orders: list[OrderFulfilment], handover: PointHandover) -> None:
    """Write who hands them out, and whom the residents call."""
    for order in orders:
        order.leader_id = handover.to_leader_id
        order.pickup_snapshot = {**order.pickup_snapshot, "phone": handover.point.phone}
    OrderFulfilment.objects.bulk_update(orders, ["leader_id", "pickup_snapshot"], batch_size=BATCH)


def _finish(handover: PointHandover) -> None:
    rows = PointHandover.objects.filter(pk=handover.pk, status=PointHandover.Status.MOVING)
    rows.update(status=PointHandover.Status.DONE, done_at=now())


def _tell(handover: PointHandover, *, batch: str, **what: Any) -> None:
    publish(
        "point.handed_over",
        key=f"point.handed_over:{handover.pk}:{batch}",
        aggregate=f"point:{handover.point_id}",
        payload={
            "point_id": handover.point_id,
            "point": handover.point.name,
            "from_leader_id": handover.from_leader_id,
            "to_leader_id": handover.to_leader_id,
            "batch": batch,
            "keys": handover.keys,
            "at": now().isoformat(),
            **what,
        },
    )
