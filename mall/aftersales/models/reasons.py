"""What can be wrong with goods, who bears it then, and what a resident has to show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a case is about."""

    QUALITY = "quality", _("Not good")
    MISSING = "missing", _("Missing from the bag")
    WRONG = "wrong", _("Other goods than ordered")
    WEIGHT = "weight", _("Lighter than it should be")
    MIND = "mind", _("Changed my mind")
    OTHER = "other", _("Something else")


class Bearer(models.TextChoices):
    """Who bears what goes back."""

    SUPPLIER = "supplier", _("supplier")
    PLATFORM = "platform", _("platform")
    LEADER = "leader", _("group leader")
    COURIER = "courier", _("courier")


class CaseReason(models.Model):
    """One thing that can be wrong, as residents choose it; the mall writes the list."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=30)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    bearer = models.CharField(
        _("borne by"),
        max_length=8,
        choices=Bearer.choices,
        help_text=_("Proposed for every case; whoever decides at the mall may say otherwise."),
    )
    needs_photo = models.BooleanField(_("photo needed"), default=True)
    hours = models.PositiveSmallIntegerField(
        _("hours after collection"),
        null=True,
        blank=True,
        help_text=_("Empty: as long as goods of this storage may be complained about."),
    )
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        """In the order in which they are offered."""

        verbose_name = _("reason of a case")
        verbose_name_plural = _("reasons of cases")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours=None) | Q(hours__gt=0),
                name="aftersales_casereason_some_time",
                violation_error_message=_("Leave it empty, or give at least one hour."),
            )
        ]

    def __str__(self) -> str:
        """Name it in the reader's language."""
        is_english = (get_language() or "").startswith("en")
        return self.name_en if is_english and self.name_en else self.name
