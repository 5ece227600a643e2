"""Leaders and facts about orders, made plainly; the facts go through the real outbox."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from groupleader.handlers import COMMISSION, PAYOUT, SETTLEMENT
from groupleader.models import CommissionAccrual, Leader, SettlementStatement
from groupleader.services.issuing import cut_statement
from groupleader.services.leaders import change_payee
from groupleader.services.periods import period_now
from payments.api import (
    Money,
    deliver_pending,
    now,
    post_goods_collected,
    post_goods_uncollected,
    publish,
)
from payments.models import OutboxDelivery

_numbers = count(1)


def make_user(name: str = "王姐", *, is_staff: bool = False) -> Any:
    """A person who can sign in."""
    nth = next(_numbers)
    return get_user_model().objects.create_user(
        username=f"person{nth}",
        phone=f"+86136{nth:08d}",
        display_name=name,
        is_staff=is_staff,
        is_superuser=is_staff,
    )


def make_leader(name: str = "王姐", *, payee: bool = True, **fields: Any) -> Leader:
    """An active leader, with an account to be paid to unless said otherwise."""
    fields.setdefault("status", Leader.Status.ACTIVE)
    leader = Leader.objects.create(user=make_user(name), name=name, **fields)
    if payee:
        change_payee(
            leader=leader, bank="中国建设银行", holder=name, account="6217 0012 3456 7890 123"
        )
    return leader


def line(line_id: str, value_minor: int, *, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    """A line as the mall's facts carry it."""
    return {
        "line_id": line_id,
        "item_id": 7,
        "product_id": 70,
        "category_ids": [31, 3],
        "title": f"goods {line_id}",
        "quantity": quantity,
        "value_minor": value_minor,
        "cost_minor": value_minor * 8 // 10,
        "supplier_id": 5,
    } | fields


def order_208(prefix: str = "") -> list[dict[str, Any]]:
    """The lines of the worked example: 30.00, 2 x 49.00, 80.00."""
    return [
        line(f"{prefix}A", 3_000),
        line(f"{prefix}B", 9_800, quantity=2),
        line(f"{prefix}C", 8_000),
    ]


class Order:
    """An order the mall tells about; each call publishes one fact and delivers it."""

    def __init__(
        self,
        leader: Leader,
        lines: list[dict[str, Any]],
        *,
        order_no: str = "",
        resident_id: int = 1,
    ) -> None:
        self.order_no = order_no or f"M{next(_numbers):019d}"
        self.lines = lines
        self._payload = {
            "order_no": self.order_no,
            "group_id": 1,
            "leader_id": leader.user_id,
            "resident_id": resident_id,
            "lines": lines,
        }

    def becomes(self, *facts: str, at: datetime | None = None) -> Order:
        """Tell "placed", "paid", "collected", ... one after the other."""
        for fact in facts:
            self.tell(f"order.{fact}", {}, key=f"order.{fact}:{self.order_no}", at=at)
        return self

    def refunds_line(self, line_id: str, value_minor: int, refund_no: str) -> Order:
        """Tell that a part of a line went back."""
        refund = {"line_id": line_id, "value_minor": value_minor, "refund_no": refund_no}
        self.tell("line.refunded", refund, key=f"line.refunded:{refund_no}:{line_id}")
        return self

    def _book(self, fact: str, *, at: str) -> None:
        """Write what the mall writes into the books as goods change hands."""
        book = {
            "order.collected": post_goods_collected,
            "order.uncollected": post_goods_uncollected,
        }.get(fact)
        if book is None:
            return
        costs: Counter[str] = Counter()
        for each in self.lines:
            costs[f"supplier:{each['supplier_id']}"] += each["cost_minor"]
        book(
            key=f"{self.order_no}:{at}",
            order_ref=self.order_no,
            goods=Money(sum(each["value_minor"] for each in self.lines)),
            costs=[(supplier, Money(minor)) for supplier, minor in costs.items() if minor],
        )

    def tell(
        self, fact: str, more: dict[str, Any], *, key: str, at: datetime | None = None
    ) -> None:
        payload = self._payload | more | {"at": (at or now()).isoformat()}
        with transaction.atomic():
            self._book(fact, at=payload["at"])
            publish(fact, key=key, aggregate=self.order_no, payload=payload)
        deliver_pending()
        # These orders are made up: whether other rooms could read them says nothing here.
        ours = OutboxDelivery.objects.filter(consumer__in=[COMMISSION, PAYOUT, SETTLEMENT])
        assert not ours.exclude(status=OutboxDelivery.Status.DONE).exists()


def settled_order(leader: Leader, lines: list[dict[str, Any]], **order: Any) -> Order:
    """An order whose commission is available."""
    return Order(leader, lines, **order).becomes("placed", "paid", "collected", "closed")


def make_statement(leader: Leader, *values: int) -> SettlementStatement:
    """An issued statement of orders with these goods values, 10 % each."""
    for value in values or (20_800,):
        settled_order(leader, [line(f"L{next(_numbers)}", value)])
    return cut_statement(party=leader, period=period_now(now() + timedelta(seconds=1)))


def amounts(leader: Leader) -> dict[str, int]:
    """What a leader has per state."""
    sums: dict[str, int] = {}
    for accrual in CommissionAccrual.objects.filter(leader=leader):
        sums[accrual.status] = sums.get(accrual.status, 0) + accrual.amount_minor
    return sums
