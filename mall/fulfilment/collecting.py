"""Handing the bags over: by code, by QR or from the list; once, undoable until settled."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final, TypedDict

from django.conf import settings
from django.db.models import Q

from mall.accounts.models import User
from mall.fulfilment.codes import count_wrong, forget_wrong, new_codes, require_unlocked
from mall.fulfilment.errors import (
    CodeUnknownError,
    NotCollectableError,
    NotUndoableError,
    NotYourPointError,
)
from mall.fulfilment.models import Collection
from mall.ordering.facts import tell
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.status import move
from payments.api import (
    Money,
    now,
    post_goods_collected,
    post_goods_uncollected,
    transact,
)

Means = Collection.Means


class _Worth(TypedDict):
    """The goods a resident keeps, and what each supplier is owed for them."""

    goods: Money
    costs: list[tuple[str, Money]]


# A code sent twice within this time is the same hand-over, not a wrong code.
_SAME_HAND_OVER: Final = timedelta(hours=12)


def find_by_code(*, point_id: int, code: str, by: User) -> OrderFulfilment:
    """Return the bag at a point that a code opens, or that it opened a moment ago.

    ScreenLockedError after five wrong codes in a row, CodeUnknownError (data: tries_left),
    NotYourPointError.
    """
    require_unlocked(point_id)
    order = _by_code(point_id, "".join(code.split()))
    if order is None:
        raise CodeUnknownError(tries_left=count_wrong(point_id))
    _require_people(order, by)
    forget_wrong(point_id)
    return order


def find_by_token(*, token: str, by: User) -> OrderFulfilment:
    """Return the bag a QR's token names; CodeUnknownError, NotYourPointError."""
    order = OrderFulfilment.objects.filter(pickup_token=token).exclude(pickup_token="").first()
    if order is None:
        raise CodeUnknownError
    _require_people(order, by)
    return order


def collect_by_code(*, point_id: int, code: str, by: User) -> Collection:
    """Hand over the bag a typed code opens; errors as in find_by_code and collect_order."""
    order = find_by_code(point_id=point_id, code=code, by=by)
    return collect_order(order_no=order.order_no, by=by, means=Means.CODE)


def collect_by_token(*, token: str, by: User) -> Collection:
    """Hand over the bag a scanned QR names; errors as in find_by_token and collect_order."""
    order = find_by_token(token=token, by=by)
    return collect_order(order_no=order.order_no, by=by, means=Means.SCAN)


@transact()
def collect_order(*, order_no: str, by: User, means: str = Means.LIST) -> Collection:
    """Hand an order's goods over: the suppliers are owed theirs, the after-sales window starts.

    The same hand-over again returns the first. NotCollectableError before arrival or when the money
    went back; NotYourPointError, OrderGoneError.
    """
    order = locked_order(order_no)
    _require_people(order, by)
    done = order.collections.filter(undone_at=None).first()
    if done is not None:
        return done
    at = now()
    changes = {"collected_at": at, "window_ends_at": _window_end(order, at)}
    if order.status != Status.ARRIVED or not move(order, Status.COLLECTED, **changes):
        raise NotCollectableError(status=order.status)
    collection = Collection.objects.create(order=order, means=means, handed_over_by=by, at=at)
    turn = order.collections.count()
    post_goods_collected(key=f"{order_no}:{turn}", order_ref=order_no, **_worth(order))
    tell("collected", [order], turn=turn)
    return collection


@transact()
def undo_collection(*, order_no: str, by: User, reason: str) -> OrderFulfilment:
    """Take a hand-over back: the order waits again, under a new code. NotUndoableError once closed.

    NotYourPointError, OrderGoneError; ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a hand-over is undone with a reason")
    order = locked_order(order_no)
    _require_people(order, by)
    (code,) = new_codes(order.pickup_point_id, 1)
    changes = {"collected_at": None, "window_ends_at": None, "pickup_code": code}
    if order.status != Status.COLLECTED or not move(order, Status.ARRIVED, **changes):
        raise NotUndoableError(status=order.status)
    order.collections.filter(undone_at=None).update(
        undone_at=now(), undone_by=by, undo_reason=reason.strip()
    )
    turn = order.collections.count()
    post_goods_uncollected(key=f"{order_no}:{turn}", order_ref=order_no, **_worth(order))
    tell("uncollected", [order], turn=turn)
    return order


def may_hand_over(order: OrderFulfilment, by: User) -> bool:
    """Tell whether a person may hand this order over: its group's or point's leader, or staff."""
    return by.is_staff or by.pk in {order.leader_id, order.pickup_point.leader_id}


def _require_people(order: OrderFulfilment, by: User) -> None:
    if not may_hand_over(order, by):
        raise NotYourPointError


def _by_code(point_id: int, code: str) -> OrderFulfilment | None:
    if not code:
        return None
    just_now = Q(status=Status.COLLECTED, collected_at__gt=now() - _SAME_HAND_OVER)
    orders = OrderFulfilment.objects.filter(
        Q(status=Status.ARRIVED) | just_now, pickup_point=point_id, pickup_code=code
    )
    # "arrived" comes before "collected": a code given out again opens the bag that waits.
    return orders.order_by("status", "-collected_at").first()


def _window_end(order: OrderFulfilment, at: datetime) -> datetime:
    """Return when the after-sales window of the slowest-spoiling goods is over."""
    hours = settings.LINLI_AFTER_SALES_HOURS
    longest = max(hours.values())
    kept = order.lines.values_list("storage_class", flat=True)
    return at + timedelta(hours=max(hours.get(kind, longest) for kind in kept))


def _worth(order: OrderFulfilment) -> _Worth:
    """Return the value of the goods she keeps and what each supplier is owed for them."""
    lines = list(order.lines.all())
    costs: Counter[str] = Counter()
    for line in lines:
        costs[f"supplier:{line.supplier_id}"] += line.cost_minor - line.returned_cost_minor
    return {
        "goods": Money(sum(line.value_minor - line.refunded_minor for line in lines)),
        "costs": [(supplier, Money(minor)) for supplier, minor in sorted(costs.items()) if minor],
    }
