"""Goods handed over, and the lock against guessed codes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models import OrderFulfilment
from mall.pickup.models import PickupPoint


class Collection(models.Model):
    """A resident's collection of an order (核销); undone ones stay, with the reason."""

    class Means(models.TextChoices):
        """How the order was found."""

        CODE = "code", _("Code typed in")
        SCAN = "scan", _("QR scanned")
        LIST = "list", _("Chosen from the list")

    order = models.ForeignKey(
        OrderFulfilment,
        on_delete=models.PROTECT,
        related_name="collections",
        verbose_name=_("order"),
    )
    means = models.CharField(_("by"), max_length=4, choices=Means.choices)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="collections_handed_over",
        verbose_name=_("handed over by"),
    )
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="collections_undone",
        verbose_name=_("undone by"),
    )
    undo_reason = models.CharField(_("why undone"), max_length=200, blank=True)

    class Meta:
        """An order is collected once."""

        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(undone_at=None),
                name="fulfilment_collection_once_per_order",
            )
        ]

    def __str__(self) -> str:
        """Name the order."""
        return str(self.order)


class CodeLock(models.Model):
    """Wrong codes typed at a pickup point; five lock its screen for a minute."""

    pickup_point = models.OneToOneField(
        PickupPoint,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="code_lock",
        verbose_name=_("pickup point"),
    )
    wrong_tries = models.PositiveSmallIntegerField(_("wrong codes in a row"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)

    class Meta:
        """One per point."""

        verbose_name = _("lock against guessed codes")
        verbose_name_plural = _("locks against guessed codes")

    def __str__(self) -> str:
        """Name the point."""
        return str(self.pickup_point)
