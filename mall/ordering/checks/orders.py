"""Rules of orders: sums to the fen, money applied once or not at all, steps along the table."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from oscar.apps.order.models import OrderStatusChange

from mall.ordering.models import EDGES, LineFulfilment, OrderFulfilment, Status
from payments.api import CheckResult, Money, balances_by_label, result_of

_PREPAYMENT = "2101"
_OWED_GOODS = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT, Status.ARRIVED)
Wrong = Iterator[tuple[str, str]]


def sums_agree() -> CheckResult:
    """P2: goods are the sum of the lines, the discount the sum of its shares, in Oscar's too."""
    sums = {
        row["order_id"]: row
        for row in LineFulfilment.objects.order_by()
        .values("order_id")
        .annotate(goods=Sum("value_minor"), shares=Sum("offer_share_minor"))
        .iterator()
    }

    def wrong() -> Wrong:
        for order in _orders().select_related("order").iterator():
            lines = sums.get(order.pk, {"goods": 0, "shares": 0})
            if order.goods_minor != lines["goods"]:
                yield order.order_no, f"goods {order.goods_minor}, lines {lines['goods']}"
            if order.discount_minor != lines["shares"]:
                yield order.order_no, f"discount {order.discount_minor}, shares {lines['shares']}"
            if order.order.total_incl_tax != Money(order.goods_minor).major:
                yield order.order_no, f"Oscar's total {order.order.total_incl_tax}"

    return result_of("P2 sums agree", rows=len(sums), wrong=wrong())


def money_is_applied_once() -> CheckResult:
    """P4, P5, P6, P12, D10: the books owe each order's goods exactly while they are owed.

    Paid and not collected: the value of goods not refunded. Otherwise nothing: money for an order
    that was cancelled, or a second payment, never became a debt in goods.
    """
    owed = {
        order_no: -balance
        for (_party, order_no), balance in balances_by_label(_PREPAYMENT).items()
        if balance
    }
    refunded = dict(
        LineFulfilment.objects.filter(refunded_minor__gt=0)
        .order_by()
        .values_list("order_id")
        .annotate(back=Sum("refunded_minor"))
    )

    def wrong() -> Wrong:
        known = set()
        for order in _orders().iterator():
            known.add(order.order_no)
            due = 0
            if order.status in _OWED_GOODS:
                due = order.goods_minor - refunded.get(order.pk, 0)
            elif order.status == Status.PENDING_PAYMENT and order.order_no in owed:
                due = order.goods_minor  # paid a moment ago; the order is about to hear of it
            if owed.get(order.order_no, 0) != due:
                yield (
                    order.order_no,
                    f"{order.status}: the books owe {owed.get(order.order_no, 0)}, not {due}",
                )
        for order_no in sorted(set(owed) - known):
            yield order_no, f"the books owe {owed[order_no]} to no order"

    return result_of("P4 money applied once or not at all", rows=_orders().count(), wrong=wrong())


def paid_means_paid() -> CheckResult:
    """P4: an order that was paid names its payment, one that was not has no time of payment."""
    unpaid = Q(status__in=[Status.PENDING_PAYMENT, Status.CANCELLED])
    strays = _orders().filter(
        (unpaid & Q(paid_at__isnull=False)) | (~unpaid & (Q(paid_at=None) | Q(payment_no="")))
    )
    return result_of(
        "P4 paid means paid",
        rows=_orders().count(),
        wrong=((order.order_no, order.status) for order in strays.iterator()),
    )


def refunded_means_all() -> CheckResult:
    """P4: an order is refunded exactly when all that was paid went back, and all goods with it.

    Of goods that others paid for, the payer's own fen may be back while some are kept.
    """
    kept = LineFulfilment.objects.filter(order=OuterRef("pk"), refunded_quantity__lt=F("quantity"))
    is_back = Q(refunded_minor=F("payable_minor"), keeps_goods=False)
    is_refunded = Q(status=Status.REFUNDED)
    orders = _orders().alias(keeps_goods=Exists(kept))
    strays = orders.filter(is_refunded & ~is_back | ~is_refunded & is_back)
    return result_of(
        "P4 refunded means all of it",
        rows=_orders().count(),
        wrong=(
            (order.order_no, f"{order.refunded_minor} of {order.payable_minor}")
            for order in strays.iterator()
        ),
    )


def steps_follow_the_table() -> CheckResult:
    """P7: every step is an edge, the steps join, and the last one is where the order is."""

    def wrong() -> Wrong:
        changes = OrderStatusChange.objects.filter(order__fulfilment__isnull=False)
        at: dict[int, str] = {}
        for change in changes.order_by("order_id", "pk").iterator():
            before = at.get(change.order_id, Status.PENDING_PAYMENT)
            if change.old_status != before or change.new_status not in EDGES.get(before, ()):
                yield f"order {change.order_id}", f"{change.old_status} → {change.new_status}"
            at[change.order_id] = change.new_status
        for order in _orders().select_related("order").iterator():
            last = at.get(order.pk, Status.PENDING_PAYMENT)
            if not order.status == order.order.status == last:
                yield order.order_no, f"{order.status}, Oscar {order.order.status}, last {last}"

    return result_of("P7 steps follow the table", rows=_orders().count(), wrong=wrong())


def _orders() -> QuerySet[OrderFulfilment]:
    return OrderFulfilment.objects.order_by("pk")


ORDER_RULES = (
    sums_agree,
    money_is_applied_once,
    paid_means_paid,
    refunded_means_all,
    steps_follow_the_table,
)
