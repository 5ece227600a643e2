"""Where an order was moved from, by whom and why: kept for good, added to only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models import LeaderGroup
from mall.ordering.models.orders import OrderFulfilment


class OrderMove(models.Model):
    """One move of an order from a leader's group to another one."""

    order = models.ForeignKey(
        OrderFulfilment, on_delete=models.PROTECT, related_name="moves", verbose_name=_("order")
    )
    from_group = models.ForeignKey(
        LeaderGroup, on_delete=models.PROTECT, related_name="+", verbose_name=_("moved from")
    )
    to_group = models.ForeignKey(
        LeaderGroup, on_delete=models.PROTECT, related_name="+", verbose_name=_("moved to")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("moved by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # what the goods cost less there, and the refund that pays for it
    cheaper_minor = models.PositiveBigIntegerField(_("cheaper by (fen)"), default=0)
    refund_no = models.CharField(_("refund"), max_length=32, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """A move goes somewhere else."""

        verbose_name = _("move of an order")
        verbose_name_plural = _("moves of orders")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_group=F("to_group")), name="ordering_ordermove_goes_elsewhere"
            ),
        ]

    def __str__(self) -> str:
        """Show from where to where."""
        return f"{self.from_group} → {self.to_group}"
