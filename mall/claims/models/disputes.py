"""Lines the bank will not pay, why, and what became of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.claims.models.claims import ClaimLine, SubsidyClaim


class LineDispute(models.Model):
    """A line of an issued claim the giver disputes: claimed again later, or borne by the mall."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("being clarified")
        AGAIN = "again", _("to be claimed again")
        CLAIMED = "claimed", _("claimed again")
        BORNE = "borne", _("borne by the mall")
        WITHDRAWN = "withdrawn", _("the bank pays after all")

    line = models.OneToOneField(
        ClaimLine, on_delete=models.PROTECT, related_name="dispute", verbose_name=_("claim line")
    )
    claim = models.ForeignKey(
        SubsidyClaim, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("claim")
    )
    minor = models.BigIntegerField(_("amount (fen)"))
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    opened_by = models.CharField(_("entered by"), max_length=150)
    opened_at = models.DateTimeField(_("entered at"))
    settled_by = models.CharField(_("settled by"), max_length=150, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settlement = models.CharField(_("how it was settled"), max_length=300, blank=True)
    again_in = models.ForeignKey(
        SubsidyClaim,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="again",
        verbose_name=_("claimed again in"),
    )

    class Meta:
        """Only what was claimed is disputed; two persons let the mall bear it."""

        verbose_name = _("disputed line")
        verbose_name_plural = _("disputed lines")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="claims_linedispute_positive"),
            models.CheckConstraint(
                condition=~Q(state="borne") | ~Q(settled_by=F("opened_by")),
                name="claims_linedispute_two_persons_bear",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(again_in__isnull=False),
                name="claims_linedispute_claimed_somewhere",
            ),
        ]

    def __str__(self) -> str:
        """Show the line."""
        return str(self.line)
