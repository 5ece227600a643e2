"""Moving a group buy through its life: each step under a lock, along the table, told as a fact.

A group buy's row is locked first and its groups move with it, so a job, a click in the admin and a
second copy of the job can meet: one of them moves it, the others find it moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.filling import is_full
from mall.groupbuy.models import EDGES, GroupBuy, LeaderGroup, State
from mall.groupbuy.readiness import require_ready
from payments.api import IllegalTransitionError, advance, now, publish, transact

# The groups that go on together with their group buy.
_ALIVE = (State.DRAFT, State.SCHEDULED, State.OPEN, State.CLOSED, State.FORMED)


@transact()
def schedule(*, group_buy_id: int) -> GroupBuy:
    """Let a complete draft wait for its opening. NotReadyError says what is missing or wrong."""
    group_buy = locked_buy(group_buy_id)
    require_ready(group_buy)
    move_buy(group_buy, State.SCHEDULED, came_from=State.DRAFT)
    return group_buy


@transact()
def unschedule(*, group_buy_id: int) -> GroupBuy:
    """Take a scheduled group buy back to draft."""
    group_buy = locked_buy(group_buy_id)
    move_buy(group_buy, State.DRAFT, came_from=State.SCHEDULED)
    return group_buy


@transact()
def open_now(*, group_buy_id: int) -> GroupBuy:
    """Open a scheduled group buy before its time: from now on it counts as its opening."""
    group_buy = locked_buy(group_buy_id)
    at = now()
    _open(group_buy, at=at, opens_at=min(group_buy.opens_at, at))
    return group_buy


@transact()
def open_if_due(*, group_buy_id: int) -> bool:
    """Open a scheduled group buy whose time has come; say whether this call did it."""
    group_buy = locked_buy(group_buy_id)
    at = now()
    if group_buy.state != State.SCHEDULED or group_buy.opens_at > at:
        return False
    _open(group_buy, at=at, opens_at=group_buy.opens_at)
    return True


@transact()
def cut_off_now(*, group_buy_id: int) -> GroupBuy:
    """Close an open group buy before its time: this instant becomes its cut-off."""
    group_buy = locked_buy(group_buy_id)
    at = now()
    earliest = group_buy.opens_at + timedelta(microseconds=1)
    _close(group_buy, at=at, closes_at=max(earliest, min(group_buy.closes_at, at)))
    return group_buy


@transact()
def close_if_due(*, group_buy_id: int) -> bool:
    """Close an open group buy at its cut-off; say whether this call did it."""
    group_buy = locked_buy(group_buy_id)
    at = now()
    if group_buy.state != State.OPEN or group_buy.closes_at > at:
        return False
    _close(group_buy, at=at, closes_at=group_buy.closes_at)
    return True


@transact()
def mark_ordered(*, group_buy_id: int) -> GroupBuy:
    """Record that the purchase orders went out: from now on it cannot be prolonged."""
    group_buy = locked_buy(group_buy_id)
    at = now()
    move_buy(group_buy, State.ORDERED, came_from=State.FORMED, ordered_at=at)
    tell_all("groupbuy.ordered", group_buy, at=at)
    return group_buy


@transact()
def mark_arrived(*, group_id: int) -> LeaderGroup:
    """Record that a group's goods are at its point; with its last group the group buy arrived.

    Groups nobody ordered in hold nothing back: they come along. Repeating it changes nothing.
    """
    group = LeaderGroup.objects.get(pk=group_id)
    group_buy = locked_buy(group.group_buy_id)
    moved = advance(group, EDGES, State.ARRIVED, field="state")
    if not moved:
        group.refresh_from_db()
        if group.state not in {State.ARRIVED, State.SETTLED}:
            raise IllegalTransitionError(to=State.ARRIVED)
        return group
    waiting = group_buy.groups.filter(state__in=[*_ALIVE, State.ORDERED], order_count__gt=0)
    if not waiting.exists():
        _arrive(group_buy)
    return group


@transact()
def arrive_empty(*, group_buy_id: int) -> bool:
    """Call a formed sale arrived of which no order is open any more; say whether this call did.

    All of it was called off or refunded: nobody will ever say that its goods came. The caller has
    looked at its orders.
    """
    group_buy = locked_buy(group_buy_id)
    if group_buy.state == State.FORMED:
        at = now()
        move_buy(group_buy, State.ORDERED, came_from=State.FORMED, ordered_at=at)
        tell_all("groupbuy.ordered", group_buy, at=at)
    return _arrive(group_buy)


@transact()
def close_if_full(*, group_buy_id: int) -> bool:
    """Close an open group buy that took all it can take; say whether this call did it."""
    group_buy = locked_buy(group_buy_id)
    if group_buy.state != State.OPEN or not is_full(group_buy):
        return False
    at = now()
    earliest = group_buy.opens_at + timedelta(microseconds=1)
    closes_at = max(earliest, min(group_buy.closes_at, at))
    _close(group_buy, at=at, closes_at=closes_at, filled_at=at)
    tell_all("groupbuy.full", group_buy, at=at)
    return True


@transact()
def mark_settled(*, group_buy_id: int) -> bool:
    """Record that nothing of an arrived group buy is open any more; say whether this call did."""
    group_buy = locked_buy(group_buy_id)
    if not advance(group_buy, EDGES, State.SETTLED, came_from=[State.ARRIVED], field="state"):
        return False
    group_buy.groups.filter(state=State.ARRIVED).update(state=State.SETTLED)
    return True


def locked_buy(group_buy_id: int) -> GroupBuy:
    """Lock a group buy's row; its groups move under it."""
    return GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)


def _open(group_buy: GroupBuy, *, at: datetime, opens_at: datetime) -> None:
    if group_buy.closes_at <= at:
        raise NotReadyError(_("The cut-off has already passed. Please choose a later one."))
    move_buy(group_buy, State.OPEN, came_from=State.SCHEDULED, opens_at=opens_at, opened_at=at)
    tell_all("groupbuy.opened", group_buy, at=at)


def _arrive(group_buy: GroupBuy) -> bool:
    if not advance(group_buy, EDGES, State.ARRIVED, came_from=[State.ORDERED], field="state"):
        return False
    group_buy.groups.filter(state=State.ORDERED).update(state=State.ARRIVED)
    return True


def _close(group_buy: GroupBuy, *, at: datetime, closes_at: datetime, **more: Any) -> None:
    move_buy(
        group_buy, State.CLOSED, came_from=State.OPEN, closes_at=closes_at, closed_at=at, **more
    )
    tell_all("groupbuy.closed", group_buy, at=at)


def move_buy(group_buy: GroupBuy, to: State, *, came_from: str, **changes: Any) -> None:
    """Move the group buy and its living groups; IllegalTransitionError from anywhere else."""
    if not advance(group_buy, EDGES, to, came_from=[came_from], field="state", **changes):
        raise IllegalTransitionError(state=group_buy.state, to=to)
    group_buy.groups.filter(state__in=_ALIVE).update(state=to, version=F("version") + 1)


def tell_all(fact: str, group_buy: GroupBuy, *, at: datetime) -> None:
    """Publish what happened to a group buy with all its groups."""
    tell(fact, group_buy, at=at, groups=list(group_buy.groups.values_list("pk", flat=True)))


def tell(fact: str, group_buy: GroupBuy, *, at: datetime, groups: Sequence[int]) -> None:
    """Publish what happened to a group buy and to which of its groups, in this transaction."""
    payload = {
        "group_buy_id": group_buy.pk,
        "code": group_buy.code,
        "group_ids": sorted(groups),
        "at": at.isoformat(),
    }
    key = f"{fact}:{group_buy.code}:{at.isoformat()}"
    publish(fact, key=key, aggregate=f"groupbuy:{group_buy.code}", payload=payload)
