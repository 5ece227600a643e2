"""Whose goods a purchase order holds, and what happened to it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import LineFulfilment
from mall.supply.models.orders import PurchaseLine, PurchaseOrder


class PurchaseShare(models.Model):
    """A resident's order line inside a purchase order: each is bought once, and by one order."""

    order_line = models.OneToOneField(
        LineFulfilment,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="purchase",
        verbose_name=_("order line"),
    )
    line = models.ForeignKey(
        PurchaseLine,
        on_delete=models.CASCADE,
        related_name="shares",
        verbose_name=_("line of the purchase order"),
    )
    # where it was to go when the order was counted
    group = models.ForeignKey(
        LeaderGroup, on_delete=models.PROTECT, related_name="+", verbose_name=_("group")
    )
    pieces = models.PositiveIntegerField(_("pieces"))
    cost_minor = models.PositiveBigIntegerField(_("cost (fen)"))

    class Meta:
        """Summed by line and group."""

        verbose_name = _("part of a purchase order")
        verbose_name_plural = _("parts of purchase orders")
        indexes = [models.Index(fields=["line", "group"], name="supply_share_by_group")]

    def __str__(self) -> str:
        """Show how many."""
        return f"{self.order_line_id} × {self.pieces}"


class PurchaseEvent(models.Model):
    """Something that happened to a purchase order, in words, with who did it."""

    purchase = models.ForeignKey(
        PurchaseOrder,
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("purchase order"),
    )
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=150)
    what = models.CharField(_("what"), max_length=20)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        """In the order they happened."""

        verbose_name = _("event of a purchase order")
        verbose_name_plural = _("events of purchase orders")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Say what."""
        return self.what
