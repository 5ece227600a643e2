"""Labels for bags: place, neighbour, bag n of m, kept cold or not, and what a leader scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import segno
from django.conf import settings

from mall.fulfilment.bagging import Storage
from mall.fulfilment.sheets import SheetLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One bag's label. The code opens nothing: it leads a signed-in leader to the bag."""

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
    goods: tuple[tuple[str, int], ...]
    remark: str

    @property
    def is_cold(self) -> bool:
        """Tell whether it waits in the fridge or the freezer."""
        return self.storage != Storage.AMBIENT

    @property
    def url(self) -> str:
        """Return what the QR holds: the bag's page at the leader's counter."""
        return f"{settings.SITE_URL}/leader/bags/{self.order_no}/"

    @property
    def code(self) -> str:
        """Return the bag's code as bagging.bags_of() says it."""
        return f"{self.order_no}-{self.n}"


def labels_of(lines: Sequence[SheetLine]) -> list[Label]:
    """Return a label per bag, in the order of the lines: place by place, bag by bag."""
    found = groupby(lines, key=lambda line: (line.order_no, line.bag))
    return [_label(list(each)) for _key, each in found]


def qr_of(label: Label) -> Any:
    """Return the QR's drawing; correction M survives a crease in the paper."""
    return segno.make(label.url, error="m", micro=False)


def _label(lines: Sequence[SheetLine]) -> Label:
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
        goods=tuple((line.title, line.pieces) for line in lines),
        remark=first.remark,
    )
