"""How many bags an order fills: one per way of keeping, so that cold goods stay in the fridge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mall.catalogue.models import ProductExtra
from mall.ordering.models import LineFulfilment, OrderFulfilment

Storage = ProductExtra.Storage
_ORDER: Final[dict[str, int]] = {Storage.AMBIENT: 0, Storage.CHILLED: 1, Storage.FROZEN: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class BagLabel:
    """Bag n of m of an order, what is in it, and its code: the order's number and n.

    The code names the bag and opens nothing: whoever reads it off a label knows no more.
    """

    n: int
    m: int
    storage: str
    code: str
    line_ids: tuple[int, ...]
    pieces: int

    @property
    def is_cold(self) -> bool:
        """Tell whether it waits in the fridge or the freezer."""
        return self.storage in {Storage.CHILLED, Storage.FROZEN}


def bags_of(order: OrderFulfilment) -> list[BagLabel]:
    """Return an order's bags: room temperature, chilled, frozen; none where nothing is left.

    One query, or none where the order's lines were prefetched.
    """
    return bags_of_lines(order.order_no, order.lines.all())


def bags_of_lines(order_no: str, lines: Iterable[LineFulfilment]) -> list[BagLabel]:
    """Return the bags these lines of an order fill, in the same order every time; no query."""
    kept: dict[str, list[LineFulfilment]] = {}
    for line in sorted(lines, key=lambda each: each.pk):
        if line.quantity > line.refunded_quantity:
            kept.setdefault(storage_of(line.storage_class), []).append(line)
    storages = in_bag_order(kept)
    return [
        BagLabel(
            n=number,
            m=len(storages),
            storage=storage,
            code=f"{order_no}-{number}",
            line_ids=tuple(line.pk for line in kept[storage]),
            pieces=sum(line.quantity - line.refunded_quantity for line in kept[storage]),
        )
        for number, storage in enumerate(storages, start=1)
    ]


def in_bag_order(storages: Iterable[str]) -> list[str]:
    """Return the ways of keeping of an order's goods, one bag each: bag 1 is the first."""
    return sorted(set(storages), key=lambda storage: (_ORDER.get(storage, 0), storage))


def storage_of(storage_class: str) -> str:
    """Return how goods are kept; what nobody said anything of stands at room temperature."""
    return storage_class or Storage.AMBIENT
