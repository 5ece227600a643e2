"""The books: journals whose legs balance, written once and never again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.kernel.money import Money


class JournalTransaction(models.Model):
    """One business event in the books. The database posts it only when its legs balance.

    Insert unposted, insert the legs, then post: triggers (0002_ledger_guards) refuse every other
    order, and every change afterwards. Only payments.ledger.posting writes here.
    """

    ref = models.CharField(
        _("business event"),
        max_length=120,
        unique=True,
        help_text=_("One event, one journal: for example capture:P26112212345."),
    )
    kind = models.CharField(_("kind"), max_length=40)
    business_date = models.DateField(_("business day"))
    posted = models.BooleanField(_("posted"), default=False)
    created_at = models.DateTimeField(_("written at"))
    memo = models.CharField(_("memo"), max_length=200, blank=True)

    class Meta:
        """Newest first: what happened last is asked for first."""

        verbose_name = _("journal")
        verbose_name_plural = _("journals")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("business_date", "kind"), name="payments_journal_day_kind"),
            models.Index(
                fields=("id",),
                condition=models.Q(posted=False),
                name="payments_journal_unposted",
            ),
        )

    def __str__(self) -> str:
        """Show the business event."""
        return self.ref


class JournalEntry(models.Model):
    """One leg of a journal: debit positive, credit negative, never nothing."""

    transaction = models.ForeignKey(
        JournalTransaction,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("journal"),
    )
    account = models.CharField(_("account"), max_length=8)
    party = models.CharField(
        _("party"),
        max_length=64,
        blank=True,
        help_text=_("Whose money: acquirer account, bank, supplier, leader."),
    )
    reference = models.CharField(
        _("reference"),
        max_length=64,
        blank=True,
        help_text=_("What it is about: order, refund, statement, campaign, month, case."),
    )
    amount_minor = models.BigIntegerField(
        _("amount"), help_text=_("In the smallest unit; debits are positive, credits negative.")
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")

    class Meta:
        """Found by account and by what it is about."""

        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(amount_minor=0), name="payments_journalentry_not_zero"
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "party", "reference"), name="payments_entry_account_dims"
            ),
            models.Index(fields=("reference",), name="payments_entry_reference"),
        )

    def __str__(self) -> str:
        """Show account and amount."""
        return f"{self.account} {self.amount}"

    @property
    def amount(self) -> Money:
        """The leg as money, debit positive."""
        return Money(self.amount_minor, self.currency)
