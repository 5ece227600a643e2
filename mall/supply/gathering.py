"""What residents' orders come to per supplier: kept pieces, cost, and to which group they go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F, QuerySet

from mall.groupbuy.models import GroupBuy, GroupBuyItem
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status

# Paid for and not ended: what a supplier is to bring.
KEPT = (Status.CONFIRMED, Status.IN_TRANSIT)
_UNDECIDED = (Status.PENDING_PAYMENT, Status.PAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one order line still wants; cost in fen."""

    order_line_id: int
    group_id: int
    pieces: int
    cost_minor: int


@dataclass(slots=True, kw_only=True)
class Wanted:
    """So many of an item at one cost per unit, and whose they are."""

    item: GroupBuyItem
    unit_cost_minor: int
    parts: list[Part] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        """Return the sum of the parts."""
        return sum(part.pieces for part in self.parts)

    @property
    def cost_minor(self) -> int:
        """Return what they cost together (fen)."""
        return sum(part.cost_minor for part in self.parts)


def is_settled(group_buy: GroupBuy) -> bool:
    """Tell whether no order of the group buy is still being paid, cut or confirmed."""
    undecided = OrderFulfilment.objects.filter(
        group_buy=group_buy, status__in=_UNDECIDED, cancel_requested_at=None
    )
    return group_buy.cut_at is not None and not undecided.exists()


def unbought(group_buy_id: int) -> QuerySet[LineFulfilment]:
    """Return the lines of kept orders that no purchase order holds yet."""
    return LineFulfilment.objects.filter(
        order__group_buy=group_buy_id,
        order__status__in=KEPT,
        order__cancel_requested_at=None,
        purchase=None,
        quantity__gt=F("refunded_quantity"),
    )


def gather(lines: QuerySet[LineFulfilment]) -> dict[int, list[Wanted]]:
    """Sum lines up per supplier, item and cost per unit, in the order of the sale's items."""
    found: dict[tuple[int, int, int], list[Part]] = defaultdict(list)
    fields = lines.order_by("pk").values_list(
        "pk",
        "supplier_id",
        "item_id",
        "order__group_id",
        "quantity",
        "refunded_quantity",
        "cost_minor",
        "returned_cost_minor",
    )
    for pk, supplier, item, group, quantity, gone, cost, returned in fields.iterator(2000):
        part = Part(
            order_line_id=pk,
            group_id=group,
            pieces=quantity - gone,
            cost_minor=cost - returned,
        )
        found[supplier, item, cost // quantity].append(part)
    return _by_supplier(found)


def _by_supplier(
    found: dict[tuple[int, int, int], list[Part]],
) -> dict[int, list[Wanted]]:
    items = _items(item for _supplier, item, _cost in found)
    wanted: dict[int, list[Wanted]] = defaultdict(list)
    for (supplier, item, unit), parts in found.items():
        wanted[supplier].append(Wanted(item=items[item], unit_cost_minor=unit, parts=parts))
    for rows in wanted.values():
        rows.sort(key=lambda row: (row.item.position, row.item.pk, row.unit_cost_minor))
    return dict(wanted)


def _items(pks: Iterable[int]) -> dict[int, GroupBuyItem]:
    rows = GroupBuyItem.objects.filter(pk__in=set(pks))
    return {row.pk: row for row in rows.select_related("product__extra", "stockrecord")}
