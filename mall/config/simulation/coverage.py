"""What a play went through: orders, payments, and which edges of the machines were travelled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from mall.ordering.models import OrderFulfilment
from payments.models import ChannelFact, ErrandStep, Payment, PaymentTransition


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
    return Reached(OrderFulfilment.objects.count(), Payment.objects.count(), edges)
