"""Less than was ordered: who goes short, decided once, and the money back for each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models import GroupBuyItem, LeaderGroup, Sharing
from mall.ordering.models import LineFulfilment


class Shortage(models.Model):
    """So many pieces for so many wishes, shared by a rule. The sharing is fixed when decided."""

    source = models.CharField(
        _("where it came to light"),
        max_length=40,
        help_text=_("A group's arrival, a supplier's answer, a count set right."),
    )
    item = models.ForeignKey(
        GroupBuyItem, on_delete=models.PROTECT, related_name="shortages", verbose_name=_("item")
    )
    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shortages",
        verbose_name=pgettext_lazy("group buying", "group"),
        help_text=_("Empty: all groups of the group buy share it."),
    )
    rule = models.CharField(_("who goes short"), max_length=12, choices=Sharing.choices)
    due = models.PositiveIntegerField(_("pieces ordered"))
    available = models.PositiveIntegerField(_("pieces there"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shortages_decided",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"))
    settled_at = models.DateTimeField(_("all refunds promised at"), null=True, blank=True)

    class Meta:
        """Each source decides an item once."""

        verbose_name = _("shortage")
        verbose_name_plural = _("shortages")
        ordering = ["-decided_at", "-pk"]
        permissions = [("share_shortage", "Can share out what suppliers are short of")]
        constraints = [
            models.UniqueConstraint(fields=["source", "item"], name="fulfilment_shortage_once"),
            models.CheckConstraint(
                condition=Q(available__lt=F("due")), name="fulfilment_shortage_is_short"
            ),
        ]
        indexes = [
            models.Index(
                fields=["decided_at"],
                condition=Q(settled_at=None),
                name="fulfilment_shortage_to_settle",
            )
        ]

    def __str__(self) -> str:
        """Show pieces there of pieces ordered."""
        return f"{self.item} {self.available}/{self.due}"


class ShortageShare(models.Model):
    """What one line gets of what is there; the rest of hers is refunded once."""

    shortage = models.ForeignKey(
        Shortage, on_delete=models.PROTECT, related_name="shares", verbose_name=_("shortage")
    )
    line = models.ForeignKey(
        LineFulfilment, on_delete=models.PROTECT, related_name="shortages", verbose_name=_("line")
    )
    due = models.PositiveIntegerField(_("pieces ordered"))
    got = models.PositiveIntegerField(_("pieces she gets"))
    refund_no = models.CharField(_("refund"), max_length=32, blank=True)
    settled_at = models.DateTimeField(_("refund promised at"), null=True, blank=True)

    class Meta:
        """A line once per shortage."""

        verbose_name = _("part of what is there")
        verbose_name_plural = _("parts of what is there")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shortage", "line"], name="fulfilment_share_once_per_line"
            ),
            models.CheckConstraint(condition=Q(got__lte=F("due")), name="fulfilment_share_at_most"),
        ]

    def __str__(self) -> str:
        """Show what she gets of what she ordered."""
        return f"{self.got}/{self.due}"

    @property
    def missing(self) -> int:
        """Return how many of hers did not come."""
        return self.due - self.got
