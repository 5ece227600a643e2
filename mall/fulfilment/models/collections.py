"""Goods handed over, and the lock against guessed codes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.pickup.models import PickupPoint


class Collection(models.Model):
    """One visit of a resident for an order (核销); undone ones stay, with the reason.

    She may come several times for parts of it; the last visit takes what is left.
    """

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
    is_last = models.BooleanField(_("took all that was left"), default=True)
    key = models.CharField(_("wish"), max_length=64, blank=True)
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
        """An order is collected to its end once; a wish is one visit."""

        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(undone_at=None, is_last=True),
                name="fulfilment_collection_once_per_order",
            ),
            models.UniqueConstraint(
                fields=["order", "key"],
                condition=~Q(key=""),
                name="fulfilment_collection_wish_once",
            ),
        ]

    def __str__(self) -> str:
        """Name the order."""
        return str(self.order)


class CollectionLine(models.Model):
    """How many pieces of a line were handed over in one visit."""

    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="lines", verbose_name=_("collection")
    )
    line = models.ForeignKey(
        LineFulfilment,
        on_delete=models.PROTECT,
        related_name="collection_lines",
        verbose_name=_("line"),
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        """A line once per visit."""

        verbose_name = _("pieces handed over")
        verbose_name_plural = _("pieces handed over")
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "line"], name="fulfilment_collectionline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="fulfilment_collectionline_something"
            ),
        ]

    def __str__(self) -> str:
        """Show how many."""
        return f"{self.line} {self.quantity}"


class LineAtPoint(models.Model):
    """What of a line lies at the pickup point: how many pieces came, how many are gone.

    Written once its first piece leaves: only from then on is there something to guard.
    """

    line = models.OneToOneField(
        LineFulfilment,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="at_point",
        verbose_name=_("line"),
    )
    received = models.PositiveIntegerField(_("came"))
    collected = models.PositiveIntegerField(_("handed over"), default=0)
    disposed = models.PositiveIntegerField(_("not collected in time"), default=0)

    class Meta:
        """No more is handed over than came, whoever writes."""

        verbose_name = _("line at the pickup point")
        verbose_name_plural = _("lines at the pickup point")
        constraints = [
            models.CheckConstraint(
                condition=Q(received__gte=F("collected") + F("disposed")),
                name="fulfilment_lineatpoint_no_more_than_came",
            )
        ]

    def __str__(self) -> str:
        """Show what is gone of what came."""
        return f"{self.line} {self.collected}/{self.received}"


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
