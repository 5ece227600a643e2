"""Bags that wait too long: watched from arrival, reminded of, and ended as the rule says."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from mall.fulfilment.at_point import left_of
from mall.fulfilment.bagging import storage_of
from mall.fulfilment.collecting import finish_if_empty
from mall.fulfilment.disposing import end_bag
from mall.fulfilment.models import OverdueBag
from mall.fulfilment.overdue import Rules, kept_until, next_step, reminders_due
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from payments.api import each, now, publish, transact

Ended = OverdueBag.Ended
_THERE_NO_MORE = {Status.COLLECTED: Ended.COLLECTED, Status.CLOSED: Ended.COLLECTED}


def tend_due(limit: int) -> dict[str, int]:
    """Watch new arrivals, remind, and end what is over; a job, one transaction per bag."""
    counts: Counter[str] = Counter(watched=watch_arrived(limit), ended=0, collected=0)
    due = OverdueBag.objects.filter(ended="", next_at__lte=now()).order_by("next_at", "pk")
    counts.update(each(due.values_list("pk", flat=True), _step, limit=limit, done="reminded"))
    return dict(counts)


def _step(pk: int) -> str:
    bag = OverdueBag.objects.select_related("order").get(pk=pk)
    return take_step(pk, order_no=bag.order.order_no)


@transact()
def watch_arrived(limit: int) -> int:
    """Begin to watch orders that arrived, those that came last first; return how many bags."""
    rules = Rules()
    if rules.first_at is None:
        return 0
    orders = OrderFulfilment.objects.filter(
        status=Status.ARRIVED, overdue_bags=None, placed_at__gte=rules.first_at
    )
    orders = orders.select_related("group_buy").prefetch_related("lines").order_by("-arrived_at")
    bags = [bag for order in orders[:limit] for bag in _bags_to_watch(order, rules)]
    OverdueBag.objects.bulk_create(bags, ignore_conflicts=True, batch_size=200)
    return len(bags)


@transact()
def take_step(bag_id: int, *, order_no: str) -> str:
    """Do what is due for one bag: say "reminded", "ended", "collected", or nothing."""
    order = locked_order(order_no)
    bag = OverdueBag.objects.select_related("policy").get(pk=bag_id)
    at = now()
    if bag.ended or bag.next_at is None or bag.next_at > at:
        return ""
    pieces = _left_in(order, bag)
    if order.status != Status.ARRIVED or not pieces:
        finish_if_empty(order)
        _end(bag, _THERE_NO_MORE.get(Status(order.status), _gone(order)))
        return "collected"
    if at < bag.until:
        _remind(order, bag)
        return "reminded"
    with transaction.atomic():
        given = end_bag(order, bag, pieces)
    _end(
        bag,
        Ended(bag.policy.outcome),
        pieces=sum(pieces.values()),
        refund_no=given.refund_no if given else "",
    )
    return "ended"


def _bags_to_watch(order: OrderFulfilment, rules: Rules) -> list[OverdueBag]:
    bags = []
    for storage in {storage_of(line.storage_class) for line in order.lines.all()}:
        policy = rules.of(storage, placed_at=order.placed_at)
        if policy is None:
            continue
        until = kept_until(policy, order)
        # What was due before the goods came is not said any more: her code has just told her.
        reminded = reminders_due(policy, until=until, at=order.arrived_at or now())
        bags.append(
            OverdueBag(
                order=order,
                storage_class=storage,
                policy=policy,
                until=until,
                reminded=reminded,
                next_at=next_step(policy, until=until, reminded=reminded),
            )
        )
    return bags


def _left_in(order: OrderFulfilment, bag: OverdueBag) -> dict[int, int]:
    """Return what of the bag's goods still lies at the point, by line."""
    kept_so = {
        pk
        for pk, storage in order.lines.values_list("pk", "storage_class")
        if storage_of(storage) == bag.storage_class
    }
    return {line: pieces for line, pieces in left_of(order).items() if line in kept_so}


def _gone(order: OrderFulfilment) -> str:
    """Say how a bag ended that is not there: collected in an earlier visit, or given back."""
    return Ended.COLLECTED if order.status == Status.ARRIVED else Ended.GONE


def _remind(order: OrderFulfilment, bag: OverdueBag) -> None:
    """Publish order.overdue: her bag still waits, until when; step counts the reminders."""
    at = now()
    reminded = max(bag.reminded + 1, reminders_due(bag.policy, until=bag.until, at=at))
    OverdueBag.objects.filter(pk=bag.pk).update(
        reminded=reminded, next_at=next_step(bag.policy, until=bag.until, reminded=reminded)
    )
    publish(
        "order.overdue",
        key=f"order.overdue:{order.order_no}:{bag.storage_class}:{bag.until:%Y%m%d%H%M}:{reminded}",
        aggregate=order.order_no,
        payload={
            "order_no": order.order_no,
            "resident_id": order.resident_id,
            "leader_id": order.leader_id,
            "storage_class": bag.storage_class,
            "step": reminded,
            "until": bag.until.isoformat(),
            "at": at.isoformat(),
        },
    )


def _end(bag: OverdueBag, ended: str, **figures: object) -> None:
    OverdueBag.objects.filter(pk=bag.pk).update(
        ended=ended, ended_at=now(), next_at=None, **figures
    )
