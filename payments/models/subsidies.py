"""Which discounts a bank or an authority has paid for: month by month, with what it did not pay."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models.payments import Payment


class SettledSubsidy(models.Model):
    """A giver has paid for all discounts of one campaign that were booked in one month.

    What comes back of them afterwards must go back to the giver (2131), it no longer owes less.
    """

    giver = models.CharField(_("bank or authority"), max_length=64)
    campaign = models.CharField(_("campaign"), max_length=64)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    claim_no = models.CharField(_("claim"), max_length=64)
    settled_at = models.DateTimeField(_("settled at"))

    class Meta:
        """A month is paid for once."""

        verbose_name = _("month a giver has paid for")
        verbose_name_plural = _("months givers have paid for")
        constraints = (
            models.UniqueConstraint(
                fields=("giver", "campaign", "month"), name="payments_settledsubsidy_once"
            ),
        )

    def __str__(self) -> str:
        """Show giver, campaign and month."""
        return f"{self.giver}:{self.campaign} {self.month:%Y-%m}"


class UnpaidSubsidy(models.Model):
    """A payment whose discount a giver has not paid for, although its month is paid."""

    class State(models.TextChoices):
        """What became of it."""

        WITHHELD = "withheld", _("withheld by the giver")
        BORNE = "borne", _("borne by the operator")
        PAID = "paid", _("paid with a later claim")

    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        related_name="unpaid_subsidies",
        verbose_name=_("payment"),
    )
    giver = models.CharField(_("bank or authority"), max_length=64)
    campaign = models.CharField(_("campaign"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)

    class Meta:
        """One word about each payment, giver and campaign."""

        verbose_name = _("discount a giver has not paid for")
        verbose_name_plural = _("discounts givers have not paid for")
        constraints = (
            models.UniqueConstraint(
                fields=("payment", "giver", "campaign"), name="payments_unpaidsubsidy_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["withheld", "borne", "paid"]),
                name="payments_unpaidsubsidy_state",
            ),
        )

    def __str__(self) -> str:
        """Show the payment and the campaign."""
        return f"{self.payment_id} {self.giver}:{self.campaign}"
