"""Rules of the pickup point: no more is handed over than came, and each visit counts once."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from mall.fulfilment.models import CollectionLine, LineAtPoint, Weighing
from mall.fulfilment.sharing_rules import SHARING_RULES
from mall.ordering.models import LineBack, OrderFulfilment, Status
from payments.api import CheckResult, result_of

Wrong = Iterator[tuple[str, str]]
_DONE = (Status.COLLECTED, Status.CLOSED)


def check() -> list[CheckResult]:
    """Check every rule of the room."""
    own = [no_more_than_came(), visits_add_up(), done_means_done(), weights_give_back_once()]
    return [*own, *(rule() for rule in SHARING_RULES)]


def no_more_than_came() -> CheckResult:
    """S: collected and disposed of, a line never exceeds what came of it."""
    rows = LineAtPoint.objects.filter(
        Q(received__lt=F("collected") + F("disposed")) | Q(received__gt=F("line__quantity"))
    ).select_related("line__order")

    def wrong() -> Wrong:
        for row in rows:
            yield row.line.order.order_no, f"{row.collected}+{row.disposed} of {row.received}"

    count = LineAtPoint.objects.count()
    return result_of("no more is handed over than came", rows=count, wrong=wrong())


def visits_add_up() -> CheckResult:
    """What visits that stand handed over is what the lines count, to the piece."""
    live = Q(line__collection_lines__collection__undone_at=None)
    taken = LineAtPoint.objects.annotate(
        taken=Sum("line__collection_lines__quantity", filter=live, default=0)
    )

    def wrong() -> Wrong:
        for row in taken.exclude(taken=F("collected")).select_related("line__order"):
            yield row.line.order.order_no, f"visits took {row.taken}, counted {row.collected}"

    count = CollectionLine.objects.count()
    return result_of("visits add up to what was handed over", rows=count, wrong=wrong())


def done_means_done() -> CheckResult:
    """A collected order has one last visit that stands, or was disposed of; one that waits none."""
    orders = OrderFulfilment.objects.annotate(
        lasts=Count("collections", filter=Q(collections__undone_at=None, collections__is_last=True))
    )
    disposed = LineAtPoint.objects.filter(disposed__gt=0).values("line__order")

    def wrong() -> Wrong:
        for order in orders.filter(status=Status.ARRIVED, lasts__gt=0):
            yield order.order_no, "waits, but was collected"
        done = orders.filter(status__in=_DONE, lasts=0).exclude(pk__in=disposed)
        for order in done:
            yield order.order_no, f"{order.status}, but nobody collected it"

    count = OrderFulfilment.objects.filter(status__in=[*_DONE, Status.ARRIVED]).count()
    return result_of("collected means handed over", rows=count, wrong=wrong())


def weights_give_back_once() -> CheckResult:
    """What went back for weight is what the weighings say, line by line, to the fen."""
    backs = dict(
        LineBack.objects.filter(why=LineBack.Why.WEIGHT)
        .order_by()
        .values_list("line")
        .annotate(minor=Sum("value_minor"))
    )
    offs = Weighing.objects.order_by().values("line", "line__order__order_no")
    rows = list(offs.annotate(minor=Sum("off_minor")))

    def wrong() -> Wrong:
        for row in rows:
            if row["minor"] != backs.get(row["line"], 0):
                back = backs.get(row["line"], 0)
                yield row["line__order__order_no"], f"weighed {row['minor']} off, {back} went back"

    return result_of("weights give back once", rows=len(rows), wrong=wrong())
