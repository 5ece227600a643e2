"""Residents who wait for room at a full pickup point, in the order they asked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models.groups import LeaderGroup


class WaitingPlace(models.Model):
    """One resident's place in a group's waiting list; over once she ordered or left."""

    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        related_name="waiting",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="waiting_places",
        verbose_name=_("resident"),
    )
    boxes = models.PositiveSmallIntegerField(_("boxes needed"), default=1)
    joined_at = models.DateTimeField(_("waits since"))
    told_at = models.DateTimeField(_("told of room at"), null=True, blank=True)
    over_at = models.DateTimeField(_("over since"), null=True, blank=True)

    class Meta:
        """One living place per resident and group."""

        verbose_name = _("place in a waiting list")
        verbose_name_plural = _("places in waiting lists")
        ordering = ["group", "joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "resident"],
                condition=Q(over_at__isnull=True),
                name="groupbuy_waiting_once",
            ),
            models.CheckConstraint(condition=Q(boxes__gt=0), name="groupbuy_waiting_needs_room"),
        ]
        indexes = [
            models.Index(
                fields=["group", "joined_at"],
                condition=Q(over_at__isnull=True),
                name="groupbuy_waiting_living",
            )
        ]

    def __str__(self) -> str:
        """Name group and resident."""
        return f"{self.group} · {self.resident}"
