"""Purchase orders are drafted from what residents' orders kept, and drafted anew until they go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final

from django.conf import settings
from django.utils.dateparse import parse_time
from oscar.apps.partner.models import Partner

from mall.catalogue.models import ProductExtra, SupplierProfile
from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import OrderFulfilment
from mall.supply.errors import NotDueError
from mall.supply.events import note
from mall.supply.gathering import KEPT, Wanted, gather, is_settled, unbought
from mall.supply.models import PurchaseLine, PurchaseOrder, PurchaseShare
from payments.api import SHANGHAI, advance, new_number, now, transact

Kind = PurchaseOrder.Kind
Status = PurchaseOrder.Status
ROBOT: Final = "job"
PREFIX: Final = "G"
_BATCH: Final = 1000
_FALLEN: Final = "the group buy was prolonged, failed, or nothing of it is left"


@transact()
def draft_for(group_buy_id: int, *, by: str = ROBOT) -> list[PurchaseOrder]:
    """Draft, or draft anew, one order per supplier; return the drafts there are then.

    What was paid for after an order went out becomes a supplement to it. Orders already out do not
    change. Twice at once is once. NotDueError while the group buy's orders are not settled.
    """
    group_buy = locked_sale(group_buy_id)
    if group_buy.state not in {State.FORMED, State.ORDERED} or not is_settled(group_buy):
        raise NotDueError(state=group_buy.state)
    drafts = {draft.supplier_id: draft for draft in _automatic_drafts(group_buy.pk)}
    PurchaseLine.objects.filter(purchase__in=drafts.values()).delete()
    wanted = gather(unbought(group_buy.pk))
    at = now()
    for supplier_id, rows in sorted(wanted.items()):
        draft = drafts.pop(supplier_id, None) or _open(group_buy, supplier_id, by=by)
        _fill(draft, rows, at=at)
    for empty in drafts.values():
        _void(empty, by=by, why=_FALLEN)
    return list(_automatic_drafts(group_buy.pk))


def locked_sale(group_buy_id: int) -> GroupBuy:
    """Lock what a purchase is made of: residents' orders first, then their sale, as the cut does.

    In a transaction.
    """
    orders = OrderFulfilment.objects.filter(group_buy=group_buy_id, status__in=KEPT).order_by("pk")
    list(orders.select_for_update(no_key=True).values_list("pk", flat=True))
    return GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)


@transact()
def void_drafts(group_buy_id: int, *, by: str = ROBOT, why: str = _FALLEN) -> int:
    """Let the drafts of a group buy fall away; return how many. Orders that are out stay."""
    GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    rows = PurchaseOrder.objects.filter(group_buy=group_buy_id, status=Status.DRAFT)
    return sum(_void(draft, by=by, why=why) for draft in rows.order_by("pk"))


def refresh_sums(purchase: PurchaseOrder) -> None:
    """Count a draft's pieces, weight and cost up from its lines; no weight where one is unknown."""
    lines = list(purchase.lines.all())
    weights = [line.grams for line in lines if line.grams is not None]
    PurchaseOrder.objects.filter(pk=purchase.pk, status=Status.DRAFT).update(
        line_count=len(lines),
        pieces=sum(line.pieces for line in lines),
        grams=sum(weights) if len(weights) == len(lines) else None,
        cost_minor=sum(line.cost_minor for line in lines),
    )
    purchase.refresh_from_db()


def line_of(
    purchase: PurchaseOrder, wanted: Wanted, *, position: int, pieces: int, cost_minor: int
) -> PurchaseLine:
    """Make a line as the product is now; not saved. A missing weight stays missing."""
    product = wanted.item.product
    extra: ProductExtra | None = getattr(product, "extra", None)
    grams = extra.net_grams if extra and extra.net_grams else None
    return PurchaseLine(
        purchase=purchase,
        item=wanted.item,
        product=product,
        position=position,
        title=product.get_title()[:255],
        title_en=extra.title_en if extra else "",
        sku=wanted.item.stockrecord.partner_sku[:128],
        sales_unit=extra.sales_unit if extra else "",
        storage_class=extra.storage_class if extra else "",
        case_size=wanted.item.case_size,
        net_grams=grams,
        pieces=pieces,
        grams=None if grams is None else grams * pieces,
        unit_cost_minor=wanted.unit_cost_minor,
        cost_minor=cost_minor,
    )


def new_purchase(group_buy: GroupBuy, supplier_id: int, *, by: str, **values: Any) -> PurchaseOrder:
    """Open an empty draft with the supplier and the depot as they are now."""
    partner = Partner.objects.get(pk=supplier_id)
    profile = SupplierProfile.objects.filter(partner=supplier_id).first()
    at = now()
    purchase = PurchaseOrder.objects.create(
        purchase_no=new_number(PREFIX),
        supplier=partner,
        group_buy=group_buy,
        snapshot=_snapshot(partner, profile),
        deliver_until=_deliver_until(group_buy, profile),
        drafted_at=at,
        counted_at=at,
        **values,
    )
    note(purchase, "drafted", by=by)
    return purchase


def _automatic_drafts(group_buy_id: int) -> Any:
    """Return the drafts the mall makes by itself; a correction by hand has its reason."""
    rows = PurchaseOrder.objects.filter(group_buy=group_buy_id, status=Status.DRAFT, reason="")
    return rows.order_by("pk")


def _open(group_buy: GroupBuy, supplier_id: int, *, by: str) -> PurchaseOrder:
    original = (
        PurchaseOrder.objects.filter(group_buy=group_buy, supplier=supplier_id, kind=Kind.ORIGINAL)
        .exclude(status=Status.VOID)
        .first()
    )
    if original is None:
        return new_purchase(group_buy, supplier_id, by=by)
    return new_purchase(group_buy, supplier_id, by=by, kind=Kind.SUPPLEMENT, supplements=original)


def _fill(draft: PurchaseOrder, rows: Sequence[Wanted], *, at: datetime) -> None:
    lines = [
        line_of(draft, row, position=number, pieces=row.pieces, cost_minor=row.cost_minor)
        for number, row in enumerate(rows, start=1)
    ]
    PurchaseLine.objects.bulk_create(lines, batch_size=_BATCH)
    PurchaseShare.objects.bulk_create(
        (
            PurchaseShare(
                order_line_id=part.order_line_id,
                line=line,
                group_id=part.group_id,
                pieces=part.pieces,
                cost_minor=part.cost_minor,
            )
            for line, row in zip(lines, rows, strict=True)
            for part in row.parts
        ),
        batch_size=_BATCH,
    )
    profile = SupplierProfile.objects.filter(partner=draft.supplier_id).first()
    PurchaseOrder.objects.filter(pk=draft.pk).update(
        counted_at=at,
        snapshot=_snapshot(draft.supplier, profile),
        deliver_until=_deliver_until(draft.group_buy, profile),
    )
    refresh_sums(draft)


def _void(draft: PurchaseOrder, *, by: str, why: str) -> bool:
    if not advance(draft, PurchaseOrder.EDGES, Status.VOID, voided_at=now()):
        return False
    PurchaseShare.objects.filter(line__purchase=draft).delete()
    note(draft, "void", by=by, words=why)
    return True


def _snapshot(partner: Partner, profile: SupplierProfile | None) -> dict[str, str]:
    return {
        "name": partner.name,
        "name_en": profile.name_en if profile else "",
        "contact": profile.contact if profile else "",
        "phone": profile.phone if profile else "",
        "address": profile.address if profile else "",
        "notes": profile.delivery_notes if profile else "",
        "terms": profile.cost_terms if profile else "",
        "depot": settings.LINLI_DEPOT_ADDRESS,
    }


def _deliver_until(group_buy: GroupBuy, profile: SupplierProfile | None) -> datetime:
    """Return by when the goods must be at the depot: on the pickup day, before the vans leave."""
    usual = parse_time(settings.LINLI_DELIVER_BY) or time(5)
    at = profile.delivers_by if profile and profile.delivers_by else usual
    return datetime.combine(group_buy.pickup_on, at, tzinfo=SHANGHAI)
