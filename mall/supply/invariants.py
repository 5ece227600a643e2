"""What must always be true of purchase: bought is what the cut kept, once, for what it costs."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from mall.ordering.models import LineBack
from mall.supply.models import PurchaseLine, PurchaseOrder, PurchaseShare, StockDocument
from payments.api import CheckResult, one_moment, result_of

Wrong = Iterator[tuple[str, str]]
Kind = PurchaseOrder.Kind
Status = PurchaseOrder.Status


def check() -> list[CheckResult]:
    """Check every rule of purchase orders and of the depot's papers (U)."""
    with one_moment():
        return [rule() for rule in RULES]


def lines_are_what_orders_kept() -> CheckResult:
    """U1: a line's pieces and cost are those of its shares; a share is what was left at the count.

    Corrections by hand (a supplement with a reason) have no shares.
    """
    shares = PurchaseShare.objects.filter(line=OuterRef("pk")).order_by().values("line")
    pieces = Coalesce(Subquery(shares.annotate(n=Sum("pieces")).values("n")), 0)
    cost = Coalesce(Subquery(shares.annotate(n=Sum("cost_minor")).values("n")), 0)
    lines = PurchaseLine.objects.exclude(purchase__status=Status.VOID).filter(purchase__reason="")
    astray = lines.alias(bought=pieces, owed=cost).exclude(pieces=F("bought"), cost_minor=F("owed"))
    gone = LineBack.objects.filter(
        line=OuterRef("order_line"), at__lte=OuterRef("line__purchase__counted_at")
    )
    before = Coalesce(
        Subquery(gone.order_by().values("line").annotate(n=Sum("quantity")).values("n")), 0
    )
    shares_out = PurchaseShare.objects.exclude(line__purchase__status=Status.DRAFT)
    unlike = shares_out.alias(gone=before).exclude(pieces=F("order_line__quantity") - F("gone"))

    def wrong() -> Wrong:
        for line in astray.select_related("purchase").iterator():
            yield line.purchase.purchase_no, f"{line}: its shares say otherwise"
        for share in unlike.select_related("line__purchase", "order_line__order").iterator():
            kept = share.order_line.order.order_no
            yield (
                share.line.purchase.purchase_no,
                f"{kept}: {share.pieces} bought, not what it kept",
            )

    return result_of("U1 bought is what the cut kept", rows=lines.count(), wrong=wrong())


def orders_are_their_lines() -> CheckResult:
    """U2: an order's pieces, weight and cost are the sums of its lines; cost is unit × pieces."""
    rows = PurchaseOrder.objects.exclude(status=Status.VOID).annotate(
        n=Count("lines"),
        all_pieces=Coalesce(Sum("lines__pieces"), 0),
        all_cost=Coalesce(Sum("lines__cost_minor"), 0),
        unknown=Count("lines", filter=Q(lines__grams=None)),
        weight=Coalesce(Sum("lines__grams"), 0),
    )
    lines = PurchaseLine.objects.exclude(cost_minor=F("pieces") * F("unit_cost_minor"))

    def wrong() -> Wrong:
        for order in rows.iterator():
            found = (order.n, order.all_pieces, order.all_cost)
            grams = None if order.unknown else order.weight
            if (order.line_count, order.pieces, order.cost_minor) != found:
                yield order.purchase_no, f"lines, pieces, cost are {found}"
            if order.n and order.grams != grams:
                yield order.purchase_no, f"weighs {order.grams}, its lines {grams}"
        for line in lines.exclude(purchase__status=Status.VOID).select_related("purchase"):
            yield line.purchase.purchase_no, f"{line}: {line.cost_minor} is not unit × pieces"

    return result_of("U2 purchase orders are their lines", rows=rows.count(), wrong=wrong())


def one_live_order() -> CheckResult:
    """U3: a group buy asks a supplier once; what is out has its instant, its sale is ordered."""
    live = PurchaseOrder.objects.filter(kind=Kind.ORIGINAL).exclude(status=Status.VOID)
    twice = live.order_by().values("group_buy__code", "supplier__name").annotate(n=Count("pk"))
    early = PurchaseOrder.objects.filter(status__in=PurchaseOrder.OUT).filter(
        ~Q(group_buy__state__in=("ordered", "arrived", "settled")) | Q(sent_at=None)
    )

    def wrong() -> Wrong:
        for row in twice.filter(n__gt=1):
            yield row["group_buy__code"], f"{row['n']} orders to {row['supplier__name']}"
        for order in early.select_related("group_buy"):
            yield order.purchase_no, f"is out while its group buy is {order.group_buy.state}"

    return result_of("U3 one live purchase order", rows=live.count(), wrong=wrong())


def depot_papers_are_seen_by_two() -> CheckResult:
    """U4: who counted did not confirm; what is counted in is delivered; refused changed none."""
    papers = StockDocument.objects.all()
    own = papers.filter(decided_by=F("counted_by"))
    idle = papers.exclude(state="booked").filter(~Q(lines__stock_change=0)).distinct()
    uncounted = PurchaseLine.objects.filter(purchase__status__in=PurchaseOrder.OUT).exclude(
        delivered=None
    )
    counted = Coalesce(Sum("document_lines__counted"), 0)
    unlike = PurchaseLine.objects.exclude(delivered=None).annotate(n=counted)

    def wrong() -> Wrong:
        for paper in (*own, *idle):
            yield paper.document_no, "was confirmed by who counted, or changed what it may not"
        for line in uncounted.select_related("purchase"):
            yield line.purchase.purchase_no, f"{line}: counted in, but the order is not delivered"
        for line in unlike.exclude(delivered=F("n")).select_related("purchase"):
            yield line.purchase.purchase_no, f"{line}: {line.delivered} delivered, counted {line.n}"

    return result_of("U4 papers of the depot", rows=papers.count(), wrong=wrong())


RULES = (
    lines_are_what_orders_kept,
    orders_are_their_lines,
    one_live_order,
    depot_papers_are_seen_by_two,
)
