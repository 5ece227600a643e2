"""What a play went through: orders, payments, and which edges of the machines were travelled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from mall.ordering.models import OrderFulfilment
from payments.models import ChannelFact, ErrandStep, Notification, Payment, PaymentTransition


@dataclass(frozen=True)
class Reached:
    """Counts of one play."""

    orders: int
    payments: int
    edges: Counter[str]


def count() -> Reached:
    """Count in the scratch database."""
    edges: Counter[str] = Counter()
    for model in (PaymentTransition, ErrandStep, ChannelFact):
        rows = model.objects.exclude(edge="").order_by().values("edge").annotate(n=Count("pk"))
        for row in rows:
            edges[row["edge"]] = max(edges[row["edge"]], row["n"])
    # What proves nothing leaves no statement behind, only its message (#23).
    edges["23"] = Notification.objects.filter(status=Notification.Status.REJECTED).count()
    return Reached(OrderFulfilment.objects.count(), Payment.objects.count(), edges)
