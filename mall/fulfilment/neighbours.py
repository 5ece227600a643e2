"""A leader's neighbours: who has ordered with her, found by name or by the last digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from mall.accounts.masking import mask_name
from mall.fulfilment.bags import PHONE_TAILS
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import OrderFulfilment

_SHOWN_MAX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Somebody who has ordered with a leader, as the leader's screen shows her."""

    resident_id: int
    masked_name: str
    phone_tail: str
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Under which name and number a neighbour collects; for the mall's own use, not for a page."""

    name: str
    phone: str

    @property
    def masked_name(self) -> str:
        """Return the name as a page may show it."""
        return mask_name(self.name)


def find_neighbours(leader_id: int, query: str) -> list[Neighbour]:
    """Return who has ordered with a leader and fits: the end of a phone number, or a name.

    The most frequent first, twelve at most. Of a number only the last four digits find somebody,
    or all eleven: else the digits in between could be found out one by one.
    """
    text = query.strip()[:40]
    digits = "".join(each for each in text if each.isdecimal())
    if digits and len(digits) == len(text.replace(" ", "").replace("+", "")):
        if len(digits) not in PHONE_TAILS:
            return []
        fits = Q(receiver_phone__endswith=digits)
    elif text:
        fits = Q(receiver_name__icontains=text)
    else:
        return []
    own = OrderFulfilment.objects.filter(fits, leader=leader_id)
    found = own.values("resident_id").annotate(last=Max("pk"), orders=Count("pk"))
    rows = {row["last"]: row["orders"] for row in found.order_by("-orders", "-last")[:_SHOWN_MAX]}
    latest = OrderFulfilment.objects.filter(pk__in=rows)
    people = [
        Neighbour(
            resident_id=order.resident_id,
            masked_name=mask_name(order.receiver_name),
            phone_tail=order.receiver_phone[-4:],
            orders=rows[order.pk],
        )
        for order in latest
    ]
    return sorted(people, key=lambda each: -each.orders)


def reach_of(leader_id: int, resident_id: int) -> Reach:
    """Return a neighbour's name and number by her last order; OrderGoneError for a stranger."""
    own = OrderFulfilment.objects.filter(leader=leader_id, resident=resident_id)
    order = own.order_by("-pk").first()
    if order is None:
        raise OrderGoneError(_("Nobody of this number has ordered with you yet."))
    return Reach(name=order.receiver_name, phone=order.receiver_phone)
