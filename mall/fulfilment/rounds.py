"""Sending the vans and hearing of each stop: asked for once, sent group by group, delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.errors import NotDispatchableError, RoundNotSentError, RoundOverError
from mall.fulfilment.models import Delivery, DeliveryStop
from mall.fulfilment.planning import TO_DRIVE
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import Status
from payments.api import advance, business_date, each, now, publish, transact

_UNSENT: Final = (Status.PAID, Status.CONFIRMED)
_UNDECIDED: Final = (State.OPEN, State.CLOSED)
# A driver's link shows who lives nowhere, yet where the vans go: it ends some days after.
_LINK_DAYS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How far the sending of a round is: its groups, and how many of them are on their way."""

    groups: int
    sent: int


def ask_to_send(delivery_ids: Sequence[int], *, by: User) -> int:
    """Have planned rounds sent; the job does it group by group. Return how many were new."""
    planned = Delivery.objects.filter(pk__in=delivery_ids, status=Delivery.Status.PLANNED)
    return planned.filter(asked_at=None).update(asked_at=now(), asked_by=by, problem="")


def send_asked(limit: int) -> dict[str, int]:
    """Send up to so many groups of the rounds that were asked for; a job, repeatable."""
    counts: Counter[str] = Counter(groups=0)

    def send(pk: int) -> bool:
        sent, is_through = _send(Delivery.objects.get(pk=pk), limit - counts["groups"])
        counts.update(sent)
        return is_through

    asked = Delivery.objects.filter(status=Delivery.Status.PLANNED, asked_at__isnull=False)
    in_turn = asked.order_by("asked_at", "pk").values_list("pk", flat=True)
    counts.update(each(in_turn, send, limit=limit, done="rounds"))
    return dict(counts)


def groups_of(delivery: Delivery) -> QuerySet[LeaderGroup]:
    """Return the groups whose goods a round carries."""
    return LeaderGroup.objects.filter(
        group_buy__pickup_on=delivery.pickup_on,
        pickup_point__delivery_stops__delivery=delivery,
        order_count__gt=0,
    ).order_by("pk")


def stop_delivered(*, token: str, stop_id: int, note: str = "", photo: Any = None) -> DeliveryStop:
    """Note that the goods are at a stop; sent twice it is one delivery.

    With the last stop the round is delivered. ``photo`` is a file that mall.papers.uploads has
    drawn. RoundOverError for a strange link or stop, RoundNotSentError before the van left.
    """
    delivery = round_of(token)
    stop = delivery.stops.filter(pk=stop_id).first()
    if stop is None:
        raise RoundOverError
    if delivery.status == Delivery.Status.PLANNED:
        raise RoundNotSentError(status=delivery.status)
    _deliver(stop.pk, note=note, photo=photo)
    stop.refresh_from_db()
    return stop


def round_of(token: str) -> Delivery:
    """Return the round a driver's link opens; RoundOverError for a forged or an old one."""
    delivery = Delivery.objects.filter(token=token).select_related("route").first()
    if delivery is None or delivery.pickup_on < business_date() - timedelta(days=_LINK_DAYS):
        raise RoundOverError
    return delivery


def progress_of_rounds(deliveries: Sequence[Delivery]) -> dict[int, Sent]:
    """Return how far the sending of each round is: one query."""
    rows = LeaderGroup.objects.filter(
        pickup_point__delivery_stops__delivery__in=deliveries, order_count__gt=0
    )
    waits = Q(orders__status__in=_UNSENT, orders__cancel_requested_at=None)
    counted: dict[int, list[bool]] = {delivery.pk: [] for delivery in deliveries}
    days = {delivery.pk: delivery.pickup_on for delivery in deliveries}
    found = rows.values_list(
        "pk", "pickup_point__delivery_stops__delivery", "group_buy__pickup_on"
    ).distinct()
    unsent = set(rows.filter(waits).values_list("pk", flat=True))
    for group, delivery, day in found:
        if day == days[delivery]:
            counted[delivery].append(group not in unsent)
    return {pk: Sent(groups=len(sent), sent=sum(sent)) for pk, sent in counted.items()}


def _send(delivery: Delivery, limit: int) -> tuple[Counter[str], bool]:
    """Send what of a round is left, up to ``limit`` groups; say how many, and whether all.

    A group that cannot leave yet holds no other back; the round stays until it left too.
    """
    refusals: list[str] = []

    def send(number: int) -> bool:
        try:
            mark_dispatched(group_id=number)
        except NotDispatchableError as refusal:
            refusals.append(str(refusal.user_message))
            return False
        return True

    groups = groups_of(delivery)
    waiting = groups.filter(
        state__in=TO_DRIVE, orders__status__in=_UNSENT, orders__cancel_requested_at=None
    )
    numbers = list(waiting.values_list("pk", flat=True).distinct())
    counts = each(numbers, send, limit=limit, done="groups")
    if counts["failed"]:
        refusals.append(_("A group of this round could not be sent; the job's log says why."))
    if waiting.exists():
        _note(delivery, " ".join(refusals[:1]))
        return counts, False
    undecided = groups.filter(state__in=_UNDECIDED)
    if undecided.filter(group_buy__closes_at__lte=now()).exists():
        # What is decided leaves; the round waits for what is about to be, not for open sales.
        _note(delivery, _("A group buy for this day is still being decided."))
        return counts, False
    _left(delivery)
    return counts, True


@transact()
def _left(delivery: Delivery) -> None:
    to = Delivery.Status.DISPATCHED
    if advance(delivery, Delivery.EDGES, to, dispatched_at=now(), problem=""):
        _tell(delivery)


@transact()
def _deliver(stop_id: int, *, note: str, photo: Any) -> None:
    stop = DeliveryStop.objects.select_for_update(no_key=True).get(pk=stop_id)
    if stop.delivered_at is not None:
        return
    stop.delivered_at, stop.note = now(), note.strip()[:200]
    if photo is not None:
        stop.photo = photo
    stop.save(update_fields=["delivered_at", "note", "photo"])
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=stop.delivery_id)
    is_last = not delivery.stops.filter(delivered_at=None).exists()
    if is_last:
        advance(delivery, Delivery.EDGES, Delivery.Status.DELIVERED, delivered_at=now())


def _note(delivery: Delivery, problem: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).exclude(problem=problem).update(problem=problem[:200])


def _tell(delivery: Delivery) -> None:
    """Publish that a round has left: delivery_id, pickup_on, point_ids."""
    publish(
        "delivery.dispatched",
        key=f"delivery.dispatched:{delivery.pk}",
        aggregate=f"delivery:{delivery.pk}",
        payload={
            "delivery_id": delivery.pk,
            "pickup_on": delivery.pickup_on.isoformat(),
            "point_ids": sorted(delivery.stops.values_list("pickup_point_id", flat=True)),
        },
    )
