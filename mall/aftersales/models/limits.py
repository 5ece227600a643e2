"""How much one person has let go back alone on one day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DecisionAllowance(models.Model):
    """A leader's decisions of a day, or a member of staff's goodwill, against the day's limit."""

    class What(models.TextChoices):
        """What is counted."""

        CASES = "cases", _("Cases decided by a leader")
        GOODWILL = "goodwill", _("Goodwill given")

    what = models.CharField(_("what"), max_length=8, choices=What.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="decision_allowances",
        verbose_name=_("person"),
    )
    day = models.DateField(_("day"))
    used_minor = models.PositiveBigIntegerField(_("used (fen)"), default=0)
    limit_minor = models.PositiveBigIntegerField(_("limit (fen)"))

    class Meta:
        """One row per person and day; never more than the limit."""

        verbose_name = _("day's decisions of a person")
        verbose_name_plural = _("days' decisions of persons")
        constraints = [
            models.UniqueConstraint(
                fields=["what", "person", "day"], name="aftersales_allowance_one_a_day"
            ),
            models.CheckConstraint(
                condition=Q(used_minor__lte=F("limit_minor")),
                name="aftersales_allowance_within_limit",
            ),
        ]

    def __str__(self) -> str:
        """Show the day."""
        return f"{self.person_id} {self.day} {self.used_minor}/{self.limit_minor}"
