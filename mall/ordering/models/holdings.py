"""What an order holds of scarce things: stock and quota per line, the resident's limit per item."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models import GroupBuyItem
from mall.ordering.models.lines import LineFulfilment
from payments.api import Edges


class StockReservation(models.Model):
    """The stock a line holds; it ends once. Sold goods given back before dispatch return."""

    class State(models.TextChoices):
        """What became of it."""

        HELD = "held", _("Held for an unpaid order")
        CONSUMED = "consumed", _("Sold")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")
        RETURNED = "returned", _("Returned before dispatch")

    EDGES: ClassVar[Edges] = {
        State.HELD: frozenset({State.CONSUMED, State.RELEASED, State.EXPIRED}),
        State.CONSUMED: frozenset({State.RETURNED}),
        State.RELEASED: frozenset(),
        State.EXPIRED: frozenset(),
        State.RETURNED: frozenset(),
    }

    line = models.OneToOneField(
        LineFulfilment,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="stock",
        verbose_name=_("order line"),
    )
    item = models.ForeignKey(
        GroupBuyItem, on_delete=models.PROTECT, related_name="reservations", verbose_name=_("item")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    # pieces that were put back while the rest stayed sold
    returned = models.PositiveIntegerField(_("put back"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.HELD)
    # when the goods left the stock; until then Oscar's stock record counts them as allocated
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)

    class Meta:
        """Summed by item when the books are checked; only sold goods leave."""

        verbose_name = _("stock held")
        verbose_name_plural = _("stock held")
        constraints = [
            models.CheckConstraint(
                condition=Q(dispatched_at=None) | Q(state="consumed"),
                name="ordering_stockreservation_only_sold_goods_leave",
            ),
            models.CheckConstraint(
                condition=Q(returned=0) | Q(returned__lte=F("quantity")) & ~Q(state="held"),
                name="ordering_stockreservation_puts_back_no_more",
            ),
        ]
        indexes = [models.Index(fields=["item", "state"], name="ordering_stock_of_item")]

    def __str__(self) -> str:
        """Show how many of which item."""
        return f"{self.item_id} × {self.quantity}"


class ItemAllowance(models.Model):
    """How many of an item a resident holds or has bought: where her limit is kept (S6)."""

    item = models.ForeignKey(
        GroupBuyItem, on_delete=models.PROTECT, related_name="allowances", verbose_name=_("item")
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="item_allowances",
        verbose_name=_("resident"),
    )
    taken = models.IntegerField(_("taken"), default=0)

    class Meta:
        """One row per resident and item."""

        verbose_name = _("resident's share of an item")
        verbose_name_plural = _("residents' shares of items")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "resident"], name="ordering_itemallowance_one_each"
            ),
            models.CheckConstraint(
                condition=Q(taken__gte=0), name="ordering_itemallowance_not_negative"
            ),
        ]

    def __str__(self) -> str:
        """Show who took how many."""
        return f"{self.resident_id} {self.item_id} × {self.taken}"
