"""Rules of what came short: shared to the piece, paid back once, told only when it was."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q, Sum

from mall.fulfilment.models import Arrival, Shortage, ShortageShare
from mall.fulfilment.receiving import source_of
from mall.fulfilment.shortages import STILL_OURS
from payments.api import CheckResult, result_of

Wrong = Iterator[tuple[str, str]]


def shared_to_the_piece() -> CheckResult:
    """The parts of a shortage sum to what was there and to what was due."""
    rows = Shortage.objects.annotate(
        out=Sum("shares__got", default=0), asked=Sum("shares__due", default=0)
    )

    def wrong() -> Wrong:
        for row in rows.filter(~Q(out=F("available")) | ~Q(asked=F("due"))):
            yield f"{row.source} item {row.item_id}", f"{row.out} of {row.available} given out"

    count = Shortage.objects.count()
    return result_of("what came short is shared to the piece", rows=count, wrong=wrong())


def nobody_keeps_what_she_did_not_get() -> CheckResult:
    """A part that was paid back leaves its line with no more pieces than it says, ever after."""
    settled = ShortageShare.objects.exclude(refund_no="").select_related("line__order")
    over = settled.filter(
        line__quantity__gt=F("line__refunded_quantity") + F("got"),
    )

    def wrong() -> Wrong:
        for row in over:
            left = row.line.quantity - row.line.refunded_quantity
            yield row.line.order.order_no, f"{left} pieces left, {row.got} of them came"

    return result_of("a shortage is paid back", rows=settled.count(), wrong=wrong())


def what_was_decided_is_paid_back() -> CheckResult:
    """A part that counts as settled without a refund left nothing to pay back.

    Somebody may have handed the goods over meanwhile: visits of an order excuse it.
    """
    unpaid = ShortageShare.objects.exclude(settled_at=None).filter(refund_no="")
    forgotten = unpaid.filter(
        line__order__status__in=STILL_OURS,
        line__order__collections=None,
        line__quantity__gt=F("line__refunded_quantity") + F("got"),
        line__value_minor__gt=F("line__refunded_minor"),
    )

    def wrong() -> Wrong:
        for row in forgotten.select_related("line__order"):
            yield row.line.order.order_no, f"{row.got} of {row.due} came, nothing went back"

    return result_of("a decided shortage is paid", rows=unpaid.count(), wrong=wrong())


def told_when_paid_back() -> CheckResult:
    """Neighbours have their codes only when every refund of their delivery is promised."""
    told = Arrival.objects.exclude(finished_at=None)
    waiting = set(
        ShortageShare.objects.filter(settled_at=None).values_list("shortage__source", flat=True)
    )

    def wrong() -> Wrong:
        for group_id in told.values_list("group_id", flat=True):
            if source_of(group_id) in waiting:
                yield f"group {group_id}", "told before its refunds were promised"

    return result_of("told when paid back", rows=told.count(), wrong=wrong())


SHARING_RULES = (
    shared_to_the_piece,
    nobody_keeps_what_she_did_not_get,
    what_was_decided_is_paid_back,
    told_when_paid_back,
)
