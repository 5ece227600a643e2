"""Who can be owed and paid: the account money goes to, and suppliers as the books know them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from groupleader.services.taxes import TaxRegime


class SettlementPeriod(models.TextChoices):
    """How often a statement is cut; the calendar is Shanghai's."""

    DAY = "day", _("Every day")
    WEEK = "week", _("Every week")
    HALF_MONTH = "half_month", _("Twice a month")
    MONTH = "month", _("Every month")


PAYEE_WHOLE = models.Q(payee_account_sealed="", payee_last4="") | (
    ~models.Q(payee_account_sealed="") & ~models.Q(payee_last4="")
)


class PayeeAccount(models.Model):
    """The bank account somebody is paid to; the number itself is under seal."""

    payee_bank = models.CharField(_("bank"), max_length=60, blank=True)
    payee_name = models.CharField(_("account holder"), max_length=60, blank=True)
    payee_account_sealed = models.TextField(_("account number, sealed"), blank=True, editable=False)
    payee_last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    payee_changed_at = models.DateTimeField(_("account changed at"), null=True, blank=True)
    payee_frozen_at = models.DateTimeField(
        _("payouts frozen at"),
        null=True,
        blank=True,
        help_text=_("Somebody said that a change of the account was not hers."),
    )
    split_receiver = models.CharField(
        _("receiver at the acquirer"),
        max_length=64,
        blank=True,
        help_text=_("In split mode: the account the acquirer pays shares to."),
    )
    settlement_period = models.CharField(
        _("settled"),
        max_length=12,
        choices=SettlementPeriod.choices,
        blank=True,
        help_text=_("Empty: as the shop's settings say."),
    )

    class Meta:
        """Shared columns, no table of its own."""

        abstract = True

    @property
    def has_payee(self) -> bool:
        """Tell whether there is an account to pay to."""
        return bool(self.payee_account_sealed)

    @property
    def payee_masked(self) -> str:
        """Show the account as its bank and last four digits, or nothing."""
        return f"{self.payee_bank} ····{self.payee_last4}" if self.has_payee else ""


class SupplierAccount(PayeeAccount):
    """A supplier, or a merchant that redeems vouchers, as the books owe it: 2201's party."""

    supplier_ref = models.CharField(_("label in the books"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_settled = models.BooleanField(
        _("settled by statements"),
        default=True,
        help_text=_("Off: it is paid by the acquirer's split, or by hand."),
    )

    class Meta:
        """Admin lists them by name."""

        verbose_name = _("supplier's account")
        verbose_name_plural = _("suppliers' accounts")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(name="groupleader_supplier_payee_whole", condition=PAYEE_WHOLE),
        ]

    # Registered businesses: nothing is withheld, an invoice is asked for; nobody signs in.
    tax_regime = TaxRegime.BUSINESS_ENTITY.value
    user_id: int | None = None

    def __str__(self) -> str:
        """Show its name."""
        return self.name

    @property
    def ref(self) -> str:
        """Return the sub-ledger dimension under which the ledger keeps what it is owed."""
        return self.supplier_ref
