"""A leader's own sale read back as the plan it was made of, so that she can go on with it."""

from __future__ import annotations

from mall.groupbuy.models import OwnSale
from mall.groupbuy.own_plans import OwnItem, OwnPlan

OwnSaleGoneError = OwnSale.DoesNotExist


def own_sale_of_group(group_id: int, *, leader_id: int) -> int | None:
    """Return the number of the own sale a leader's group belongs to; None for the mall's sales."""
    own = OwnSale.objects.filter(group_buy__groups=group_id, group_buy__owner=leader_id)
    return own.values_list("pk", flat=True).first()


def plan_of(own_sale_id: int, *, leader_id: int) -> OwnPlan:
    """Return the plan of one of a leader's own sales; OwnSale.DoesNotExist for another's."""
    own = OwnSale.objects.select_related("group_buy")
    sale = own.get(pk=own_sale_id, group_buy__owner=leader_id)
    group_buy = sale.group_buy
    groups = list(group_buy.groups.order_by("pk"))
    return OwnPlan(
        assortment_id=sale.assortment_id,
        title=group_buy.title,
        text=group_buy.text,
        opens_at=group_buy.opens_at,
        closes_at=group_buy.closes_at,
        pickup_on=group_buy.pickup_on,
        pickup_from=group_buy.pickup_from,
        pickup_until=group_buy.pickup_until,
        point_ids=[group.pickup_point_id for group in groups],
        items=[
            OwnItem(
                product_id=item.product_id,
                price_minor=item.price_minor,
                quota=item.quota,
                limit_per_resident=item.limit_per_resident,
                minimum_quantity=item.minimum_quantity,
                tiers=item.tiers,
            )
            for item in group_buy.items.order_by("position", "pk")
        ],
        minimum_kind=groups[0].minimum_kind if groups else "none",
        minimum_value=groups[0].minimum_value if groups else 0,
    )
