"""Rules of stock and quotas: never oversold, everything held by somebody, limits kept."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from oscar.apps.partner.models import StockRecord

from mall.groupbuy.models import GroupBuyItem
from mall.ordering.models import (
    ItemAllowance,
    LineFulfilment,
    OrderFulfilment,
    Status,
    StockReservation,
)
from payments.api import CheckResult, result_of

State = StockReservation.State
Wrong = Iterator[tuple[str, str]]

# What a line's stock may be while its order is so.
_FITTING = {
    Status.PENDING_PAYMENT: {State.HELD},
    Status.CANCELLED: {State.RELEASED, State.EXPIRED},
    Status.PAID: {State.CONSUMED, State.RETURNED},
    Status.CONFIRMED: {State.CONSUMED, State.RETURNED},
    Status.REFUNDED: {State.CONSUMED, State.RETURNED},
}


def never_oversold() -> CheckResult:
    """S1, S8: what is held and sold fits the quota, what is allocated fits the stock."""
    items = GroupBuyItem.objects.filter(
        Q(held__lt=0) | Q(sold__lt=0) | Q(quota__lt=F("held") + F("sold"))
    )
    records = StockRecord.objects.filter(num_allocated__gt=F("num_in_stock"))

    def wrong() -> Wrong:
        for item in items.iterator():
            yield f"item {item.pk}", f"{item.held} held, {item.sold} sold of {item.quota}"
        for record in records.iterator():
            yield (
                f"stock {record.pk}",
                f"{record.num_allocated} allocated of {record.num_in_stock}",
            )

    rows = GroupBuyItem.objects.count() + StockRecord.objects.count()
    return result_of("S1 never oversold", rows=rows, wrong=wrong())


def counters_are_reservations() -> CheckResult:
    """S2: an item's counters are the sums of its reservations."""
    of_items = _sums("item_id", held=Q(state=State.HELD), sold=Q(state=State.CONSUMED))

    def wrong() -> Wrong:
        for item in GroupBuyItem.objects.order_by("pk").iterator():
            held, sold = of_items.get(item.pk, (0, 0))
            if (item.held, item.sold) != (held, sold):
                yield (
                    f"item {item.pk}",
                    f"says {item.held} held, {item.sold} sold; lines say {held}, {sold}",
                )

    return result_of(
        "S2 held and sold are what lines hold", rows=GroupBuyItem.objects.count(), wrong=wrong()
    )


def allocated_is_reserved() -> CheckResult:
    """S2: what a stock record allocates is held or sold, and not yet dispatched."""
    waiting = Q(state=State.HELD) | Q(state=State.CONSUMED, dispatched_at=None)
    of_records = _sums("item__stockrecord_id", waiting=waiting)
    records = StockRecord.objects.filter(group_buy_items__isnull=False).distinct()

    def wrong() -> Wrong:
        for record in records.order_by("pk").iterator():
            (reserved,) = of_records.get(record.pk, (0,))
            if (record.num_allocated or 0) != reserved:
                yield f"stock {record.pk}", f"{record.num_allocated} allocated, {reserved} reserved"

    return result_of("S2 allocated is reserved", rows=records.count(), wrong=wrong())


def reservations_follow_their_orders() -> CheckResult:
    """S3: a reservation ended as its order did."""
    sold_from = [status for status in Status if status not in _FITTING]
    fits = Q(line__order__status__in=sold_from, state=State.CONSUMED)
    for status, states in _FITTING.items():
        fits |= Q(line__order__status=status, state__in=states)
    strays = StockReservation.objects.exclude(fits).select_related("line__order")
    return result_of(
        "S3 stock follows its order",
        rows=StockReservation.objects.count(),
        wrong=(
            (row.line.order.order_no, f"{row.state} while {row.line.order.status}")
            for row in strays.iterator()
        ),
    )


def what_was_called_off_is_free() -> CheckResult:
    """S5: of an order that was called off nothing stays sold that has not left the stock."""
    called_off = StockReservation.objects.filter(
        line__order__cancel_requested_at__isnull=False, line__order__paid_at__isnull=False
    )
    kept = called_off.filter(state=State.CONSUMED, dispatched_at=None, quantity__gt=F("returned"))
    return result_of(
        "S5 what was called off is free",
        rows=called_off.count(),
        wrong=(
            (row.line.order.order_no, f"{row.quantity - row.returned} pieces still sold")
            for row in kept.select_related("line__order").iterator()
        ),
    )


def every_line_holds_once() -> CheckResult:
    """S4: an order has as many reservations as lines, of the same quantities."""
    bare = LineFulfilment.objects.filter(
        Q(stock__isnull=True) | ~Q(stock__quantity=F("quantity"))
    ).select_related("order")
    return result_of(
        "S4 every line reserved",
        rows=LineFulfilment.objects.count(),
        wrong=((line.order.order_no, f"line {line.pk}") for line in bare.iterator()),
    )


def allowances_are_lines() -> CheckResult:
    """S6: what counts against a resident's limit is what she has on order and did not give up."""
    gone = Q(order__status=Status.CANCELLED) | Q(
        order__paid_at__isnull=False, order__cancel_requested_at__isnull=False
    )
    on_order = LineFulfilment.objects.exclude(gone).order_by()
    rows = on_order.values_list("item_id", "order__resident_id").annotate(
        n=Sum(F("quantity") - F("stock__returned"))
    )
    bought = {(item, resident): n for item, resident, n in rows.iterator() if n}

    def wrong() -> Wrong:
        allowances = ItemAllowance.objects.filter(taken__gt=0)
        counted = {(row.item_id, row.resident_id): row.taken for row in allowances.iterator()}
        for key in sorted({*bought, *counted}):
            if bought.get(key, 0) != counted.get(key, 0):
                yield (
                    f"item {key[0]}, resident {key[1]}",
                    f"{counted.get(key, 0)} counted, {bought.get(key, 0)} on order",
                )

    return result_of("S6 limits count what is on order", rows=len(bought), wrong=wrong())


def placed_before_the_cut_off() -> CheckResult:
    """S7: no order was placed at or after its group's cut-off, nor before the opening.

    One that was moved may be older than the sale it is in now.
    """
    strays = OrderFulfilment.objects.filter(
        Q(placed_at__gte=F("group_buy__closes_at"))
        | Q(placed_at__lt=F("group_buy__opens_at"), moved_at=None)
    )
    return result_of(
        "S7 placed while the group was open",
        rows=OrderFulfilment.objects.count(),
        wrong=((order.order_no, order.placed_at.isoformat()) for order in strays.iterator()),
    )


def one_order_per_basket() -> CheckResult:
    """P1: a basket became at most one order that was not cancelled."""
    live = OrderFulfilment.objects.exclude(status=Status.CANCELLED).order_by()
    twice = live.values("basket_id").annotate(n=Count("pk")).filter(n__gt=1)
    return result_of(
        "P1 one order per basket",
        rows=live.count(),
        wrong=((f"basket {row['basket_id']}", f"{row['n']} orders") for row in twice.iterator()),
    )


def _sums(key: str, **conditions: Q) -> dict[int, tuple[int, ...]]:
    left = F("quantity") - F("returned")
    sums = {name: Coalesce(Sum(left, filter=where), 0) for name, where in conditions.items()}
    rows = StockReservation.objects.order_by().values_list(key).annotate(**sums)
    return {pk: tuple(counts) for pk, *counts in rows.iterator()}


STOCK_RULES = (
    never_oversold,
    counters_are_reservations,
    allocated_is_reserved,
    reservations_follow_their_orders,
    what_was_called_off_is_free,
    every_line_holds_once,
    allowances_are_lines,
    placed_before_the_cut_off,
    one_order_per_basket,
)
