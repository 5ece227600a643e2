"""Points and one order: those used on it, those it earned, and how many a day may bring."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.loyalty.models.accounts import PointsAccount, PointsEntry, PointsLot
from mall.loyalty.models.programmes import PointsProgramme
from payments.api import Edges


class PointsUse(models.Model):
    """Points on an order: taken with it, spent when it is paid, back when it ends or goes back."""

    class State(models.TextChoices):
        """Where the use is in its life."""

        HELD = "held", _("Held")
        SPENT = "spent", _("Used")
        RELEASED = "released", _("Released")
        RETURNED = "returned", _("Returned")

    EDGES: ClassVar[Edges] = {
        State.HELD: frozenset({State.SPENT, State.RELEASED}),
        State.SPENT: frozenset({State.RETURNED}),
        State.RELEASED: frozenset(),
        State.RETURNED: frozenset(),
    }

    account = models.ForeignKey(
        PointsAccount,
        on_delete=models.PROTECT,
        related_name="uses",
        verbose_name=_("points account"),
    )
    order_no = models.CharField(_("order"), max_length=20)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.HELD)
    points = models.PositiveIntegerField(_("points"))
    minor = models.PositiveBigIntegerField(_("took off (fen)"))
    returned_points = models.PositiveIntegerField(_("points returned"), default=0)
    returned_minor = models.PositiveBigIntegerField(_("gone back (fen)"), default=0)
    entry = models.OneToOneField(
        PointsEntry, on_delete=models.PROTECT, related_name="use", verbose_name=_("points entry")
    )
    held_at = models.DateTimeField(_("held at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        """An order has one living use; no more comes back than went."""

        verbose_name = _("points on an order")
        verbose_name_plural = _("points on orders")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order_no"],
                condition=Q(state__in=["held", "spent"]),
                name="loyalty_pointsuse_one_lives",
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0)
                & Q(returned_points__lte=F("points"), returned_minor__lte=F("minor")),
                name="loyalty_pointsuse_back_is_a_part",
            ),
        ]

    def __str__(self) -> str:
        """Show the order."""
        return self.order_no


class OrderEarning(models.Model):
    """What an order earned once its goods were collected, and what refunds took of it again."""

    class State(models.TextChoices):
        """Whether the points stand."""

        EARNED = "earned", _("Earned")
        UNDONE = "undone", _("Hand-over undone")

    EDGES: ClassVar[Edges] = {
        State.EARNED: frozenset({State.UNDONE}),
        State.UNDONE: frozenset({State.EARNED}),
    }

    order_no = models.CharField(_("order"), max_length=20, unique=True)
    account = models.ForeignKey(
        PointsAccount,
        on_delete=models.PROTECT,
        related_name="earnings",
        verbose_name=_("points account"),
    )
    programme = models.ForeignKey(
        PointsProgramme,
        on_delete=models.PROTECT,
        related_name="earnings",
        verbose_name=_("points programme"),
    )
    state = models.CharField(_("state"), max_length=6, choices=State.choices)
    day = models.DateField(_("paid on"))
    percent = models.PositiveSmallIntegerField(_("earned (percent)"))
    turn = models.PositiveSmallIntegerField(_("hand-over"), default=1)
    base_minor = models.PositiveBigIntegerField(_("paid herself (fen)"))
    back_minor = models.PositiveBigIntegerField(_("paid back since (fen)"), default=0)
    granted = models.PositiveIntegerField(_("points earned"))
    lost = models.PositiveIntegerField(
        _("points lost again"), default=0, help_text=_("By refunds; taken back, or expired before.")
    )
    taken = models.PositiveIntegerField(_("points taken back"), default=0)
    lot = models.ForeignKey(
        PointsLot,
        on_delete=models.PROTECT,
        null=True,
        related_name="earnings",
        verbose_name=_("lot of points"),
    )

    class Meta:
        """An order earns once; no more is taken than it earned."""

        verbose_name = _("points earned by an order")
        verbose_name_plural = _("points earned by orders")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(back_minor__lte=F("base_minor"))
                & Q(lost__lte=F("granted"))
                & Q(taken__lte=F("lost")),
                name="loyalty_orderearning_lost_is_a_part",
            ),
        ]

    def __str__(self) -> str:
        """Show the order."""
        return self.order_no


class EarningDay(models.Model):
    """What a resident's orders of one Shanghai day earned, where a day has a cap."""

    account = models.ForeignKey(
        PointsAccount,
        on_delete=models.PROTECT,
        related_name="earning_days",
        verbose_name=_("points account"),
    )
    day = models.DateField(_("day"))
    earned = models.PositiveIntegerField(_("points earned"), default=0)
    most = models.PositiveIntegerField(_("at most"), null=True)

    class Meta:
        """Never above the cap."""

        verbose_name = _("day of earning")
        verbose_name_plural = _("days of earning")
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="loyalty_earningday_one_a_day"),
            models.CheckConstraint(
                condition=Q(most=None) | Q(earned__lte=F("most")),
                name="loyalty_earningday_within_the_cap",
            ),
        ]

    def __str__(self) -> str:
        """Show the day."""
        return str(self.day)
