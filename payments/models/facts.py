"""Evidence: what an acquirer said about money, and which edge it moved a payment along."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.models.accounts import AcquirerAccount
from payments.models.agreements import CardAgreement
from payments.models.notifications import Notification
from payments.models.payments import Payment
from payments.models.refunds import Refund
from payments.models.splits import Split, SplitReturn
from payments.models.transfers import Transfer


class ChannelFact(models.Model):
    """One thing an acquirer said, where we heard it, and what we made of it."""

    class Source(models.TextChoices):
        """Where we heard it."""

        CREATE = "create", _("answer to our request")
        QUERY = "query", _("answer to our question")
        NOTIFY = "notify", _("notification")
        CLOSE = "close", _("answer to our closing")
        BILL = "bill", _("daily statement")
        FILE = "file", _("result file of a batch")
        DESK = "desk", _("decided by two people")

    class Verdict(models.TextChoices):
        """What we made of it."""

        APPLIED = "applied", _("believed, something changed")
        REPEATED = "repeated", _("believed, nothing new")
        MISMATCHED = "mismatched", _("genuine but not what we asked for; held")
        ORPHANED = "orphaned", _("about a number we do not know")

    account = models.ForeignKey(
        AcquirerAccount,
        on_delete=models.PROTECT,
        related_name="facts",
        verbose_name=_("acquirer account"),
    )
    source = models.CharField(_("heard from"), max_length=20, choices=Source.choices)
    notification = models.ForeignKey(
        Notification,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("notification"),
    )
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("payment"),
    )
    refund = models.ForeignKey(
        Refund,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("refund"),
    )
    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("transfer"),
    )
    split = models.ForeignKey(
        Split,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("split"),
    )
    split_return = models.ForeignKey(
        SplitReturn,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("return of a share"),
    )
    agreement = models.ForeignKey(
        CardAgreement,
        on_delete=models.PROTECT,
        related_name="facts",
        null=True,
        blank=True,
        verbose_name=_("tied card"),
    )
    own_no = models.CharField(_("our number"), max_length=64, blank=True, db_index=True)
    outcome = models.CharField(_("outcome"), max_length=20)
    acquirer_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    merchant_id = models.CharField(_("merchant number"), max_length=64, blank=True)
    payload = models.JSONField(_("what it said"), default=dict)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    edge = models.CharField(
        _("edge"), max_length=4, blank=True, help_text=_("Number in the table of the design.")
    )
    at = models.DateTimeField(_("heard at"))

    class Meta:
        """What was said last is asked for first."""

        verbose_name = _("acquirer's statement")
        verbose_name_plural = _("acquirer's statements")
        ordering = ("-pk",)

    def __str__(self) -> str:
        """Show source, outcome and number."""
        return f"{self.source} {self.outcome} {self.own_no}"


class PaymentTransition(models.Model):
    """One step in a payment's life: which edge, from where to where, and the evidence for it."""

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="transitions", verbose_name=_("payment")
    )
    edge = models.CharField(_("edge"), max_length=4)
    from_status = models.CharField(
        pgettext_lazy("edge", "from"), max_length=20, choices=Payment.Status.choices, blank=True
    )
    to_status = models.CharField(
        pgettext_lazy("edge", "to"), max_length=20, choices=Payment.Status.choices
    )
    fact = models.ForeignKey(
        ChannelFact,
        on_delete=models.PROTECT,
        related_name="transitions",
        null=True,
        blank=True,
        verbose_name=_("evidence"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """Nobody calls money paid without evidence."""

        verbose_name = _("payment step")
        verbose_name_plural = _("payment steps")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(to_status="succeeded") | Q(fact__isnull=False),
                name="payments_paymenttransition_success_has_evidence",
            ),
        )

    def __str__(self) -> str:
        """Show the edge."""
        return f"#{self.edge} {self.from_status} -> {self.to_status}"
