"""What leaders may sell on their own, and how far their own sales are: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from mall.catalogue.titles import title_of
from mall.groupbuy.models import Assortment, AssortmentItem, OwnSale


@dataclass(frozen=True, kw_only=True)
class OfferedItem:
    """What an assortment lets a leader offer; fen. The rate ("0.1000") is her part of the price."""

    product_id: int
    title: str
    sales_unit: str
    floor_minor: int
    ceiling_minor: int
    commission_rate: str
    most_pieces: int | None


@dataclass(frozen=True, kw_only=True)
class OfferedShelf:
    """An assortment a leader may sell from."""

    assortment_id: int
    name: str
    approves_itself: bool
    items: tuple[OfferedItem, ...]


@dataclass(frozen=True, kw_only=True)
class OwnSaleView:
    """A leader's own sale and where it stands, with the mall (state) and by the clock."""

    own_sale_id: int
    group_buy_id: int
    assortment_id: int
    title: str
    state: str
    sale_state: str
    opens_at: datetime
    closes_at: datetime
    refused_because: str
    share_codes: tuple[str, ...]


def assortments_of(leader_id: int) -> QuerySet[Assortment]:
    """Return the assortments in use that are for everybody or name this leader."""
    for_all = Q(leaders__isnull=True)
    return Assortment.objects.filter(for_all | Q(leaders=leader_id), active=True).distinct()


def shelves_of(leader_id: int) -> list[OfferedShelf]:
    """Return what a leader may sell: two queries."""
    items = AssortmentItem.objects.filter(active=True).select_related("product__extra")
    shelves = assortments_of(leader_id).order_by("name", "pk")
    return [
        OfferedShelf(
            assortment_id=shelf.pk,
            name=shelf.name,
            approves_itself=shelf.approves_itself,
            items=tuple(_offered(item) for item in shelf.items.all()),
        )
        for shelf in shelves.prefetch_related(Prefetch("items", items.order_by("pk")))
    ]


def own_sales_of(leader_id: int, *, limit: int = 50) -> list[OwnSaleView]:
    """Return a leader's own sales, newest first: two queries."""
    own = OwnSale.objects.filter(group_buy__owner=leader_id).select_related("group_buy")
    return [view_of(sale) for sale in own.prefetch_related("group_buy__groups")[:limit]]


def own_sale(own_sale_id: int, *, leader_id: int) -> OwnSaleView:
    """Return one of a leader's own sales; OwnSale.DoesNotExist for another's."""
    own = OwnSale.objects.select_related("group_buy").prefetch_related("group_buy__groups")
    return view_of(own.get(pk=own_sale_id, group_buy__owner=leader_id))


def view_of(sale: OwnSale) -> OwnSaleView:
    """Describe an own sale that came with its group buy."""
    return OwnSaleView(
        own_sale_id=sale.pk,
        group_buy_id=sale.group_buy_id,
        assortment_id=sale.assortment_id,
        title=sale.group_buy.title,
        state=sale.state,
        sale_state=sale.group_buy.state,
        opens_at=sale.group_buy.opens_at,
        closes_at=sale.group_buy.closes_at,
        refused_because=sale.refused_because,
        share_codes=tuple(group.share_code for group in sale.group_buy.groups.all()),
    )


def _offered(item: AssortmentItem) -> OfferedItem:
    extra = getattr(item.product, "extra", None)
    return OfferedItem(
        product_id=item.product_id,
        title=title_of(item.product),
        sales_unit=extra.sales_unit if extra else "",
        floor_minor=item.floor_minor,
        ceiling_minor=item.ceiling_minor,
        commission_rate=str(item.commission_rate),
        most_pieces=item.most_pieces,
    )
