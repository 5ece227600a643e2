"""A van's papers: what it loads by product, where it goes point by point, and every order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from oscar.apps.partner.models import Partner

from mall.fulfilment.models import Delivery, DeliveryStop
from mall.fulfilment.papers.sorting import (
    kilograms,
    neighbour_table,
    sorting_paper,
    storage_word,
    totals_of,
)
from mall.fulfilment.papers.tables import Heading, Paper, Table
from mall.fulfilment.sheets import Scope, SheetLine, by_point, by_product, lines_of
from mall.papers.workbook import Strong


def round_paper(delivery: Delivery) -> Paper:
    """Return a round's papers: by product, by point and by order; nothing is changed by it."""
    stops = list(delivery.stops.select_related("pickup_point__leader").order_by("position", "pk"))
    scope = Scope(day=delivery.pickup_on, point_ids=tuple(stop.pickup_point_id for stop in stops))
    lines = lines_of(scope)
    return Paper(
        title=_("Delivery sheet"),
        facts=[
            (_("Route"), str(delivery.route or _("On no route"))),
            (_("Pickup day"), f"{delivery.pickup_on:%Y-%m-%d}"),
            (_("Driver"), f"{delivery.driver_name} {delivery.driver_phone}".strip() or "–"),
            (_("Vehicle"), delivery.vehicle or "–"),
            (_("Stops"), str(len(stops))),
            *totals_of(lines),
        ],
        tables=[_load_table(lines), _stop_table(stops, lines), neighbour_table(lines)],
    )


def day_paper(day: date) -> Paper:
    """Return the papers of all rounds of a day together: by product, by point and by order."""
    stops = list(
        DeliveryStop.objects.filter(pickup_on=day)
        .select_related("pickup_point__leader", "delivery__route")
        .order_by("delivery__route__name", "delivery", "position", "pk")
    )
    lines = lines_of(Scope(day=day))
    return Paper(
        title=_("Delivery sheet"),
        facts=[
            (_("Pickup day"), f"{day:%Y-%m-%d}"),
            (_("Stops"), str(len(stops))),
            *totals_of(lines),
        ],
        tables=[_load_table(lines), _stop_table(stops, lines), neighbour_table(lines)],
    )


def supplier_paper(day: date, supplier: Partner) -> Paper:
    """Return the sorting sheets of one supplier's goods: names masked, no phones, no remarks."""
    lines = lines_of(Scope(day=day, supplier_id=supplier.pk))
    facts = [(_("Supplier"), supplier.name), (_("Pickup day"), f"{day:%Y-%m-%d}")]
    return sorting_paper(lines, title=_("Sorting sheet"), facts=facts)


def _load_table(lines: Sequence[SheetLine]) -> Table:
    return Table(
        name=_("By product"),
        columns=[
            Heading(title=_("Product"), width=30),
            Heading(title=_("Unit"), width=8),
            Heading(title=_("Pieces"), width=9, is_right=True),
            Heading(title=_("Weight (kg)"), width=11, is_right=True),
            Heading(title=_("Storage"), width=14),
            Heading(title=_("Supplier"), width=20),
        ],
        rows=_load_rows(lines),
    )


def _load_rows(lines: Sequence[SheetLine]) -> Iterator[list[Any]]:
    for title, each in by_product(lines):
        yield [
            title,
            each[0].unit,
            sum(line.pieces for line in each),
            kilograms(each),
            storage_word(each[0]),
            each[0].supplier,
        ]
    pieces = sum(line.pieces for line in lines)
    yield Strong([_("Together"), "", pieces, kilograms(lines)])


def _stop_table(stops: Sequence[DeliveryStop], lines: Sequence[SheetLine]) -> Table:
    return Table(
        name=_("By pickup point"),
        columns=[
            Heading(title=_("Stop"), width=6),
            Heading(title=_("Pickup point"), width=22),
            Heading(title=_("Address or product"), width=34),
            Heading(title=_("Phone or unit"), width=16),
            Heading(title=_("Pieces"), width=8, is_right=True),
            Heading(title=_("Of them cold"), width=9, is_right=True),
            Heading(title=_("Boxes"), width=8, is_right=True),
        ],
        rows=_stop_rows(stops, lines),
    )


def _stop_rows(stops: Sequence[DeliveryStop], lines: Sequence[SheetLine]) -> Iterator[list[Any]]:
    at_points = {each[0].point_id: each for _name, each in by_point(lines)}
    for number, stop in enumerate(stops, start=1):
        point = stop.pickup_point
        here = at_points.get(point.pk, [])
        phone = point.phone or getattr(point.leader, "phone", "") or ""
        cold = sum(line.pieces for line in here if line.is_cold)
        pieces = sum(line.pieces for line in here)
        yield Strong(
            [str(number), point.name, point.address, phone, pieces, cold, stop.boxes or ""]
        )
        for title, each in by_product(here):
            n = sum(line.pieces for line in each)
            yield ["", "", title, each[0].unit, n, n if each[0].is_cold else ""]
