"""A resident with goods in her hands, as quickly as a test can make her."""

from __future__ import annotations

from datetime import timedelta

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill, give_card, place


def collect(
    group: LeaderGroup, resident: User | None = None, *, days_ago: int = 1, **quantities: int
) -> list[LineFulfilment]:
    """Return the lines of an order that was handed over so many days ago."""
    resident = resident or make_person()
    give_card(resident)
    prices = {"first": 3000, "second": 4900, "third": 8000}
    wanted = quantities or {"first": 2}
    payable = sum(prices[name] * count for name, count in wanted.items())
    order = place(fill(group, resident, **wanted), resident, payable=payable)
    at = now() - timedelta(days=days_ago)
    OrderFulfilment.objects.filter(pk=order.pk).update(
        status=Status.COLLECTED, paid_at=at, collected_at=at
    )
    return list(LineFulfilment.objects.filter(order=order.pk).order_by("pk"))
