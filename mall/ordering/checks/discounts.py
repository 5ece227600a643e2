"""Rules of discounts: rows, sums, tenders and holdings of an order say the same, to the fen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from mall.loyalty.models import PointsUse
from mall.ordering.models import (
    LineBack,
    LineDiscount,
    LineFulfilment,
    OrderDiscount,
    OrderFulfilment,
    Status,
)
from mall.ordering.tenders import OUTSIDE
from mall.vouchers.models import VoucherUse
from payments.api import CheckResult, booked_tenders, result_of

Wrong = Iterator[tuple[str, str]]
_UNPAID = (Status.PENDING_PAYMENT, Status.CANCELLED)


def lines_are_their_parts() -> CheckResult:
    """D5: a line's shares are the sums of its funders' parts, and so is what went back of them."""
    outside = [str(funder) for funder in OUTSIDE]
    parts = LineDiscount.objects.filter(line=OuterRef("pk")).order_by().values("line")
    own = parts.exclude(funder__in=outside)
    lines = LineFulfilment.objects.alias(
        share=_sum_of(parts, "minor"),
        own=_sum_of(own, "minor"),
        back=_sum_of(parts, "returned_minor"),
    )
    strays = lines.exclude(
        offer_share_minor=F("share"), own_share_minor=F("own"), returned_share_minor=F("back")
    ).select_related("order")
    return result_of(
        "D5 lines are the sums of their parts",
        rows=LineFulfilment.objects.count(),
        wrong=((line.order.order_no, f"line {line.pk}") for line in strays.iterator()),
    )


def what_went_back_is_told() -> CheckResult:
    """R1: what went back of a line is the sum of its rows with a reason: pieces, value, cost."""
    rows = LineBack.objects.filter(line=OuterRef("pk")).order_by().values("line")
    lines = LineFulfilment.objects.alias(
        pieces=_sum_of(rows, "quantity"),
        value=_sum_of(rows, "value_minor"),
        cost=_sum_of(rows, "cost_minor"),
    )
    strays = lines.exclude(
        refunded_quantity=F("pieces"), refunded_minor=F("value"), returned_cost_minor=F("cost")
    ).select_related("order")
    return result_of(
        "R1 what went back of a line is told",
        rows=LineBack.objects.count(),
        wrong=((line.order.order_no, f"line {line.pk}") for line in strays.iterator()),
    )


def discounts_are_their_parts() -> CheckResult:
    """D5, D7: each discount is the sum of its parts, as given once it is paid; and so the order's.

    Before that as quoted. What the shop decides is given as quoted.
    """
    parts = LineDiscount.objects.filter(discount=OuterRef("pk")).order_by().values("discount")
    rows = OrderDiscount.objects.annotate(parts=_sum_of(parts, "minor")).select_related("order")

    def wrong() -> Wrong:
        sums: Counter[int] = Counter()
        for row in rows.order_by("pk").iterator():
            sums[row.order_id] += row.minor
            if row.parts != row.minor:
                yield row.order.order_no, f"{row.source}: {row.minor}, parts {row.parts}"
            if (row.order.status in _UNPAID) != (row.actual_minor is None):
                yield row.order.order_no, f"{row.source}: {row.actual_minor} given while unpaid"
        for order in OrderFulfilment.objects.order_by("pk").iterator():
            if order.discount_minor != sums[order.pk]:
                yield order.order_no, f"discount {order.discount_minor}, rows {sums[order.pk]}"

    return result_of("D5 discounts are the sums of their parts", rows=rows.count(), wrong=wrong())


def funders_gave_and_got_the_same() -> CheckResult:
    """D5, D6: each funder's parts are its tenders in the payment; what went back of them too."""
    ours: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    back: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    paid = LineDiscount.objects.exclude(line__order__status__in=_UNPAID).order_by()
    fields = ("line__order__payment_no", "funder", "funder_ref")
    sums = paid.values_list(*fields).annotate(minor=Sum("minor"), returned=Sum("returned_minor"))
    for payment_no, funder, ref, minor, returned in sums.iterator():
        ours[payment_no][funder, ref] = minor
        back[payment_no][funder, ref] = returned
    orders = dict(
        OrderFulfilment.objects.exclude(status__in=_UNPAID).values_list("payment_no", "order_no")
    )

    def wrong() -> Wrong:
        for tender in booked_tenders():
            order_no = orders.get(tender.payment_no)
            if order_no is None:
                continue
            key = (tender.funder, tender.ref)
            told = (ours[tender.payment_no].pop(key, 0), back[tender.payment_no].pop(key, 0))
            if told != (tender.minor, tender.returned_minor):
                booked = (tender.minor, tender.returned_minor)
                yield order_no, f"{':'.join(key)}: lines {told}, payment {booked}"
        for payment_no, left in ours.items():
            for funder, ref in left:
                yield orders[payment_no], f"{funder}:{ref} is no tender of {payment_no}"

    return result_of("D5 funders gave and got the same", rows=len(orders), wrong=wrong())


def vouchers_follow_their_orders() -> CheckResult:
    """D8: a voucher is locked while its order is unpaid, used once it is paid, else free."""
    state = VoucherUse.State
    return _holdings_follow(
        "D8 vouchers follow their orders",
        source=OrderDiscount.Source.VOUCHER,
        uses=VoucherUse.objects.exclude(state=state.RELEASED).values_list(
            "order_no", "state", "discount_minor", "returned_minor"
        ),
        held=state.LOCKED,
        used={state.USED, state.TAKEN_BACK},
    )


def points_follow_their_orders() -> CheckResult:
    """D8: points are held while their order is unpaid, spent once it is paid, else hers."""
    state = PointsUse.State
    return _holdings_follow(
        "D8 points follow their orders",
        source=OrderDiscount.Source.POINTS,
        uses=PointsUse.objects.exclude(state=state.RELEASED).values_list(
            "order_no", "state", "minor", "returned_minor"
        ),
        held=state.HELD,
        used={state.SPENT, state.RETURNED},
    )


def _holdings_follow(
    name: str, *, source: str, uses: Iterable[tuple[Any, ...]], held: str, used: set[str]
) -> CheckResult:
    """Compare what a room says is held or used for orders with the orders' own rows."""
    rows = OrderDiscount.objects.filter(source=source).exclude(order__status=Status.CANCELLED)
    rows = rows.select_related("order").annotate(back=Coalesce(Sum("lines__returned_minor"), 0))

    def wrong() -> Wrong:
        live = {use[0]: use[1:] for use in uses}
        for row in rows.order_by("pk").iterator():
            order = row.order
            found = live.pop(order.order_no, None)
            states = {held} if order.status == Status.PENDING_PAYMENT else used
            if found is None or found[0] not in states or found[1:] != (row.minor, row.back):
                yield order.order_no, f"{source} is {found} while {order.status}, {row.minor}"
        for order_no, found in sorted(live.items()):
            yield order_no, f"{source} is {found} for nothing"

    return result_of(name, rows=rows.count(), wrong=wrong())


def one_discount_of_a_kind() -> CheckResult:
    """D3: an order has at most one voucher, one use of points and one quoted bank offer."""
    quoted = OrderDiscount.objects.filter(estimated_minor__gt=0).order_by()
    twice = quoted.values("order__order_no", "source").annotate(n=Count("pk")).filter(n__gt=1)
    return result_of(
        "D3 one discount of a kind",
        rows=quoted.count(),
        wrong=((row["order__order_no"], f"{row['n']} {row['source']}") for row in twice),
    )


def _sum_of(parts: QuerySet[Any, Any], field: str) -> Coalesce:
    return Coalesce(Subquery(parts.annotate(total=Sum(field)).values("total")), 0)


DISCOUNT_RULES = (
    lines_are_their_parts,
    what_went_back_is_told,
    discounts_are_their_parts,
    funders_gave_and_got_the_same,
    vouchers_follow_their_orders,
    points_follow_their_orders,
    one_discount_of_a_kind,
)
