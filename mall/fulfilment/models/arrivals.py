"""Goods taken in at the pickup point: expected, received, damaged and too many, per item."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models import GroupBuyItem, LeaderGroup


class Arrival(models.Model):
    """The leader's receipt of a group's goods: when, who signed, what was seen. Never edited."""

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
    signer = models.CharField(_("signed by"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    # Missing pieces are refunded order by order; until that is through nobody has a code.
    finished_at = models.DateTimeField(_("neighbours told at"), null=True, blank=True)

    class Meta:
        """Newest first."""

        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        ordering = ["-received_at"]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(finished_at=None),
                name="fulfilment_arrival_to_finish",
            )
        ]

    def __str__(self) -> str:
        """Name the group."""
        return str(self.group)


class ArrivalLine(models.Model):
    """How many of an item were expected, came in good order, came damaged, came too many."""

    arrival = models.ForeignKey(
        Arrival, on_delete=models.PROTECT, related_name="lines", verbose_name=_("arrival")
    )
    item = models.ForeignKey(
        GroupBuyItem, on_delete=models.PROTECT, related_name="arrival_lines", verbose_name=_("item")
    )
    expected = models.PositiveIntegerField(_("expected"))
    received = models.PositiveIntegerField(pgettext_lazy("goods", "received"))
    damaged = models.PositiveIntegerField(_("damaged"), default=0)
    surplus = models.PositiveIntegerField(_("more than ordered"), default=0)

    class Meta:
        """Counted once per item; what is handed out is at most what was ordered."""

        verbose_name = _("item received")
        verbose_name_plural = _("items received")
        constraints = [
            models.UniqueConstraint(
                fields=["arrival", "item"], name="fulfilment_arrivalline_item_once"
            ),
            models.CheckConstraint(
                condition=Q(received__lte=F("expected"))
                & (Q(surplus=0) | Q(received=F("expected"))),
                name="fulfilment_arrivalline_surplus_is_beyond",
            ),
        ]

    def __str__(self) -> str:
        """Show received of expected."""
        return f"{self.item} {self.received}/{self.expected}"


class ArrivalPhoto(models.Model):
    """What a difference looked like."""

    arrival = models.ForeignKey(
        Arrival, on_delete=models.PROTECT, related_name="photos", verbose_name=_("arrival")
    )
    photo = models.ImageField(_("photo"), upload_to="arrivals/%Y/%m", max_length=120)
    at = models.DateTimeField(_("at"))

    class Meta:
        """In the order they were taken."""

        verbose_name = _("photo of a difference")
        verbose_name_plural = _("photos of differences")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Name the arrival."""
        return str(self.arrival)


class ArrivalCorrection(models.Model):
    """A count set right by staff afterwards, with the reason: added, the first count stays."""

    line = models.ForeignKey(
        ArrivalLine,
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name=_("item received"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    before = models.PositiveIntegerField(_("counted before"))
    received = models.PositiveIntegerField(_("counted now"))
    surplus = models.PositiveIntegerField(_("not handed out"), default=0)
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="arrival_corrections",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        """One after the other."""

        verbose_name = _("count set right")
        verbose_name_plural = _("counts set right")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"], name="fulfilment_correction_one_after_the_other"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(received=F("before")),
                name="fulfilment_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        """Show from how many to how many."""
        return f"{self.before} → {self.received}"
