"""Whose telephone numbers a leader asked for, and how many on a day."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.leaders import Leader

# Whatever the setting says: nobody calls more neighbours than this on a day.
CALLS_A_DAY_MOST: Final = 500


class NumberAsked(models.Model):
    """A leader saw the whole number of a bag's receiver, to call her; once per bag and day."""

    leader = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="numbers_asked", verbose_name=_("leader")
    )
    order_no = models.CharField(_("order"), max_length=40)
    bag_id = models.BigIntegerField(_("bag"))
    day = models.DateField(_("day"))
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        """The last one first."""

        verbose_name = _("telephone number asked for")
        verbose_name_plural = _("telephone numbers asked for")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["leader", "bag_id", "day"], name="groupleader_number_once_a_day"
            ),
        ]
        indexes = [models.Index(fields=["order_no"], name="groupleader_number_of_order")]

    def __str__(self) -> str:
        """Name the order."""
        return self.order_no


class NumbersADay(models.Model):
    """How many numbers a leader asked for on a day. Counted up by conditional updates only."""

    leader = models.ForeignKey(
        Leader, on_delete=models.CASCADE, related_name="+", verbose_name=_("leader")
    )
    day = models.DateField(_("day"))
    count = models.PositiveSmallIntegerField(_("count"), default=0)

    class Meta:
        """One row per leader and day."""

        verbose_name = _("telephone numbers of a day")
        verbose_name_plural = _("telephone numbers of a day")
        constraints = [
            models.UniqueConstraint(fields=["leader", "day"], name="groupleader_numbers_one_a_day"),
            models.CheckConstraint(
                condition=Q(count__lte=CALLS_A_DAY_MOST), name="groupleader_numbers_within_reason"
            ),
        ]

    def __str__(self) -> str:
        """Name leader and day."""
        return f"{self.leader_id} {self.day}"
