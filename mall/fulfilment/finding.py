"""Finding the bag at the counter: by code, by QR, by the last digits of a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q

from mall.accounts.models import User
from mall.fulfilment.codes import count_wrong, forget_wrong, require_unlocked
from mall.fulfilment.errors import CodeUnknownError
from mall.fulfilment.people import require_people
from mall.ordering.models import OrderFulfilment, Status
from payments.api import now

# A code sent twice within this time is the same hand-over, not a wrong code.
_SAME_HAND_OVER: Final = timedelta(hours=12)
_FOUND_MAX: Final = 20
TAIL_DIGITS: Final = 4


def find_by_code(*, point_id: int, code: str, by: User) -> OrderFulfilment:
    """Return the bag at a point that a code opens, or that it opened a moment ago.

    ScreenLockedError after five wrong codes in a row, CodeUnknownError (data: tries_left),
    NotYourPointError.
    """
    require_unlocked(point_id)
    order = _by_code(point_id, "".join(code.split()))
    if order is None:
        raise CodeUnknownError(tries_left=count_wrong(point_id))
    require_people(order, by)
    forget_wrong(point_id)
    return order


def find_by_token(*, token: str, by: User) -> OrderFulfilment:
    """Return the bag a QR's token names; CodeUnknownError, NotYourPointError."""
    order = OrderFulfilment.objects.filter(pickup_token=token).exclude(pickup_token="").first()
    if order is None:
        raise CodeUnknownError
    require_people(order, by)
    return order


def find_by_tail(*, point_id: int, tail: str) -> list[OrderFulfilment]:
    """Return the bags waiting at a point whose receiver's phone ends so, the oldest first."""
    if len(tail) != TAIL_DIGITS or not (tail.isascii() and tail.isdigit()):
        return []
    orders = OrderFulfilment.objects.filter(
        pickup_point=point_id, status=Status.ARRIVED, receiver_phone__endswith=tail
    )
    return list(orders.select_related("group_buy").order_by("arrived_at", "pk")[:_FOUND_MAX])


def _by_code(point_id: int, code: str) -> OrderFulfilment | None:
    if not code:
        return None
    just_now = Q(status=Status.COLLECTED, collected_at__gt=now() - _SAME_HAND_OVER)
    orders = OrderFulfilment.objects.filter(
        Q(status=Status.ARRIVED) | just_now, pickup_point=point_id, pickup_code=code
    )
    # "arrived" comes before "collected": a code given out again opens the bag that waits.
    return orders.order_by("status", "-collected_at").first()
