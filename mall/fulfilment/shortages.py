"""Less came than was ordered: who goes short is decided once, and each gets her money back.

Deciding writes down what every line gets; settling then refunds order by order, each in a
transaction of its own. Killed in between, it goes on where it stopped; done twice, nothing more
happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F

from mall.accounts.models import User
from mall.fulfilment.collecting import after_refund
from mall.fulfilment.models import Shortage, ShortageShare
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.returning import give_back
from mall.ordering.sharing import Due, share
from payments.api import each, now, transact

ON_THE_WAY: Final = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT)
# A count may be set right while the bags wait.
STILL_OURS: Final = (*ON_THE_WAY, Status.ARRIVED)
SOURCE_MAX: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many orders got money back in this call, how many still wait for it, how many failed."""

    refunded: int
    waiting: int
    failed: int = 0


def apply_shortage(
    *, source: str, item_id: int, available: int, group_id: int | None = None, by: User | None
) -> Shortage | None:
    """Share what is there of an item and refund what is missing; the rule is the group buy's.

    ``source`` names the occasion (an arrival, a supplier's answer): with the same one nothing
    happens twice, whatever ``available`` says then. Without a group all groups share. None where
    nothing is missing. ValueError for less than nothing.
    """
    decide(source=source, available={item_id: available}, group_id=group_id, by=by)
    settle(source=source)
    return Shortage.objects.filter(source=source, item=item_id).first()


@transact()
def decide(
    *, source: str, available: Mapping[int, int], group_id: int | None, by: User | None
) -> list[Shortage]:
    """Write down who gets what of items that are short; what was decided before stays.

    Locks the orders concerned, so that what is due is what is shared.
    """
    if len(source) > SOURCE_MAX or min(available.values(), default=0) < 0:
        raise ValueError(f"no shortage can be decided from {source}: {available}")
    lines = lines_due(available, group_id=group_id)
    _lock_orders(lines)
    short = [
        Shortage(
            source=source,
            item_id=item_id,
            group_id=group_id,
            rule=rule,
            due=due,
            available=there,
            decided_by=by,
            decided_at=now(),
        )
        for item_id, rule, due, there in _short(lines, available)
    ]
    Shortage.objects.bulk_create(short, ignore_conflicts=True)
    locked = Shortage.objects.select_for_update(no_key=True, of=("self",))
    shortages = locked.filter(source=source)
    mine = list(shortages.filter(item__in=available, shares=None).order_by("pk"))
    for shortage in mine:
        _write_shares(shortage, lines)
    return mine


def settle(*, source: str, limit: int | None = None) -> Settled:
    """Refund what a source's shortages leave missing, a transaction per order; repeatable."""
    waiting = ShortageShare.objects.filter(shortage__source=source, settled_at=None)
    numbers = list(
        waiting.order_by("line__order_id")
        .values_list("line__order__order_no", flat=True)
        .distinct()
    )
    counts = each(
        numbers,
        lambda number: _settle_order(source, number),
        limit=len(numbers) if limit is None else limit,
        done="refunded",
    )
    left = waiting.count()
    if not left:
        Shortage.objects.filter(source=source, settled_at=None).update(settled_at=now())
    return Settled(refunded=counts["refunded"], waiting=left, failed=counts["failed"])


def settle_due(limit: int) -> dict[str, int]:
    """Go on with refunds that were decided and not promised yet; a job."""
    sources = Shortage.objects.filter(settled_at=None).order_by("decided_at")
    counts: Counter[str] = Counter(refunded=0)
    for source in dict.fromkeys(sources.values_list("source", flat=True)):
        settled = settle(source=source, limit=limit - counts["refunded"])
        counts.update(refunded=settled.refunded, failed=settled.failed)
        if counts["refunded"] >= limit:
            break
    return dict(counts)


def orders_short(source: str) -> set[int]:
    """Return the orders whose refund a source decided, and which is not promised yet."""
    waiting = ShortageShare.objects.filter(shortage__source=source, settled_at=None)
    return set(waiting.values_list("line__order", flat=True))


def lines_due(item_ids: Mapping[int, int], *, group_id: int | None) -> list[LineFulfilment]:
    """Return the lines that still wait for these items, in the order their residents joined.

    A line of which something was handed over already is no longer shared.
    """
    lines = LineFulfilment.objects.filter(
        item__in=item_ids,
        at_point=None,
        order__status__in=STILL_OURS,
        order__cancel_requested_at=None,
        quantity__gt=F("refunded_quantity"),
    )
    if group_id is not None:
        lines = lines.filter(order__group=group_id)
    rows = lines.select_related("order", "item__group_buy")
    return list(rows.order_by("order__paid_at", "order_id", "pk"))


def dues_of(lines: Sequence[LineFulfilment], item_id: int) -> list[Due]:
    """Return what each line of an item has to get."""
    return [
        Due(
            line_id=line.pk,
            quantity=line.quantity - line.refunded_quantity,
            resident_id=line.order.resident_id,
        )
        for line in lines
        if line.item_id == item_id
    ]


def _lock_orders(lines: list[LineFulfilment]) -> None:
    """Lock the orders in primary-key order and look at their lines again."""
    orders = sorted({line.order_id for line in lines})
    rows = OrderFulfilment.objects.select_for_update(no_key=True).filter(pk__in=orders)
    list(rows.order_by("pk").values_list("pk", flat=True))
    fresh = dict(
        LineFulfilment.objects.filter(pk__in=[line.pk for line in lines]).values_list(
            "pk", "refunded_quantity"
        )
    )
    for line in lines:
        line.refunded_quantity = fresh[line.pk]


def _short(
    lines: Sequence[LineFulfilment], available: Mapping[int, int]
) -> list[tuple[int, str, int, int]]:
    rules = {line.item_id: line.item.group_buy.sharing for line in lines}
    found = []
    for item_id, there in sorted(available.items()):
        due = sum(each.quantity for each in dues_of(lines, item_id))
        if there < due:
            found.append((item_id, rules[item_id], due, there))
    return found


def _write_shares(shortage: Shortage, lines: Sequence[LineFulfilment]) -> None:
    dues = dues_of(lines, shortage.item_id)
    got = share(dues, available=shortage.available, rule=shortage.rule)
    at = now()
    ShortageShare.objects.bulk_create(
        (
            ShortageShare(
                shortage=shortage,
                line_id=due.line_id,
                due=due.quantity,
                got=got[due.line_id],
                settled_at=at if got[due.line_id] == due.quantity else None,
            )
            for due in dues
        ),
        batch_size=500,
    )


@transact()
def _settle_order(source: str, order_no: str) -> int:
    """Refund one order's missing pieces; what somebody else refunded meanwhile is not again."""
    order = locked_order(order_no)
    shares = list(
        ShortageShare.objects.filter(shortage__source=source, line__order=order, settled_at=None)
        .select_related("line")
        .order_by("pk")
    )
    if not shares:
        return 0
    gone = [
        Gone(line_id=each.line_id, quantity=missing)
        for each in shares
        # Handed over while her refund was on its way: she has them after all.
        if order.status in STILL_OURS
        and (missing := each.line.quantity - each.line.refunded_quantity - each.got) > 0
        and each.line.value_minor > each.line.refunded_minor
    ]
    rows = ShortageShare.objects.filter(pk__in=[each.pk for each in shares])
    rows.update(settled_at=now())
    if gone:
        key = f"{source}:{shares[0].pk}"
        given = give_back(order, gone, key=key, why=LineBack.Why.SHORTAGE)
        paid = [each.line_id for each in gone]
        rows.filter(line__in=paid).update(refund_no=given.refund_no)
        after_refund(order, key=f"shortage:{shares[0].pk}")
    return int(bool(gone))
