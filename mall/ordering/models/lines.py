"""An order line's own row beside Oscar's: what it costs in fen, who delivers, what came back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models import GroupBuyItem
from mall.ordering.models.orders import OrderFulfilment


class LineFulfilment(models.Model):
    """One product of an order. Its money is frozen when placed; what came back is counted up."""

    line = models.OneToOneField(
        "order.Line",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="fulfilment",
        verbose_name=_("line"),
    )
    order = models.ForeignKey(
        OrderFulfilment, on_delete=models.PROTECT, related_name="lines", verbose_name=_("order")
    )
    item = models.ForeignKey(
        GroupBuyItem, on_delete=models.PROTECT, related_name="order_lines", verbose_name=_("item")
    )
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="group_order_lines",
        verbose_name=_("product"),
    )
    supplier = models.ForeignKey(
        "partner.Partner",
        on_delete=models.PROTECT,
        related_name="group_order_lines",
        verbose_name=_("supplier"),
    )
    # as they were then: commission rules look at them
    category_ids = models.JSONField(_("categories"), default=list)
    title = models.CharField(_("title"), max_length=255)
    storage_class = models.CharField(_("storage"), max_length=10, blank=True)
    # of goods priced by weight: the estimate the price was quoted for
    piece_grams = models.PositiveIntegerField(
        _("estimated weight of a piece (grams)"), null=True, blank=True
    )

    quantity = models.PositiveIntegerField(_("quantity"))
    # of the quantity, so many are wanted only if a case fills with them; they go first
    tolerance = models.PositiveIntegerField(_("more, so that a case fills"), default=0)
    # what the cut-off gave it of an item sold by the case; nothing before
    allotted = models.PositiveIntegerField(_("allotted at the cut-off"), null=True, blank=True)
    unit_minor = models.PositiveBigIntegerField(_("price (fen)"))
    value_minor = models.PositiveBigIntegerField(_("value (fen)"))
    cost_minor = models.PositiveBigIntegerField(_("owed to the supplier (fen)"))
    # the sums over the line's rows in LineDiscount
    offer_share_minor = models.PositiveBigIntegerField(_("part of the discounts (fen)"), default=0)
    # the part of that share which neither a bank nor an authority pays
    own_share_minor = models.PositiveBigIntegerField(
        _("of it not from bank or authority (fen)"), default=0
    )

    refunded_quantity = models.PositiveIntegerField(_("quantity refunded"), default=0)
    refunded_minor = models.PositiveBigIntegerField(_("value refunded (fen)"), default=0)
    returned_share_minor = models.PositiveBigIntegerField(_("share given back (fen)"), default=0)
    returned_cost_minor = models.PositiveBigIntegerField(
        _("not owed to the supplier any more (fen)"), default=0
    )

    class Meta:
        """The value is price times quantity; nothing comes back beyond what was there."""

        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, value_minor=F("unit_minor") * F("quantity")),
                name="ordering_linefulfilment_value_is_price_times_quantity",
            ),
            models.CheckConstraint(
                condition=Q(tolerance__lte=F("quantity"))
                & (Q(allotted__isnull=True) | Q(allotted__lte=F("quantity"))),
                name="ordering_linefulfilment_optional_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(
                    offer_share_minor__lte=F("value_minor"),
                    own_share_minor__lte=F("offer_share_minor"),
                ),
                name="ordering_linefulfilment_share_within_value",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_quantity__lte=F("quantity"),
                    refunded_minor__lte=F("value_minor"),
                    returned_share_minor__lte=F("offer_share_minor"),
                    returned_cost_minor__lte=F("cost_minor"),
                ),
                name="ordering_linefulfilment_gives_back_no_more",
            ),
        ]

    def __str__(self) -> str:
        """Show how many of what."""
        return f"{self.title} × {self.quantity}"

    @property
    def commission_base_minor(self) -> int:
        """Return the value after merchant-funded, before bank-funded discount (fen)."""
        return self.value_minor - self.own_share_minor
