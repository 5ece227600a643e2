"""What is to be sorted at a leader's point: by product, by neighbour, and what did not come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import F
from django.utils.translation import gettext as _

from mall.accounts.masking import mask_name
from mall.catalogue.titles import title_of
from mall.fulfilment.bagging import Storage
from mall.fulfilment.board import group_at_counter
from mall.fulfilment.labels import Label, labels_of
from mall.fulfilment.models import (
    PackedBag,
    ShortageShare,
    SortedLine,
    SortingReport,
)
from mall.fulfilment.papers.sorting import sorting_paper
from mall.fulfilment.papers.tables import Paper
from mall.fulfilment.sheets import Scope, SheetLine, by_product, lines_of
from mall.fulfilment.sorting import SORTABLE
from mall.ordering.models import OrderFulfilment


@dataclass(frozen=True, slots=True, kw_only=True)
class SortRow:
    """One line to put into a bag."""

    line_id: int
    item_id: int
    title: str
    unit: str
    pieces: int
    is_cold: bool
    storage_word: str
    bag: int
    bags: int
    is_in: bool
    shelf: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SortOrder:
    """One neighbour's order: her place, her bags, what of it is in."""

    order_no: str
    shelf: str
    name: str
    phone_tail: str
    remark: str
    rows: tuple[SortRow, ...]
    is_done: bool
    is_over: bool

    @property
    def pieces(self) -> int:
        """Return how many pieces are hers."""
        return sum(row.pieces for row in self.rows)

    @property
    def bags(self) -> int:
        """Return how many bags she gets."""
        return self.rows[0].bags if self.rows else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SortItem:
    """One product: how many there are, and into whose bags they go."""

    item_id: int
    title: str
    unit: str
    is_cold: bool
    storage_word: str
    pieces: int
    rows: tuple[SortRow, ...]

    @property
    def is_done(self) -> bool:
        """Tell whether all of it is in bags."""
        return all(row.is_in for row in self.rows)

    @property
    def in_bags(self) -> int:
        """Return how many pieces are in bags."""
        return sum(row.pieces for row in self.rows if row.is_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class SortShortage:
    """One neighbour who goes short of an item, and whether her refund is promised."""

    title: str
    order_no: str
    name: str
    phone_tail: str
    due: int
    got: int
    is_refunded: bool

    @property
    def missing(self) -> int:
        """Return how many pieces of hers did not come."""
        return self.due - self.got


@dataclass(frozen=True, slots=True, kw_only=True)
class SortBoard:
    """A group's sorting as it stands now."""

    orders: tuple[SortOrder, ...]
    items: tuple[SortItem, ...]

    @property
    def lines(self) -> int:
        """Return how many lines there are to put into bags."""
        return sum(len(item.rows) for item in self.items)

    @property
    def lines_in(self) -> int:
        """Return how many are in."""
        return sum(row.is_in for item in self.items for row in item.rows)

    @property
    def bags_done(self) -> int:
        """Return how many neighbours' bags are on the shelf."""
        return sum(order.is_done for order in self.orders)

    @property
    def next_order_no(self) -> str:
        """Return the first order whose bags are not done, or nothing."""
        return next((o.order_no for o in self.orders if not (o.is_done or o.is_over)), "")


def sorting_of(user_id: int, group_id: int) -> SortBoard:
    """Return a group's sorting; OrderGoneError for anybody else's. Six queries, however many."""
    group_at_counter(user_id, group_id)
    lines = lines_of(Scope(group_id=group_id))
    ticked = set(
        SortedLine.objects.filter(line__order__group=group_id, is_in=True).values_list(
            "line_id", flat=True
        )
    )
    done = set(
        PackedBag.objects.filter(order__group=group_id, is_done=True).values_list(
            "order__order_no", flat=True
        )
    )
    over = set(
        OrderFulfilment.objects.filter(group=group_id)
        .exclude(status__in=SORTABLE)
        .values_list("order_no", flat=True)
    )
    orders = groupby(lines, key=lambda line: line.order_no)
    return SortBoard(
        orders=tuple(
            _order(list(each), ticked, is_done=no in done, is_over=no in over)
            for no, each in orders
        ),
        items=tuple(_item(each, ticked, over) for _title, each in by_product(lines)),
    )


def shortages_of(user_id: int, group_id: int) -> list[SortShortage]:
    """Return who goes short in a group, and of what."""
    group_at_counter(user_id, group_id)
    shares = (
        ShortageShare.objects.filter(line__order__group=group_id, got__lt=F("due"))
        .select_related("line__product__extra", "line__order", "shortage")
        .order_by("shortage__decided_at", "shortage_id", "pk")
    )
    return [
        SortShortage(
            title=title_of(share.line.product),
            order_no=share.line.order.order_no,
            name=mask_name(share.line.order.receiver_name),
            phone_tail=share.line.order.receiver_phone[-4:],
            due=share.due,
            got=share.got,
            is_refunded=share.settled_at is not None,
        )
        for share in shares
    ]


def reports_of(user_id: int, group_id: int) -> list[SortingReport]:
    """Return what was reported of a group, the open ones first."""
    group_at_counter(user_id, group_id)
    rows = SortingReport.objects.filter(group=group_id).select_related("item__product__extra")
    return list(rows.order_by("settled_at", "-at"))


def labels_of_group(user_id: int, group_id: int) -> list[Label]:
    """Return the labels of a group's bags; OrderGoneError for anybody else's."""
    group_at_counter(user_id, group_id)
    return labels_of(lines_of(Scope(group_id=group_id)))


def sheet_of_group(user_id: int, group_id: int) -> Paper:
    """Return a group's sorting sheets; OrderGoneError for anybody else's."""
    group = group_at_counter(user_id, group_id)
    facts = [
        (_("Pickup point"), group.point_name),
        (_("Pickup day"), f"{group.pickup_on:%Y-%m-%d}"),
    ]
    lines = lines_of(Scope(group_id=group_id))
    return sorting_paper(lines, title=f"{_('Sorting sheet')} {group.title}", facts=facts)


def _order(
    lines: Sequence[SheetLine], ticked: Collection[int], *, is_done: bool, is_over: bool
) -> SortOrder:
    first = lines[0]
    return SortOrder(
        order_no=first.order_no,
        shelf=first.shelf,
        name=first.name,
        phone_tail=first.phone_tail,
        remark=first.remark,
        rows=tuple(_row(line, ticked, is_over=is_over) for line in lines),
        is_done=is_done,
        is_over=is_over,
    )


def _item(lines: Sequence[SheetLine], ticked: Collection[int], over: Collection[str]) -> SortItem:
    first = lines[0]
    return SortItem(
        item_id=first.item_id,
        title=first.title,
        unit=first.unit,
        is_cold=first.is_cold,
        storage_word=_storage_word(first),
        pieces=sum(line.pieces for line in lines),
        rows=tuple(_row(line, ticked, is_over=line.order_no in over) for line in lines),
    )


def _row(line: SheetLine, ticked: Collection[int], *, is_over: bool) -> SortRow:
    """Return a line to tick; what was handed over was in the bag."""
    return SortRow(
        line_id=line.line_id,
        item_id=line.item_id,
        title=line.title,
        unit=line.unit,
        pieces=line.pieces,
        is_cold=line.is_cold,
        storage_word=_storage_word(line),
        bag=line.bag,
        bags=line.bags,
        is_in=is_over or line.line_id in ticked,
        shelf=line.shelf,
        name=line.name,
    )


def _storage_word(line: SheetLine) -> str:
    return str(dict(Storage.choices).get(line.storage, line.storage))
