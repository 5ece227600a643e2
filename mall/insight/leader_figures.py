"""How each leader's groups do in a period: sales, neighbours who come back, bags, complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Max, QuerySet, Sum

from mall.aftersales.models import AfterSalesCase
from mall.fulfilment.models import OverdueBag
from mall.fulfilment.overdue import DISPOSED
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment
from payments.api import day_bounds

_TWICE: Final = 2


@dataclass(slots=True)
class LeaderFigures:
    """One leader's figures of a period; amounts in fen. docs/commission.md has the formulas."""

    orders: int = 0
    goods_minor: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    residents: int = 0
    came_back: int = 0
    collected: int = 0
    left_lying: int = 0
    cases: int = 0

    @property
    def repeat_rate(self) -> float | None:
        """Neighbours with two paid orders or more ÷ neighbours with one; None without any."""
        return _ratio(self.came_back, self.residents)

    @property
    def on_time_rate(self) -> float | None:
        """Orders collected ÷ orders collected or left lying until their time was over."""
        return _ratio(self.collected, self.collected + self.left_lying)

    @property
    def complaint_rate(self) -> float | None:
        """After-sales cases opened ÷ orders collected."""
        return _ratio(self.cases, self.collected)

    @property
    def refund_rate(self) -> float | None:
        """What went back to payers of the period's orders ÷ what they paid."""
        return _ratio(self.refunded_minor, self.paid_minor)


def leader_figures(since: date, until: date) -> dict[int, LeaderFigures]:
    """Return each leader's figures of some Shanghai days by her user number; four queries.

    Orders count on the day they were paid, bags on the day they were fetched or disposed of, cases
    on the day they were opened. Who had nothing of it is not there.
    """
    begin, end = day_bounds(since)[0], day_bounds(until)[1]
    found: dict[int, LeaderFigures] = {}
    for row in _bought(begin, end).iterator(chunk_size=5_000):
        leader_id, orders, goods, paid, refunded = row
        one = found.setdefault(leader_id, LeaderFigures())
        one.orders += orders
        one.goods_minor += goods
        one.paid_minor += paid
        one.refunded_minor += refunded
        one.residents += 1
        one.came_back += orders >= _TWICE
    for name, counts in _counted(begin, end):
        for leader_id, count in counts:
            setattr(found.setdefault(leader_id, LeaderFigures()), name, count)
    return found


def _bought(begin: datetime, end: datetime) -> QuerySet[OrderFulfilment, Any]:
    """Return a row per leader and resident: what she bought in the period."""
    orders = OrderFulfilment.objects.filter(paid_at__gte=begin, paid_at__lt=end)
    sums = (
        orders.order_by()
        .values("leader_id", "resident_id")
        .annotate(
            orders=Count("pk"),
            goods=Sum("goods_minor"),
            paid=Sum("payable_minor"),
            refunded=Sum("refunded_minor"),
        )
    )
    return sums.values_list("leader_id", "orders", "goods", "paid", "refunded")


def _counted(begin: datetime, end: datetime) -> Iterable[tuple[str, Iterable[tuple[int, int]]]]:
    fetched = OrderFulfilment.objects.filter(collected_at__gte=begin, collected_at__lt=end)
    bags = OverdueBag.objects.filter(ended__in=DISPOSED, ended_at__gte=begin, ended_at__lt=end)
    lying = OrderFulfilment.objects.filter(pk__in=bags.values("order"))
    cases = AfterSalesCase.objects.filter(opened_at__gte=begin, opened_at__lt=end)
    cases = cases.exclude(status=AfterSalesCase.Status.CANCELLED)
    yield "collected", _by(fetched, "leader_id", Count("pk"))
    yield "left_lying", _by(lying, "leader_id", Count("pk"))
    yield "cases", _by(cases, "leader_id", Count("pk"))


def _by(rows: QuerySet[Any], key: str, count: Count) -> QuerySet[Any, tuple[int, int]]:
    return rows.order_by().values(key).annotate(n=count).values_list(key, "n")


def last_groups() -> dict[int, datetime]:
    """Return until when each leader's newest group takes or took orders, by user number."""
    rows = LeaderGroup.objects.exclude(state="draft").order_by().values("leader_id")
    return dict(rows.annotate(last=Max("group_buy__closes_at")).values_list("leader_id", "last"))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
