"""Rules of what was changed after payment: the cut-off's prices, orders for others, moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, OrderMove, Status
from payments.api import CheckResult, result_of

Why = LineBack.Why
Wrong = Iterator[tuple[str, str]]

# What is given back before or by the cut; the rest comes later and lowers what she pays further.
_AT_THE_CUT = (Why.RESIDENT, Why.MOVED, Why.NOT_FORMED, Why.LOT)
_GONE = (Status.PENDING_PAYMENT, Status.CANCELLED, Status.REFUNDED)


def everybody_pays_the_price_reached() -> CheckResult:
    """C1: after the cut a line pays the lower of its own price and the one reached, to the fen.

    Where a sale was prolonged after its cut, whoever had a lower price keeps it.
    """
    cut = LineFulfilment.objects.filter(
        order__group_buy__cut_at__isnull=False,
        order__cancel_requested_at=None,
        item__final_price_minor__isnull=False,
        item__group_buy=F("order__group_buy"),
    )
    lines = cut.exclude(order__status__in=_GONE).annotate(
        gone=_sum(Q(why__in=_AT_THE_CUT), "quantity"),
        back=_sum(Q(why__in=_AT_THE_CUT), "value_minor"),
        off=_sum(Q(why=Why.TIER), "value_minor"),
    )

    def wrong() -> Wrong:
        for line in lines.select_related("order__group_buy", "item").iterator():
            before = line.value_minor - line.back
            due = min(before, line.item.final_price_minor * (line.quantity - line.gone))
            pays = before - line.off
            keeps_lower = pays < due and line.order.group_buy.prolonged_at is not None
            if pays != due and not keeps_lower:
                yield line.order.order_no, f"line {line.pk} pays {pays}, not {due}"

    return result_of("C1 everybody pays the price reached", rows=lines.count(), wrong=wrong())


def cases_are_full() -> CheckResult:
    """C2: what a cut allotted of an item sold by the case is whole cases, and what was bought."""
    allotted = LineFulfilment.objects.filter(item=OuterRef("item"), allotted__isnull=False)
    sums = allotted.order_by().values("item").annotate(n=Sum("allotted"))
    rows = (
        LineFulfilment.objects.filter(
            item__case_size__gt=1, item__final_quantity__isnull=False, allotted__isnull=False
        )
        .order_by()
        .values_list("item_id", "item__case_size", "item__final_quantity")
        .annotate(n=Subquery(sums.values("n")))
        .distinct()
    )
    return result_of(
        "C2 cases are full",
        rows=rows.count(),
        wrong=(
            (f"item {item}", f"{n} allotted, {bought} bought in cases of {size}")
            for item, size, bought, n in rows.iterator()
            if bought % size or n != bought
        ),
    )


def moves_lead_where_orders_are() -> CheckResult:
    """C3: an order that moved is where its last move led, in that group's sale, at its point."""
    last = OrderMove.objects.filter(order=OuterRef("pk")).order_by("-pk").values("to_group")[:1]
    orders = OrderFulfilment.objects.alias(led_to=Subquery(last)).select_related("group")
    strays = orders.filter(Q(led_to__isnull=False) & ~Q(group=F("led_to"))) | orders.exclude(
        group_buy=F("group__group_buy"),
        pickup_point=F("group__pickup_point"),
    )
    return result_of(
        "C3 orders are where they moved",
        rows=OrderMove.objects.count(),
        wrong=((order.order_no, f"in group {order.group_id}") for order in strays.distinct()),
    )


def _sum(which: Q, field: str) -> Coalesce:
    rows: QuerySet[Any, Any] = LineBack.objects.filter(which, line=OuterRef("pk")).order_by()
    return Coalesce(Subquery(rows.values("line").annotate(total=Sum(field)).values("total")), 0)


CHANGE_RULES = (
    everybody_pays_the_price_reached,
    cases_are_full,
    moves_lead_where_orders_are,
)
