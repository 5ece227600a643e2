"""After the cut-off: full cases, what did not form and everybody's price are fixed and refunded.

First the result is written down per item, under the locks of all orders it is made of. Then each
order gets back what it paid too much, in a transaction of its own. What an order is still due is
read off its lines, so a job that was killed goes on where it stopped, a second copy finds nothing
to do, and money that was heard of late is settled like the rest. When nothing is due the sale is
cut, and only then its orders are confirmed. A sale that is prolonged after that is cut once more:
who has a lower price keeps it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from mall.groupbuy.cutting import ItemOutcome, ItemTerms, Ordered, cut
from mall.groupbuy.models import GroupBuy, GroupBuyItem
from mall.groupbuy.models import State as GroupState
from mall.ordering.backs import Gone
from mall.ordering.ending import refund_whole
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.reducing import reduce_order, worth
from payments.api import each, now, transact

Why = LineBack.Why
_FORMED: Final = (GroupState.FORMED, GroupState.ORDERED)
# confirmed ones: by an earlier cut, before the sale was prolonged
_BOUGHT: Final = (Status.PAID, Status.CONFIRMED)
_HAS_TERMS: Final = Q(case_size__gt=1) | Q(minimum_quantity__gt=0) | ~Q(tiers=[])
_CHUNK: Final = 500


def cut_due(limit: int) -> dict[str, int]:
    """Fix the results of sales that formed, and give back up to so many orders' too much; a job."""
    counts: Counter[str] = Counter(cut=0, settled=0)

    def cut_one(pk: int) -> bool:
        counts.update(settle(limit - counts["settled"], group_buy_id=pk))
        return is_cut(group_buy_id=pk)

    sales = GroupBuy.objects.filter(state=GroupState.FORMED, cut_at=None)
    in_turn = sales.order_by("closes_at", "pk").values_list("pk", flat=True)
    counts.update(each(in_turn, cut_one, limit=limit, done="cut"))
    counts.update(settle_late(limit - counts["settled"]))
    return dict(counts)


def finish(*, group_buy_id: int) -> None:
    """Fix a formed sale's results and settle all its orders now: its goods are about to leave.

    An order that cannot be settled keeps the sale from being cut; the job tries again.
    """
    while settle(_CHUNK, group_buy_id=group_buy_id)["settled"]:
        continue


def is_cut(*, group_buy_id: int) -> bool:
    """Tell whether a sale's results are fixed and everybody has got back what was too much."""
    return GroupBuy.objects.filter(pk=group_buy_id, cut_at__isnull=False).exists()


def settle(limit: int, *, group_buy_id: int) -> Counter[str]:
    """Fix a formed sale's results, settle up to so many of its orders; return how many there were.

    With the last of them the sale is cut. Nothing happens to a sale that did not form.
    """
    if not fix(group_buy_id=group_buy_id):
        return Counter()
    counts = _settle_each(due_orders().filter(group_buy=group_buy_id), limit)
    _mark_cut(group_buy_id=group_buy_id)
    return counts


def settle_late(limit: int) -> Counter[str]:
    """Settle orders whose money was heard of after their sale was cut; return how many."""
    late = due_orders().filter(status=Status.PAID, group_buy__cut_at__isnull=False)
    return _settle_each(late, limit)


def _settle_each(due: QuerySet[OrderFulfilment], limit: int) -> Counter[str]:
    numbers = due.order_by("pk").values_list("order_no", flat=True)
    return each(numbers, settle_order, limit=limit, done="settled")


@transact()
def settle_order(order_no: str) -> bool:
    """Give one order back what the result says it paid too much; say whether this call did.

    Pieces without a full case, items that did not form, and the difference to the price reached,
    in one refund; an order of which nothing is left is refunded whole.
    """
    order = locked_order(order_no)
    if order.status not in _BOUGHT or order.cancel_requested_at is not None:
        return False
    if order.group.state not in _FORMED:
        return False
    lines = list(order.lines.select_related("item").order_by("pk"))
    gone = [much for line in lines if (much := _too_much(line))]
    if not gone:
        return False
    left = sum(line.quantity - line.refunded_quantity for line in lines)
    if left == sum(much.quantity for much in gone):
        refund_whole(order, because=OrderFulfilment.Ended.NOT_FORMED, why=gone[0].why)
    else:
        first = gone[0]
        why = first.why if first.quantity else first.off_why
        reduce_order(order, gone, key=_key(order), why=why)
    return True


def due_lines() -> QuerySet[LineFulfilment]:
    """Return lines that hold more, or were paid more for, than their item's result says."""
    left = F("quantity") - F("refunded_quantity")
    not_formed = Q(
        item__final_quantity=0, item__minimum_quantity__gt=0, quantity__gt=F("refunded_quantity")
    )
    no_case = Q(item__case_size__gt=1, quantity__gt=F("refunded_quantity") + _allotted())
    dearer = Q(value_minor__gt=F("refunded_minor") + F("item__final_price_minor") * left)
    fixed = LineFulfilment.objects.filter(item__final_quantity__isnull=False)
    return fixed.filter(not_formed | no_case | dearer)


def due_orders() -> QuerySet[OrderFulfilment]:
    """Return paid orders of formed groups that the result still owes something."""
    due = due_lines().filter(order=OuterRef("pk"))
    return OrderFulfilment.objects.filter(
        Exists(due), status__in=_BOUGHT, cancel_requested_at=None, group__state__in=_FORMED
    )


@transact()
def fix(*, group_buy_id: int) -> bool:
    """Write down what came of each item of a formed sale, once; say whether it is written.

    All orders are locked first: an edit or a payment that is on its way is waited for, and what
    comes later finds the sale decided. A sale without cases, minimums and prices by quantity has
    nothing to give back: it is cut at once, without a look at its orders one by one.
    """
    if is_cut(group_buy_id=group_buy_id):
        return True
    with_terms = GroupBuyItem.objects.filter(_HAS_TERMS, group_buy=group_buy_id)
    is_plain = not with_terms.exists()
    if not is_plain:
        _lock_orders(group_buy_id)
    sale = GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    if sale.state != GroupState.FORMED or sale.cut_at is not None:
        return sale.cut_at is not None
    if not sale.items.filter(final_quantity__isnull=False).exists():
        for item in with_terms.order_by("pk"):
            _write_result(item)
        sold = _lines_of(OuterRef("pk")).order_by().values("item").annotate(n=Sum(_left()))
        sale.items.filter(final_quantity=None).update(
            final_price_minor=F("price_minor"),
            final_quantity=Coalesce(Subquery(sold.values("n")), 0),
        )
    if is_plain:
        GroupBuy.objects.filter(pk=group_buy_id).update(cut_at=now())
    return True


@transact()
def _mark_cut(*, group_buy_id: int) -> bool:
    """Call a sale cut once none of its orders is due anything."""
    sale = GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    is_fixed = not sale.items.filter(final_quantity=None).exists()
    if sale.state != GroupState.FORMED or sale.cut_at is not None or not is_fixed:
        return False
    if due_orders().filter(group_buy=group_buy_id).exists():
        return False
    return bool(GroupBuy.objects.filter(pk=group_buy_id, cut_at=None).update(cut_at=now()))


def _key(order: OrderFulfilment) -> str:
    """Name what an order gets back by this cut of its sale."""
    formed_at = order.group_buy.formed_at
    return f"cut:{order.order_no}:{formed_at:%Y%m%dT%H%M%S%f}"


def _lock_orders(group_buy_id: int) -> None:
    orders = OrderFulfilment.objects.filter(
        group_buy=group_buy_id, status__in=[Status.PENDING_PAYMENT, *_BOUGHT]
    )
    list(orders.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _write_result(item: GroupBuyItem) -> None:
    """Let the item say its price and pieces, and each line of it, where cases count, how many."""
    rows = _lines_of(item.pk).order_by("order__paid_at", "order_id", "pk")
    ordered = [
        Ordered(line_id=pk, quantity=left, tolerance=max(0, left - wanted))
        for pk, left, wanted in rows.values_list("pk", _left(), F("quantity") - F("tolerance"))
        if left
    ]
    terms = ItemTerms(
        price_minor=item.price_minor,
        tiers=tuple((pieces, price) for pieces, price in item.tiers),
        case_size=item.case_size,
        minimum=item.minimum_quantity,
    )
    outcome = cut(terms, ordered)
    if item.case_size > 1:
        _allot(outcome)
    GroupBuyItem.objects.filter(pk=item.pk).update(
        final_price_minor=outcome.price_minor if outcome.quantity else item.price_minor,
        final_quantity=outcome.quantity,
    )


def _allot(outcome: ItemOutcome) -> None:
    by_pieces: defaultdict[int, list[int]] = defaultdict(list)
    for line_id, pieces in outcome.pieces.items():
        by_pieces[pieces].append(line_id)
    for pieces, line_ids in by_pieces.items():
        for some in _chunks(line_ids):
            LineFulfilment.objects.filter(pk__in=some).update(allotted=pieces)


def _chunks(line_ids: list[int]) -> Iterable[list[int]]:
    return (line_ids[start : start + _CHUNK] for start in range(0, len(line_ids), _CHUNK))


def _lines_of(item: int | OuterRef) -> QuerySet[LineFulfilment]:
    """Return an item's lines in paid orders of groups that formed."""
    return LineFulfilment.objects.filter(
        item=item,
        order__status__in=_BOUGHT,
        order__cancel_requested_at=None,
        order__group__state=GroupState.FORMED,
    )


def _left() -> F:
    return F("quantity") - F("refunded_quantity")


def _allotted() -> Coalesce:
    """Return what cases gave a line; nothing where it joined too late to be in one."""
    return Coalesce(F("allotted"), 0, output_field=IntegerField())


def _too_much(line: LineFulfilment) -> Gone | None:
    """Return what a line gives back: pieces nobody buys for it, and fen above the price reached."""
    item, left = line.item, line.quantity - line.refunded_quantity
    if item.final_quantity is None or item.final_price_minor is None:
        return None
    got = _got(line, left)
    off_minor = max(0, worth(line, got) - item.final_price_minor * got)
    if got == left and not off_minor:
        return None
    return Gone(
        line_id=line.pk,
        quantity=left - got,
        off_minor=off_minor,
        why=Why.NOT_FORMED if _is_below_minimum(item) else Why.LOT,
        off_why=Why.TIER,
    )


def _got(line: LineFulfilment, left: int) -> int:
    if _is_below_minimum(line.item):
        return 0
    if line.item.case_size > 1:
        return min(left, line.allotted or 0)
    return left


def _is_below_minimum(item: GroupBuyItem) -> bool:
    """Tell whether nothing is bought of it: without a minimum who pays late still gets it."""
    return item.minimum_quantity > 0 and not item.final_quantity
