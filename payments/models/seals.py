"""Day seals: a fingerprint of everything that was booked until the end of a day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerSeal(models.Model):
    """One day of the books, closed: nothing is added to it or taken from it afterwards.

    Each fingerprint contains the one before, so the newest vouches for all days. Triggers
    (0005_day_seals) refuse to change or delete a seal, to break the chain, and to book into a
    sealed day. Only payments.ledger.sealing writes here.
    """

    day = models.DateField(_("business day"), unique=True)
    previous_hash = models.CharField(_("seal of the day before"), max_length=64)
    hash = models.CharField(_("seal"), max_length=64)
    journals = models.PositiveIntegerField(_("journals"))
    entries = models.PositiveIntegerField(_("legs"))
    sums = models.JSONField(
        _("debited"),
        default=dict,
        help_text=_("The sum of the debit side per currency, in the smallest unit."),
    )
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        """Newest first."""

        verbose_name = _("day seal")
        verbose_name_plural = _("day seals")
        ordering = ("-day",)

    def __str__(self) -> str:
        """Show the day and the beginning of its fingerprint."""
        return f"{self.day} {self.hash[:12]}"
