"""Sorting sheets of a point or a supplier: by product to share out, by neighbour to fill bags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.fulfilment.bagging import Storage
from mall.fulfilment.papers.tables import Heading, Paper, Table
from mall.fulfilment.sheets import SheetLine, by_order, by_point, by_product
from mall.papers.workbook import Strong


def sorting_paper(
    lines: Sequence[SheetLine], *, title: str, facts: Sequence[tuple[Any, Any]]
) -> Paper:
    """Return the sheets of these lines: by product and by neighbour, subtotals in bold."""
    return Paper(
        title=title,
        facts=[*facts, *totals_of(lines)],
        tables=[product_table(lines), neighbour_table(lines)],
    )


def totals_of(lines: Sequence[SheetLine]) -> list[tuple[str, str]]:
    """Return how much there is in all: pieces, cold ones, bags, neighbours."""
    bags = {(line.order_no, line.bag) for line in lines}
    return [
        (_("Pieces"), str(sum(line.pieces for line in lines))),
        (_("Of them cold"), str(sum(line.pieces for line in lines if line.is_cold))),
        (_("Bags"), str(len(bags))),
        (_("Neighbours"), str(len({(line.point_id, line.resident_id) for line in lines}))),
    ]


def product_table(lines: Sequence[SheetLine]) -> Table:
    """Return per point every product with who gets how many of it."""
    return Table(
        name=_("By product"),
        columns=[
            Heading(title=_("Product"), width=26),
            Heading(title=_("Unit"), width=8),
            Heading(title=_("Pieces"), width=8, is_right=True),
            Heading(title=_("Weight (kg)"), width=10, is_right=True),
            Heading(title=_("Storage"), width=13),
            Heading(title=_("Place"), width=8),
            Heading(title=_("Neighbour"), width=10),
            Heading(title=pgettext("last four digits", "Phone"), width=8),
            Heading(title=pgettext("number of a bag", "Bag"), width=7),
            Heading(title=_("Supplier"), width=14),
        ],
        rows=_product_rows(lines),
    )


def neighbour_table(lines: Sequence[SheetLine]) -> Table:
    """Return every neighbour's bags with what goes into them, place by place."""
    return Table(
        name=_("By neighbour"),
        columns=[
            Heading(title=_("Place"), width=8),
            Heading(title=_("Neighbour"), width=10),
            Heading(title=pgettext("last four digits", "Phone"), width=8),
            Heading(title=pgettext("number of a bag", "Bag"), width=7),
            Heading(title=_("Product"), width=28),
            Heading(title=_("Unit"), width=8),
            Heading(title=_("Pieces"), width=8, is_right=True),
            Heading(title=_("Storage"), width=13),
            Heading(title=_("Remark"), width=20),
        ],
        rows=_neighbour_rows(lines),
    )


def storage_word(line: SheetLine) -> str:
    """Return how a line is kept, marked where it is cold."""
    word = str(dict(Storage.choices).get(line.storage, line.storage))
    return f"* {word}" if line.is_cold else word


def kilograms(lines: Sequence[SheetLine]) -> str:
    """Return the weight of lines in kg, or nothing where one has none: no silent zero."""
    grams = [line.all_grams for line in lines]
    known = [each for each in grams if each is not None]
    return f"{sum(known) / 1000:.2f}" if len(known) == len(grams) else ""


def _product_rows(lines: Sequence[SheetLine]) -> Iterator[list[Any]]:
    for point, at_point in by_point(lines):
        yield Strong([point, "", sum(line.pieces for line in at_point), kilograms(at_point)])
        for title, each in by_product(at_point):
            first = each[0]
            yield Strong(
                [
                    title,
                    first.unit,
                    sum(line.pieces for line in each),
                    kilograms(each),
                    storage_word(first),
                    "",
                    "",
                    "",
                    "",
                    first.supplier,
                ]
            )
            for line in each:
                yield [
                    "",
                    "",
                    line.pieces,
                    "",
                    "",
                    line.shelf,
                    line.name,
                    line.phone_tail,
                    f"{line.bag}/{line.bags}",
                ]


def _neighbour_rows(lines: Sequence[SheetLine]) -> Iterator[list[Any]]:
    for point, at_point in by_point(lines):
        yield Strong([point, "", "", "", "", "", sum(line.pieces for line in at_point)])
        for _who, hers in groupby(at_point, key=lambda line: (line.shelf_number, line.resident_id)):
            yield from _bags_of(list(hers))


def _bags_of(hers: Sequence[SheetLine]) -> Iterator[list[Any]]:
    first = hers[0]
    pieces = sum(line.pieces for line in hers)
    yield Strong([first.shelf, first.name, first.phone_tail, "", "", "", pieces])
    for _order_no, lines in by_order(hers):
        for number, line in enumerate(lines):
            yield [
                "",
                "",
                "",
                f"{line.bag}/{line.bags}",
                line.title,
                line.unit,
                line.pieces,
                storage_word(line),
                line.remark if number == 0 else "",
            ]
