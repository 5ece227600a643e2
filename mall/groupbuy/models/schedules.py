"""A sale that comes again and again: by which rule, from which pattern, how long before."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models.buys import GroupBuy
from mall.groupbuy.recurring import read_rule


class SaleSchedule(models.Model):
    """Openings by a rule (RRULE, in Shanghai's time); each becomes a copy of a group buy, once."""

    name = models.CharField(_("name"), max_length=80)
    template = models.ForeignKey(
        GroupBuy,
        on_delete=models.PROTECT,
        related_name="schedules",
        verbose_name=_("group buy to copy"),
        help_text=_("Its items, pickup points and texts come along, as they are on that day."),
    )
    rule = models.CharField(
        _("rule"),
        max_length=200,
        default="FREQ=DAILY",
        help_text=_(
            "As calendars write it: FREQ=DAILY, or FREQ=WEEKLY;BYDAY=MO,WE,FR. "
            "The first opening says from when and at which hour."
        ),
    )
    starts_at = models.DateTimeField(_("first opening"))
    sells_minutes = models.PositiveIntegerField(
        _("minutes from opening to cut-off"),
        default=11 * 60,
        validators=[MinValueValidator(1), MaxValueValidator(60 * 24 * 60)],
    )
    pickup_after_days = models.PositiveSmallIntegerField(
        _("days from cut-off to pickup"), default=1, validators=[MaxValueValidator(60)]
    )
    ahead_days = models.PositiveSmallIntegerField(
        _("made so many days ahead"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    schedules_them = models.BooleanField(
        _("waits for its opening at once"),
        default=True,
        help_text=_("Otherwise each copy stays a draft until somebody has looked at it."),
    )
    active = models.BooleanField(_("in use"), default=True)
    last_problem = models.CharField(_("last problem"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """Durations are positive and bounded: a wrong zero must not sell for years."""

        verbose_name = _("sale schedule")
        verbose_name_plural = _("sale schedules")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sells_minutes__gte=1, sells_minutes__lte=60 * 24 * 60)
                & Q(ahead_days__gte=1, ahead_days__lte=60)
                & Q(pickup_after_days__lte=60),
                name="groupbuy_schedule_sane",
            )
        ]

    def __str__(self) -> str:
        """Show its name."""
        return self.name

    def clean(self) -> None:
        """Refuse a rule that calendars would not understand, or that never ends a second."""
        super().clean()
        if self.starts_at is None:
            return
        try:
            read_rule(self.rule, starts_at=self.starts_at)
        except ValueError as wrong:
            raise ValidationError({"rule": str(wrong)}) from wrong
