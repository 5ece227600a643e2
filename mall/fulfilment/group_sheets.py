"""A leader's group as a workbook: by neighbour, by item, and every line; names masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.accounts.masking import mask_name
from mall.fulfilment.bags import SHOW
from mall.fulfilment.board import group_of_leader
from mall.fulfilment.papers.tables import Heading, Paper, Table
from mall.groupbuy.models import Entry
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.papers.workbook import Strong
from payments.api import Money, local, now

_FIELDS: Final = (
    "order__order_no",
    "order__receiver_name",
    "order__receiver_phone",
    "order__status",
    "order__remark",
    "order__collected_at",
    "item_id",
    "title",
    "quantity",
    "refunded_quantity",
    "unit_minor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """How many orders of a group are where."""

    unpaid: int
    paid: int
    waiting: int
    collected: int
    refunded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    order_no: str
    number: int | None
    name: str
    phone: str
    status: str
    remark: str
    collected_at: datetime | None
    item_id: int
    title: str
    ordered: int
    gone: int
    unit_minor: int

    @property
    def pieces(self) -> int:
        return self.ordered - self.gone

    @property
    def minor(self) -> int:
        return self.pieces * self.unit_minor


def group_figures(leader_id: int, group_id: int) -> GroupFigures:
    """Count the orders of one of a leader's groups by how far they are: one query."""
    orders = OrderFulfilment.objects.filter(leader=leader_id, group=group_id)
    unpaid = Q(status=Status.PENDING_PAYMENT, expires_at__gt=now(), cancel_requested_at=None)
    names = {"paid": SHOW["paid"], "waiting": SHOW["waiting"], "collected": SHOW["collected"]}
    counts = {name: Count("pk", filter=Q(status__in=those)) for name, those in names.items()}
    refunded = Count("pk", filter=Q(status=Status.REFUNDED))
    return GroupFigures(
        **orders.aggregate(unpaid=Count("pk", filter=unpaid), refunded=refunded, **counts)
    )


def group_paper(leader_id: int, group_id: int) -> Paper:
    """Return the sheets of a leader's group: three queries; OrderGoneError for another's."""
    group = group_of_leader(leader_id, group_id)
    lines = _lines(leader_id, group_id)
    pickup = f"{date_format(group.pickup_on, 'Y-m-d')} {group.pickup_from:%H:%M}"
    return Paper(
        title=group.title,
        facts=[
            (_("Pickup point"), group.point_name),
            (_("Pickup"), pickup),
            (_("As of"), f"{local(now()):%Y-%m-%d %H:%M}"),
        ],
        tables=[_by_neighbour(lines), _by_item(lines), _every_line(lines)],
    )


def _lines(leader_id: int, group_id: int) -> list[_Line]:
    """Return the lines of every paid order, in the order they were placed: two queries."""
    numbers = dict(Entry.objects.filter(group=group_id).values_list("order_no", "number"))
    words = dict(Status.choices)
    rows = LineFulfilment.objects.filter(
        order__leader=leader_id, order__group=group_id, order__status__in=SHOW[""]
    )
    rows = rows.order_by("order__placed_at", "order_id", "pk")
    return [
        _Line(
            order_no=order_no,
            number=numbers.get(order_no),
            name=mask_name(name),
            phone=f"****{phone[-4:]}",
            status=str(words[status]),
            remark=remark,
            collected_at=collected_at,
            item_id=item_id,
            title=title,
            ordered=ordered,
            gone=gone,
            unit_minor=unit_minor,
        )
        for (
            order_no,
            name,
            phone,
            status,
            remark,
            collected_at,
            item_id,
            title,
            ordered,
            gone,
            unit_minor,
        ) in rows.values_list(*_FIELDS)
    ]


def _by_neighbour(lines: Sequence[_Line]) -> Table:
    return Table(
        name=_("By neighbour"),
        columns=[
            Heading(title=_("No."), width=6, is_right=True),
            Heading(title=pgettext("of a person", "Name"), width=10),
            Heading(title=pgettext("last four digits", "Phone"), width=10),
            Heading(title=_("Goods"), width=40),
            Heading(title=_("Pieces"), width=8, is_right=True),
            Heading(title=_("Amount (yuan)"), width=12, is_right=True),
            Heading(title=_("Status"), width=14),
            Heading(title=_("Collected"), width=17),
            Heading(title=_("Remark"), width=24),
            Heading(title=_("Order number"), width=22),
        ],
        rows=_neighbour_rows(lines),
    )


def _neighbour_rows(lines: Sequence[_Line]) -> Iterator[Sequence[Any]]:
    between = pgettext("between goods", ", ")
    for _order_no, group in groupby(lines, key=lambda line: line.order_no):
        own = list(group)
        first = own[0]
        at = first.collected_at
        yield [
            first.number,
            first.name,
            first.phone,
            between.join(f"{line.title} ×{line.pieces}" for line in own if line.pieces),
            sum(line.pieces for line in own),
            _yuan(own),
            first.status,
            f"{local(at):%Y-%m-%d %H:%M}" if at else "",
            first.remark,
            first.order_no,
        ]
    pieces = sum(line.pieces for line in lines)
    yield Strong(["", _("In all"), "", "", pieces, _yuan(lines)])


def _by_item(lines: Sequence[_Line]) -> Table:
    return Table(
        name=_("By item"),
        columns=[
            Heading(title=_("Product"), width=36),
            Heading(title=_("Price (yuan)"), width=12, is_right=True),
            Heading(title=_("Ordered"), width=10, is_right=True),
            Heading(title=_("Gone back"), width=10, is_right=True),
            Heading(title=_("Pieces"), width=10, is_right=True),
            Heading(title=_("Amount (yuan)"), width=14, is_right=True),
        ],
        rows=_item_rows(lines),
    )


def _item_rows(lines: Sequence[_Line]) -> Iterator[Sequence[Any]]:
    items: dict[tuple[int, int], list[_Line]] = defaultdict(list)
    for line in lines:
        items[line.item_id, line.unit_minor].append(line)
    for own in items.values():
        yield [own[0].title, Money(own[0].unit_minor).major, *_sums(own)]
    yield Strong([_("In all"), "", *_sums(lines)])


def _every_line(lines: Sequence[_Line]) -> Table:
    return Table(
        name=_("Every line"),
        columns=[
            Heading(title=_("No."), width=6, is_right=True),
            Heading(title=pgettext("of a person", "Name"), width=10),
            Heading(title=pgettext("last four digits", "Phone"), width=10),
            Heading(title=_("Product"), width=36),
            Heading(title=_("Ordered"), width=10, is_right=True),
            Heading(title=_("Gone back"), width=10, is_right=True),
            Heading(title=_("Amount (yuan)"), width=12, is_right=True),
            Heading(title=_("Status"), width=14),
            Heading(title=_("Order number"), width=22),
        ],
        rows=(
            [
                line.number,
                line.name,
                line.phone,
                line.title,
                line.ordered,
                line.gone,
                Money(line.minor).major,
                line.status,
                line.order_no,
            ]
            for line in lines
        ),
    )


def _sums(lines: Sequence[_Line]) -> list[Any]:
    return [
        sum(line.ordered for line in lines),
        sum(line.gone for line in lines),
        sum(line.pieces for line in lines),
        _yuan(lines),
    ]


def _yuan(lines: Sequence[_Line]) -> Any:
    return Money(sum(line.minor for line in lines)).major
