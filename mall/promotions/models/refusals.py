"""How often an offer was refused to a card at the checkout, by reason and hour: only counted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from mall.promotions.models.offers import BankOffer


class OfferRefusal(models.Model):
    """Orders placed, or tried, without an offer of the card's bank: one row per reason and hour."""

    offer = models.ForeignKey(
        BankOffer, on_delete=models.CASCADE, related_name="refusals", verbose_name=_("bank offer")
    )
    # a code of mall.promotions.reasons
    reason = models.CharField(_("reason"), max_length=32)
    hour = models.DateTimeField(_("hour"))
    count = models.PositiveIntegerField(_("times"), default=0)

    class Meta:
        """One row per offer, hour and reason."""

        verbose_name = _("refusals of an offer")
        verbose_name_plural = _("refusals of offers")
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "hour", "reason"], name="promotions_offerrefusal_one_each"
            )
        ]

    def __str__(self) -> str:
        """Show offer, reason and how often."""
        return f"{self.offer_id} {self.reason}: {self.count}"
