"""What a shopper would take on top of what she wants, so that a supplier's case fills."""

from __future__ import annotations

from django.utils.translation import gettext as _
from oscar.apps.basket.models import Line

from mall.groupbuy.baskets import (
    hold_basket,
    item_in,
    keep_tolerance,
    require_available,
    require_selling,
)
from mall.groupbuy.errors import TooMuchToFillError
from mall.groupbuy.models import GroupBasket, LeaderGroup
from payments.api import now, transact


@transact()
def set_tolerance(*, group_basket: GroupBasket, item_id: int, pieces: int) -> None:
    """Let a basket hold up to so many more of an item where that fills a case; 0 takes it back.

    They come on top of the quantity in her basket and are paid with it; what no case needs is paid
    back at the cut-off. At most one piece less than a case: more never fills another.
    TooMuchToFillError (data: most) beyond that, for items without cases and for goods she does not
    have in the basket; ItemGoneError for another sale's item, BasketGoneError once the basket is
    ordered; as set_quantity() after the cut-off and beyond limits and what is left.
    """
    hold_basket(group_basket)
    item = item_in(group_basket, item_id)
    line = Line.objects.filter(basket_id=group_basket.basket_id, product_id=item.product_id).first()
    wanted = line.quantity if line else 0
    most = item.case_size - 1 if item.allows_tolerance and wanted else 0
    if not 0 <= pieces <= most:
        text = _("To fill a case, choose from 0 to %(most)s more.") % {"most": most}
        raise TooMuchToFillError(text, most=most)
    if pieces:
        group = LeaderGroup.objects.select_related("group_buy", "pickup_point")
        require_selling(group.get(pk=group_basket.group_id), at=now())
        require_available(item, wanted + pieces, 0)
    keep_tolerance(group_basket, product_id=item.product_id, pieces=pieces)
