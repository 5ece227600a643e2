"""Points corrected by hand: why, by whom, and above a limit let through by a second person."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.loyalty.models.accounts import PointsEntry
from payments.api import Edges


class PointsAdjustment(models.Model):
    """One correction: asked for by a person, booked at once or when another agrees."""

    class State(models.TextChoices):
        """Where the correction is in its life."""

        PROPOSED = "proposed", _("Waits for a second person")
        BOOKED = "booked", _("Booked")
        REFUSED = "refused", _("Refused")

    EDGES: ClassVar[Edges] = {
        State.PROPOSED: frozenset({State.BOOKED, State.REFUSED}),
        State.BOOKED: frozenset(),
        State.REFUSED: frozenset(),
    }

    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="points_adjustments",
        verbose_name=_("resident"),
    )
    points = models.IntegerField(_("points"), help_text=_("Below zero takes points away."))
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.PROPOSED
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="points_adjustments_proposed",
        verbose_name=_("entered by"),
    )
    proposed_at = models.DateTimeField(_("entered at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="points_adjustments_decided",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    entry = models.OneToOneField(
        PointsEntry,
        on_delete=models.PROTECT,
        null=True,
        related_name="adjustment",
        verbose_name=_("points entry"),
    )

    class Meta:
        """Nobody agrees with herself; what is booked has its entry."""

        verbose_name = _("correction of points")
        verbose_name_plural = _("corrections of points")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(points=0) & ~Q(reason=""),
                name="loyalty_pointsadjustment_says_what_and_why",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="loyalty_pointsadjustment_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state="booked", entry__isnull=False)
                | (~Q(state="booked") & Q(entry=None)),
                name="loyalty_pointsadjustment_booked_has_its_entry",
            ),
        ]

    def __str__(self) -> str:
        """Show how many and why."""
        return f"{self.points:+d} · {self.reason}"
