"""A mall as careless shops run it: each takes one care away, for as long as it lasts.

Only the negative controls use them: days that find nothing wrong with these prove nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mall.fulfilment import collecting, receiving, shortages, supplier_shortages, undoing, weighing
from mall.fulfilment.models import Shortage, ShortageShare
from mall.fulfilment.shortages import Settled
from mall.ordering import stock
from payments.api import now

Patch = Callable[[object, str, Any], None]


def cancelling_keeps_the_goods(patch: Patch) -> None:
    """Who cancels gets her money; the goods stay sold."""
    patch(stock, "take_back", lambda _order_pk: None)


def what_is_short_is_nobodys_affair(patch: Patch) -> None:
    """Who goes short is written down, and that is that."""

    def settle(*, source: str, limit: int | None = None) -> Settled:
        ShortageShare.objects.filter(shortage__source=source).update(settled_at=now())
        Shortage.objects.filter(source=source).update(settled_at=now())
        return Settled(refunded=0, waiting=0)

    for room in (shortages, supplier_shortages, receiving):
        patch(room, "settle", settle)


def every_weighing_pays(patch: Patch) -> None:
    """What an earlier weighing gave back is forgotten at the next."""
    patch(weighing, "_off_before", lambda _line: (0, 0))


def pieces_are_not_counted_out(patch: Patch) -> None:
    """What the neighbour says she takes, she takes."""
    patch(collecting, "hand_out", lambda _order, _pieces: None)


def an_undone_visit_stays_in_the_books(patch: Patch) -> None:
    """The bag is back on the shelf; the supplier is owed for it all the same."""
    patch(undoing, "post_goods_uncollected", lambda **_facts: None)


CARELESS = (
    cancelling_keeps_the_goods,
    what_is_short_is_nobodys_affair,
    every_weighing_pays,
    pieces_are_not_counted_out,
    an_undone_visit_stays_in_the_books,
)
