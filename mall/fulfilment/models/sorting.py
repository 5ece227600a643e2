"""Sorting at a pickup point: where each neighbour's bag stands, and what is already in it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.pickup.models import PickupPoint

_ROW = 20


class Shelf(models.Model):
    """A neighbour's place at a point on a day: all her orders of that day stand there."""

    pickup_point = models.ForeignKey(
        PickupPoint, on_delete=models.CASCADE, related_name="shelves", verbose_name=_("point")
    )
    pickup_on = models.DateField(_("pickup day"))
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="shelves",
        verbose_name=_("resident"),
    )
    number = models.PositiveIntegerField(_("number"))

    class Meta:
        """One neighbour to a place, one place to a neighbour."""

        verbose_name = _("place on the shelf")
        verbose_name_plural = _("places on the shelf")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["pickup_point", "pickup_on", "number"], name="fulfilment_shelf_number_once"
            ),
            models.UniqueConstraint(
                fields=["pickup_point", "pickup_on", "resident"],
                name="fulfilment_shelf_resident_once",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="fulfilment_shelf_from_one"),
        ]

    def __str__(self) -> str:
        """Show it as it is written on the shelf: A-12."""
        return self.label

    @property
    def label(self) -> str:
        """Return row and place: A-1 to A-20, B-1 …, Z-20, AA-1."""
        row, place = divmod(self.number - 1, _ROW)
        letters = ""
        row += 1
        while row:
            row, letter = divmod(row - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}-{place + 1}"


class SortedLine(models.Model):
    """A line's pieces are in the neighbour's bag, or were taken out again."""

    line = models.OneToOneField(
        LineFulfilment,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="sorting",
        verbose_name=_("line"),
    )
    is_in = models.BooleanField(_("in the bag"), default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="lines_sorted",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        """One tick per line, whichever phone made it."""

        verbose_name = _("line in a bag")
        verbose_name_plural = _("lines in bags")

    def __str__(self) -> str:
        """Name the line."""
        return str(self.line)


class PackedBag(models.Model):
    """An order's bag is done and stands on the shelf."""

    order = models.OneToOneField(
        OrderFulfilment,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="packed",
        verbose_name=_("order"),
    )
    is_done = models.BooleanField(_("done"), default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="bags_packed",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        """One tick per order, whichever phone made it."""

        verbose_name = _("bag on the shelf")
        verbose_name_plural = _("bags on the shelf")

    def __str__(self) -> str:
        """Name the order."""
        return str(self.order)


class SortingReport(models.Model):
    """Something the leader found missing or spoilt while sorting; staff set the count right."""

    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        related_name="sorting_reports",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    item = models.ForeignKey(
        GroupBuyItem,
        on_delete=models.PROTECT,
        related_name="sorting_reports",
        verbose_name=_("item"),
    )
    missing = models.PositiveIntegerField(_("pieces missing or spoilt"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    photo = models.ImageField(_("photo"), upload_to="sorting/%Y/%m", blank=True, max_length=120)
    wish = models.CharField(_("wish"), max_length=40)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="sorting_reports",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sorting_reports_settled",
        verbose_name=_("settled by"),
    )
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    class Meta:
        """A form sent twice is one report."""

        verbose_name = _("report from sorting")
        verbose_name_plural = _("reports from sorting")
        ordering = ["settled_at", "-at"]
        constraints = [
            models.UniqueConstraint(fields=["group", "wish"], name="fulfilment_report_once"),
            models.CheckConstraint(condition=Q(missing__gt=0), name="fulfilment_report_of_some"),
        ]

    def __str__(self) -> str:
        """Show how many of what."""
        return f"{self.item} −{self.missing}"
