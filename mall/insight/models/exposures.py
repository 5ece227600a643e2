"""Who saw which offer on which day: the first step of its funnel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Exposure(models.Model):
    """A resident was shown an offer on a Shanghai day; however often that day, it is one row."""

    offer_code = models.CharField(_("offer"), max_length=40)
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="offer_exposures",
        verbose_name=_("resident"),
    )
    day = models.DateField(_("day"))
    where = models.CharField(_("where"), max_length=20, help_text=_("The page that showed it."))

    class Meta:
        """Once a day for each resident and offer; counted by offer and day."""

        verbose_name = _("offer shown")
        verbose_name_plural = _("offers shown")
        constraints = [
            models.UniqueConstraint(
                fields=["offer_code", "day", "resident"], name="insight_exposure_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        """Show who saw what when."""
        return f"{self.offer_code} {self.resident_id} {self.day}"
