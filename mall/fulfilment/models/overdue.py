"""Bags nobody collects: what the mall promised to do with them, and what it did."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.catalogue.models import ProductExtra
from mall.ordering.models import OrderFulfilment


def check_hours(hours: object) -> None:
    """Raise ValidationError unless these are at most five different whole hours, 1 to 240."""
    is_list = isinstance(hours, list) and len(hours) <= 5
    if not is_list or any(type(hour) is not int or not 1 <= hour <= 240 for hour in hours):
        raise ValidationError(_("Up to five whole hours between 1 and 240, like [24, 3]."))
    if len(set(hours)) != len(hours):
        raise ValidationError(_("Name each hour once."))


class OverduePolicy(models.Model):
    """What happens to goods of one kind of storage that nobody collects.

    Never changed: what stood there when she ordered holds for her order. A new rule is a new row.
    """

    class Outcome(models.TextChoices):
        """What becomes of the goods, and of the money, at the end."""

        REFUND = "refund", _("Disposed of, all money back")
        PART = "part", _("Disposed of, a part of the money back")
        NOTHING = "nothing", _("Disposed of, no money back")
        RETURN = "return", _("Sent back to the mall, money back")

    storage_class = models.CharField(
        _("storage"), max_length=10, choices=ProductExtra.Storage.choices
    )
    keep_days = models.PositiveSmallIntegerField(
        _("kept for days"),
        default=0,
        validators=[MaxValueValidator(30)],
        help_text=_("After the pickup day; 0: until the evening of the same day."),
    )
    keep_until = models.TimeField(_("kept until"), default=time(22))
    remind_hours = models.JSONField(
        _("reminders, hours before the end"),
        default=list,
        blank=True,
        validators=[check_hours],
        help_text=_("For example [24, 3]."),
    )
    outcome = models.CharField(_("what then"), max_length=8, choices=Outcome.choices)
    back_percent = models.PositiveSmallIntegerField(
        _("of the money back (%)"),
        default=100,
        validators=[MaxValueValidator(100)],
        help_text=_("Counts where a part of the money goes back."),
    )
    fee_minor = models.PositiveIntegerField(
        _("storage fee (fen)"),
        default=0,
        help_text=_("Kept of the money that goes back; nothing more is ever charged."),
    )
    extension_hours = models.PositiveSmallIntegerField(
        _("the leader may keep it longer for hours"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(240)],
    )
    text = models.CharField(
        _("what residents read"),
        max_length=200,
        help_text=_("Shown before they order and on the order's page."),
    )
    text_en = models.CharField(_("the same in English"), max_length=300, blank=True)
    valid_from = models.DateTimeField(_("for orders placed from"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overdue_policies",
        verbose_name=_("created by"),
        editable=False,
    )

    class Meta:
        """The newest of a class counts for new orders."""

        verbose_name = _("rule for bags not collected")
        verbose_name_plural = _("rules for bags not collected")
        ordering = ["storage_class", "-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["storage_class", "valid_from"], name="fulfilment_policy_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(back_percent__lte=100), name="fulfilment_policy_gives_back_no_more"
            ),
        ]

    def __str__(self) -> str:
        """Name storage and outcome."""
        return f"{self.get_storage_class_display()}: {self.get_outcome_display()}"


class OverdueBag(models.Model):
    """The goods of one kind of storage of an order that waits, and until when they are kept."""

    class Ended(models.TextChoices):
        """How it ended."""

        COLLECTED = "collected", _("Collected")
        REFUND = "refund", _("Disposed of, all money back")
        PART = "part", _("Disposed of, a part of the money back")
        NOTHING = "nothing", _("Disposed of, no money back")
        RETURN = "return", _("Sent back to the mall, money back")
        GONE = "gone", _("Given back otherwise")

    order = models.ForeignKey(
        OrderFulfilment,
        on_delete=models.PROTECT,
        related_name="overdue_bags",
        verbose_name=_("order"),
    )
    storage_class = models.CharField(
        _("storage"), max_length=10, choices=ProductExtra.Storage.choices
    )
    policy = models.ForeignKey(
        OverduePolicy, on_delete=models.PROTECT, related_name="bags", verbose_name=_("rule")
    )
    until = models.DateTimeField(_("kept until"))
    next_at = models.DateTimeField(_("next step at"), null=True, blank=True)
    reminded = models.PositiveSmallIntegerField(_("reminders sent"), default=0)
    extended_hours = models.PositiveSmallIntegerField(_("kept longer for hours"), default=0)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overdue_bags_extended",
        verbose_name=_("kept longer by"),
    )
    extension_reason = models.CharField(_("why kept longer"), max_length=120, blank=True)
    called_at = models.DateTimeField(_("called at"), null=True, blank=True)
    ended = models.CharField(_("how it ended"), max_length=10, choices=Ended.choices, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    pieces = models.PositiveIntegerField(_("pieces not collected"), default=0)
    refund_no = models.CharField(_("refund"), max_length=32, blank=True)

    class Meta:
        """Once per order and kind of storage; it waits for a step exactly while it is open."""

        verbose_name = _("bag that waits")
        verbose_name_plural = _("bags that wait")
        ordering = ["until", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "storage_class"], name="fulfilment_overdue_once_per_class"
            ),
            models.CheckConstraint(
                condition=Q(ended="", ended_at=None, next_at__isnull=False)
                | (~Q(ended="") & Q(ended_at__isnull=False, next_at=None)),
                name="fulfilment_overdue_open_or_ended",
            ),
            models.CheckConstraint(
                condition=Q(next_at=None) | Q(next_at__lte=F("until")),
                name="fulfilment_overdue_steps_before_the_end",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(ended=""), name="fulfilment_overdue_due")
        ]

    def __str__(self) -> str:
        """Name order and storage."""
        return f"{self.order} {self.get_storage_class_display()}"
