"""Handing the bags over: all of it or a part, once per wish; the last visit books the goods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.db.models import F

from mall.accounts.models import User
from mall.fulfilment.at_point import hand_out, left_of
from mall.fulfilment.errors import NotCollectableError, PartError
from mall.fulfilment.finding import find_by_code, find_by_token
from mall.fulfilment.models import Collection, CollectionLine
from mall.fulfilment.people import require_people
from mall.ordering.errors import OrderGoneError
from mall.ordering.facts import tell, tell_more
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.status import move
from payments.api import Money, now, post_goods_collected, publish, transact

Means = Collection.Means


class Worth(TypedDict):
    """The goods a resident keeps, and what each supplier is owed for them."""

    goods: Money
    costs: list[tuple[str, Money]]


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
    """Hand over all that is left: the suppliers are owed theirs, the after-sales window starts.

    The same hand-over again returns the first. NotCollectableError before arrival, when the money
    went back or nothing is left; NotYourPointError, OrderGoneError.
    """
    order = locked_order(order_no)
    require_people(order, by)
    done = order.collections.filter(undone_at=None, is_last=True).first()
    if done is not None:
        return done
    if finish_if_empty(order):
        return order.collections.get(undone_at=None, is_last=True)
    visit = Collection(order=order, means=means, handed_over_by=by)
    return _hand_over(visit, left_of(order), is_last=True)


@transact()
def collect_part(
    *, order_no: str, pieces: Mapping[int, int], by: User, means: str = Means.LIST, key: str
) -> Collection:
    """Hand over some pieces (by line); the order waits on, or is done if that was all.

    The same ``key`` again returns the first visit, whatever it asks for. PartError (data: lines)
    for no pieces or more than are left of a line, else as in collect_order.
    """
    order = locked_order(order_no)
    require_people(order, by)
    done = order.collections.filter(key=key).first() if key else None
    if done is not None:
        return done
    if order.status != Status.ARRIVED:
        raise NotCollectableError(status=order.status)
    left = left_of(order)
    wanted = {line_id: quantity for line_id, quantity in pieces.items() if quantity}
    wrong = [line for line, quantity in wanted.items() if not 0 < quantity <= left.get(line, 0)]
    if wrong or not wanted:
        raise PartError(lines=wrong)
    visit = Collection(order=order, means=means, handed_over_by=by, key=key)
    return _hand_over(visit, wanted, is_last=wanted == left)


def collect_together(*, order_nos: Sequence[str], by: User, means: str) -> list[Collection]:
    """Hand over several orders of one resident at one point, each in its own transaction.

    OrderGoneError where one is not hers, or lies at another point; nothing is then handed over.
    """
    orders = OrderFulfilment.objects.filter(order_no__in=order_nos).order_by("pk")
    if len({(order.resident_id, order.pickup_point_id) for order in orders}) != 1:
        raise OrderGoneError
    return [collect_order(order_no=order.order_no, by=by, means=means) for order in orders]


def after_refund(order: OrderFulfilment, *, key: str) -> None:
    """Book an order of which a refund at the point left nothing to collect; any other: nothing.

    Of what she took before, or of what suppliers delivered though all of it went back. In a
    transaction, with the order locked; ``key`` names the refund.
    """
    if not finish_if_empty(order) and order.status == Status.ARRIVED and not _is_kept(order):
        book_given_back(order, key=key)


def finish_if_empty(order: OrderFulfilment) -> bool:
    """Complete an order whose rest went back after she had taken a part; say whether it did.

    In a transaction, with the order locked. The visit before becomes the last one.
    """
    order.refresh_from_db(fields=["status"])
    if order.status != Status.ARRIVED or left_of(order) or not _is_kept(order):
        return False
    visit = order.collections.filter(undone_at=None).order_by("-pk").first()
    if visit is None:
        return False
    order.collections.filter(pk=visit.pk).update(is_last=True)
    book_collected(order, at=now(), turn=turn_of(visit))
    return True


def book_given_back(order: OrderFulfilment, *, key: str) -> None:
    """Book what suppliers are owed for goods at the point that all went back to the resident.

    Such an order is never collected: the refund moves it. In a transaction, the order locked.
    """
    worth = worth_of(order)
    if worth["costs"]:
        post_goods_collected(key=f"{order.order_no}:{key}", order_ref=order.order_no, **worth)
        tell_more("given_back", order, turn=key, more={})


def turn_of(visit: Collection) -> int:
    """Return which visit of its order this is: the name under which its goods are booked."""
    return visit.order.collections.filter(pk__lte=visit.pk).count()


def book_collected(order: OrderFulfilment, *, at: datetime, turn: int) -> None:
    """Move an order of which nothing is left to collect on, and book its goods; once per turn.

    In a transaction, with the order locked. NotCollectableError where it does not wait.
    """
    changes = {"collected_at": at, "window_ends_at": _window_end(order, at)}
    if order.status != Status.ARRIVED or not move(order, Status.COLLECTED, **changes):
        raise NotCollectableError(status=order.status)
    key = f"{order.order_no}:{turn}"
    post_goods_collected(key=key, order_ref=order.order_no, **worth_of(order))
    tell("collected", [order], turn=turn)


def worth_of(order: OrderFulfilment) -> Worth:
    """Return the value of the goods she keeps and what each supplier is owed for them."""
    lines = list(order.lines.all())
    costs: Counter[str] = Counter()
    for line in lines:
        costs[f"supplier:{line.supplier_id}"] += line.cost_minor - line.returned_cost_minor
    return {
        "goods": Money(sum(line.value_minor - line.refunded_minor for line in lines)),
        "costs": [(supplier, Money(minor)) for supplier, minor in sorted(costs.items()) if minor],
    }


def _hand_over(visit: Collection, pieces: Mapping[int, int], *, is_last: bool) -> Collection:
    order = visit.order
    if order.status != Status.ARRIVED or not pieces:
        raise NotCollectableError(status=order.status)
    hand_out(order, pieces)
    at = now()
    collection = Collection.objects.create(
        order=order,
        means=visit.means,
        handed_over_by=visit.handed_over_by,
        key=visit.key,
        is_last=is_last,
        at=at,
    )
    CollectionLine.objects.bulk_create(
        CollectionLine(collection=collection, line_id=line_id, quantity=quantity)
        for line_id, quantity in pieces.items()
    )
    if is_last:
        book_collected(order, at=at, turn=turn_of(collection))
    else:
        _tell_part(order, collection, pieces)
    return collection


def _tell_part(order: OrderFulfilment, visit: Collection, pieces: Mapping[int, int]) -> None:
    """Publish order.part_collected: what she took, and how many pieces still wait for her."""
    publish(
        "order.part_collected",
        key=f"order.part_collected:{order.order_no}:{visit.pk}",
        aggregate=order.order_no,
        payload={
            "order_no": order.order_no,
            "resident_id": order.resident_id,
            "leader_id": order.leader_id,
            "pieces": sum(pieces.values()),
            "left": sum(left_of(order).values()),
            "at": visit.at.isoformat(),
        },
    )


def _is_kept(order: OrderFulfilment) -> bool:
    """Tell whether any piece of an order has not gone back."""
    return order.lines.filter(quantity__gt=F("refunded_quantity")).exists()


def _window_end(order: OrderFulfilment, at: datetime) -> datetime:
    """Return when the after-sales window of the slowest-spoiling goods is over."""
    hours = settings.LINLI_AFTER_SALES_HOURS
    longest = max(hours.values())
    kept = order.lines.values_list("storage_class", flat=True)
    return at + timedelta(hours=max(hours.get(kind, longest) for kind in kept))
