"""A purchase order as a workbook: its lines, the split over the points, names where allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.papers.workbook import Sheet, Strong, workbook
from mall.supply.models import PurchaseOrder
from mall.supply.papers.content import (
    PaperLine,
    facts_of,
    lines_of,
    people_of,
    sums_of,
    title_of,
)


def purchase_workbook(purchase: PurchaseOrder) -> IO[bytes]:
    """Write an order as xlsx into a temporary file and return it, at its beginning.

    A supplier whose switches are off gets sums per pickup point and not one name.
    """
    lines = lines_of(purchase)
    sheets = [_order_sheet(purchase, lines), _points_sheet(lines)]
    people = list(people_of(purchase))
    if people:
        sheets.append(_people_sheet(people))
    return workbook(sheets)


def _order_sheet(purchase: PurchaseOrder, lines: Sequence[PaperLine]) -> Sheet:
    total = Strong(["", _("Total"), "", "", sum(line.pieces for line in lines)])
    return Sheet(
        name=_("Purchase order"),
        title=title_of(purchase),
        facts=[*facts_of(purchase), *sums_of(purchase)],
        columns=[
            (_("No."), 22),
            (_("Product"), 36),
            (_("Unit"), 12),
            (_("Storage"), 18),
            (_("Pieces"), 10),
            (pgettext("goods", "Cases"), 14),
            (_("Weight (kg)"), 13),
            (_("Cost per unit"), 13),
            (_("Cost"), 14),
        ],
        rows=[*map(_row, lines), total],
    )


def _row(line: PaperLine) -> list[Any]:
    return [
        line.number,
        line.title,
        line.unit,
        line.storage,
        line.pieces,
        line.cases,
        _("unknown") if line.kilograms is None else line.kilograms,
        line.unit_cost,
        line.cost,
    ]


def _points_sheet(lines: Sequence[PaperLine]) -> Sheet:
    return Sheet(
        name=_("By pickup point"),
        title=_("By pickup point"),
        columns=[(_("Pickup point"), 28), (_("Product"), 36), (_("Pieces"), 10)],
        rows=[[part.point, line.title, part.pieces] for line in lines for part in line.points],
    )


def _people_sheet(people: Sequence[Sequence[Any]]) -> Sheet:
    return Sheet(
        name=_("By neighbour"),
        title=_("By neighbour"),
        columns=[
            (_("Pickup point"), 28),
            (_("Name"), 14),
            (_("Phone ends in"), 14),
            (_("Product"), 36),
            (_("Pieces"), 10),
        ],
        rows=people,
    )
