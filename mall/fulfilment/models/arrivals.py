"""Goods taken in at the pickup point: expected and received per item."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models import GroupBuyItem, LeaderGroup


class Arrival(models.Model):
    """The leader's receipt of a group's goods."""

    group = models.OneToOneField(
        LeaderGroup,
        on_delete=models.PROTECT,
        related_name="arrival",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="arrivals",
        verbose_name=_("received by"),
    )
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        """Newest first."""

        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        ordering = ["-received_at"]

    def __str__(self) -> str:
        """Name the group."""
        return str(self.group)


class ArrivalLine(models.Model):
    """How many of an item were expected and how many came."""

    arrival = models.ForeignKey(
        Arrival, on_delete=models.PROTECT, related_name="lines", verbose_name=_("arrival")
    )
    item = models.ForeignKey(
        GroupBuyItem, on_delete=models.PROTECT, related_name="arrival_lines", verbose_name=_("item")
    )
    expected = models.PositiveIntegerField(_("expected"))
    received = models.PositiveIntegerField(pgettext_lazy("goods", "received"))

    class Meta:
        """Counted once per item."""

        verbose_name = _("item received")
        verbose_name_plural = _("items received")
        constraints = [
            models.UniqueConstraint(
                fields=["arrival", "item"], name="fulfilment_arrivalline_item_once"
            )
        ]

    def __str__(self) -> str:
        """Show received of expected."""
        return f"{self.item} {self.received}/{self.expected}"
