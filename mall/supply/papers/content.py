"""What both papers of a purchase order say: who asks whom for what, where and by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.accounts.masking import mask_name, mask_phone
from mall.catalogue.models import ProductExtra
from mall.catalogue.titles import reads_english
from mall.supply.models import PurchaseLine, PurchaseOrder, PurchaseShare
from mall.supply.selectors import PointPart, points_of
from payments.api import Money, local


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A line as it is printed; money in yuan, weight in kilograms (None: unknown)."""

    number: int
    title: str
    unit: str
    storage: str
    is_cold: bool
    pieces: int
    cases: str
    kilograms: Decimal | None
    unit_cost: Decimal
    cost: Decimal
    points: tuple[PointPart, ...]


def title_of(purchase: PurchaseOrder) -> str:
    """Return the paper's title."""
    if purchase.status == PurchaseOrder.Status.DRAFT:
        return _("Draft of a purchase order, not sent")
    return str(purchase.get_kind_display())


def facts_of(purchase: PurchaseOrder) -> list[tuple[str, str]]:
    """Return who asks whom, for which sale, where and by when."""
    said = purchase.snapshot
    contact = " ".join(filter(None, [said.get("contact"), said.get("phone")]))
    until = f"{local(purchase.deliver_until):%Y-%m-%d %H:%M}"
    number, *rest = facts_for_supplier(purchase)
    rows = [
        (_("Supplier"), supplier_of(purchase)),
        (_("Contact"), contact),
        (_("To be delivered until"), until),
    ]
    return [number, *((label, value) for label, value in rows if value), *rest]


def facts_for_supplier(purchase: PurchaseOrder) -> list[tuple[str, str]]:
    """Return what a supplier wants to know beside its goods; who it is itself it knows."""
    said = purchase.snapshot
    original = purchase.supplements.purchase_no if purchase.supplements is not None else ""
    rows = [
        (_("Purchase order number"), purchase.purchase_no),
        (_("Supplement to"), original),
        (_("Ordered by"), settings.LINLI_OPERATOR_NAME or settings.SITE_URL),
        (_("Group buy"), group_buy_of(purchase)),
        (_("Depot"), said.get("depot", "")),
        (_("Notes on delivery"), said.get("notes", "")),
        (pgettext("purchase order", "Reason"), purchase.reason),
    ]
    return [(label, value) for label, value in rows if value]


def supplier_of(purchase: PurchaseOrder) -> str:
    """Return the supplier's name as ordered, in the reader's language."""
    said = purchase.snapshot
    english = said.get("name_en") if reads_english() else ""
    return english or said.get("name") or str(purchase.supplier)


def group_buy_of(purchase: PurchaseOrder) -> str:
    """Return the sale's title and code."""
    sale = purchase.group_buy
    title = (reads_english() and sale.title_en) or sale.title
    return f"{title} ({sale.code})"


def sums_of(purchase: PurchaseOrder) -> list[tuple[str, str]]:
    """Return the order's sums in words; an unknown weight says so."""
    return [
        (_("Pieces"), f"{purchase.pieces:,}"),
        (_("Weight"), weight_text(purchase.grams)),
        (_("Cost"), yuan(purchase.cost_minor)),
    ]


def lines_of(purchase: PurchaseOrder) -> list[PaperLine]:
    """Return the lines with their split over the pickup points: two queries."""
    points = points_of(purchase)
    return [
        paper_line(line, number=number, points=points.get(line.pk, []))
        for number, line in enumerate(purchase.lines.all(), start=1)
    ]


def paper_line(line: PurchaseLine, *, number: int, points: list[PointPart]) -> PaperLine:
    """Write one line as it is printed."""
    storage = ProductExtra.Storage
    known = line.storage_class in storage.values
    return PaperLine(
        number=number,
        title=line_title(line),
        unit=line.sales_unit,
        storage=str(storage(line.storage_class).label) if known else "",
        is_cold=line.storage_class in {storage.CHILLED, storage.FROZEN},
        pieces=line.pieces,
        cases=cases_text(line),
        kilograms=None if line.grams is None else Decimal(line.grams) / 1000,
        unit_cost=Money(line.unit_cost_minor).major,
        cost=Decimal(line.cost_minor) / 100,
        points=tuple(points),
    )


def line_title(line: PurchaseLine) -> str:
    """Return what a line is called in the reader's language."""
    return (reads_english() and line.title_en) or line.title


def cases_text(line: PurchaseLine) -> str:
    """Write full cases and what is beyond them: "2 × 12 + 3"; nothing where goods are single."""
    if line.case_size <= 1 or line.pieces <= 0:
        return ""
    loose = f" + {line.loose}" if line.loose else ""
    return f"{line.cases} × {line.case_size}{loose}"


def weight_text(grams: int | None) -> str:
    """Write a weight in kilograms; an unknown one is no zero."""
    return _("unknown") if grams is None else f"{Decimal(grams) / 1000:,.3f} kg"


def yuan(minor: int) -> str:
    """Write fen as ¥12.30 and below zero as −¥12.30."""
    sign = "−" if minor < 0 else ""
    return f"{sign}¥{Money(abs(minor)).major:,.2f}"


def people_of(purchase: PurchaseOrder) -> Iterator[tuple[str, str, str, str, int]]:
    """Yield point, masked name, last digits, title and pieces, if the supplier may see names.

    Nothing at all where the mall has not switched it on.
    """
    profile = getattr(purchase.supplier, "profile", None)
    if profile is None or not profile.sees_names:
        return
    shares = PurchaseShare.objects.filter(line__purchase=purchase, pieces__gt=0)
    rows = shares.order_by("group__pickup_point__name", "group", "order_line__order", "pk")
    fields = rows.values_list(
        "group__pickup_point__name",
        "order_line__order__receiver_name",
        "order_line__order__receiver_phone",
        "line__title",
        "pieces",
    )
    for point, name, phone, title, pieces in fields.iterator(2000):
        tail = mask_phone(phone)[-4:] if profile.sees_phones else ""
        yield point, mask_name(name), tail, title, pieces


def short_text(line: PurchaseLine) -> str:
    """Say what the supplier answered of a line, where it is less."""
    if not line.missing:
        return ""
    text: Any = _("brings %(n)s: %(why)s")
    return str(text % {"n": line.can_bring, "why": line.short_because})
