"""Labels for bags: place, neighbour, bag n of m, kept cold or not, and what a leader scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from mall.fulfilment.bagging import Storage
from mall.fulfilment.sheets import SheetLine
from mall.fulfilment.tracing import codes_of, trace_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One bag's label. Its QR tells where the goods come from, and leads a leader to the bag.

    It never holds what a resident shows to collect: who photographs a label gets no bag.
    """

    point: str
    shelf: str
    name: str
    phone_tail: str
    n: int
    m: int
    storage: str
    storage_word: str
    pieces: int
    order_no: str
    trace: str
    goods: tuple[tuple[str, int], ...]
    remark: str

    @property
    def is_cold(self) -> bool:
        """Tell whether it waits in the fridge or the freezer."""
        return self.storage != Storage.AMBIENT

    @property
    def url(self) -> str:
        """Return what the QR holds."""
        return trace_url(self.trace)

    @property
    def code(self) -> str:
        """Return the bag's code as bagging.bags_of() says it."""
        return f"{self.order_no}-{self.n}"


def labels_of(lines: Sequence[SheetLine]) -> list[Label]:
    """Return a label per bag, in the order of the lines: place by place, bag by bag."""
    found = groupby(lines, key=lambda line: (line.order_no, line.bag))
    bags = [list(each) for _key, each in found]
    codes = codes_of(bag[0].line_id for bag in bags)
    return [_label(bag, trace=codes[bag[0].line_id]) for bag in bags]


def _label(lines: Sequence[SheetLine], *, trace: str) -> Label:
    first = lines[0]
    return Label(
        point=first.point,
        shelf=first.shelf,
        name=first.name,
        phone_tail=first.phone_tail,
        n=first.bag,
        m=first.bags,
        storage=first.storage,
        storage_word=str(dict(Storage.choices).get(first.storage, first.storage)),
        pieces=sum(line.pieces for line in lines),
        order_no=first.order_no,
        trace=trace,
        goods=tuple((line.title, line.pieces) for line in lines),
        remark=first.remark,
    )
