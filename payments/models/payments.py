"""Payments: one attempt each to collect what is owed, and who funds which part of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.kernel.money import Money
from payments.kernel.tenders import Funder as FunderWord
from payments.models.accounts import AcquirerAccount
from payments.models.agreements import CardAgreement


class Payment(models.Model):
    """One attempt to collect a payer's money through one acquirer, under one number of ours.

    Money truth is monotone: SUCCEEDED is never left. The edges between states, numbered as in the
    design, are data in payments.services.machine; only payments.services.facts and the services
    beside it move a row.
    """

    class Status(models.TextChoices):
        """What we know of the money."""

        CREATED = "created", _("prepared")
        SENT = "sent", _("sent to the acquirer")
        PENDING = "pending", _("waiting for the payer")
        UNKNOWN = "unknown", _("no trustworthy answer yet")
        CLOSING = "closing", _("being closed")
        SUCCEEDED = "succeeded", _("paid")
        FAILED = "failed", _("not paid")
        CLOSED = "closed", _("closed")

    class Application(models.TextChoices):
        """What we did with the money."""

        NONE = "none", _("nothing yet")
        APPLIED = "applied", _("paid what was owed")
        SURPLUS = "surplus", _("too much, returned")
        HELD = "held", _("held for a person to look at")

    class Scene(models.TextChoices):
        """Where the payer stands; the words of acquiring's Scene."""

        NATIVE_QR = "native_qr", _("QR code")
        H5 = "h5", _("acquirer's page")
        MINIPROGRAM = "miniprogram", _("mini program")
        APP = "app", _("app")
        BARCODE = "barcode", _("payer's code")
        CARD_TOKEN = "card_token", _("tied card")

    class Purse(models.TextChoices):
        """What the payer takes her money out of; the words of acquiring's Purse."""

        BANK = "bank", _("bank card")
        WECHAT = "wechat", _("WeChat Pay")
        ALIPAY = "alipay", _("Alipay")
        UNIONPAY = "unionpay", _("UnionPay app")
        BANK_APP = "bank_app", _("the bank's app")

    payment_no = models.CharField(_("payment number"), max_length=32, unique=True)
    reference = models.CharField(_("for"), max_length=64, db_index=True)
    payer_ref = models.CharField(_("payer"), max_length=64)
    account = models.ForeignKey(
        AcquirerAccount,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=_("acquirer account"),
    )
    merchant = models.CharField(
        _("acquirer and merchant number"),
        max_length=110,
        help_text=_("Within one merchant an acquirer's number stands for one payment."),
    )
    scene = models.CharField(_("scene"), max_length=20, choices=Scene.choices)
    purse = models.CharField(
        _("purse"),
        max_length=12,
        blank=True,
        choices=Purse.choices,
        help_text=_("What the payer chose to pay out of; nothing: whatever the account offers."),
    )
    agreement = models.ForeignKey(
        CardAgreement,
        on_delete=models.PROTECT,
        related_name="payments",
        null=True,
        blank=True,
        verbose_name=_("tied card"),
    )
    seller_ref = models.CharField(
        _("seller"),
        max_length=64,
        blank=True,
        help_text=_("Whose goods are paid, where routing rules look at it."),
    )
    payer_ip = models.GenericIPAddressField(
        _("payer's address"),
        null=True,
        blank=True,
        help_text=_("Some acquirers want to know where their page is opened from."),
    )
    subject = models.CharField(_("subject"), max_length=120)
    continue_url = models.CharField(_("page to go on to"), max_length=500)
    lang = models.CharField(_("language"), max_length=16, blank=True)
    amount_minor = models.BigIntegerField(_("charged to the payer"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    captured_minor = models.BigIntegerField(_("received"), default=0)
    refund_committed_minor = models.BigIntegerField(_("given back or promised"), default=0)
    split_committed_minor = models.BigIntegerField(_("shared out or to be"), default=0)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.CREATED
    )
    application = models.CharField(
        _("application"), max_length=20, choices=Application.choices, default=Application.NONE
    )
    acquirer_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    step_kind = models.CharField(_("next step"), max_length=20, blank=True)
    step_url = models.CharField(_("page of the next step"), max_length=1000, blank=True)
    step_fields = models.JSONField(
        _("fields of the next step"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("What her browser posts there, or hands to the purse's own program."),
    )
    failure_code = models.CharField(_("reason of failure"), max_length=64, blank=True)
    failure_message = models.CharField(_("acquirer's words"), max_length=500, blank=True)
    failure_advice = models.CharField(_("what may be tried"), max_length=20, blank=True)
    close_reason = models.CharField(_("reason of closing"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("to be paid until"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    queried_at = models.DateTimeField(_("last asked about"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended without money"), null=True, blank=True)
    next_action_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """Numbers stand for one thing; at most one payment is applied to what is owed."""

        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_payment_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(captured_minor__gte=0) & Q(captured_minor__lte=F("amount_minor")),
                name="payments_payment_captured_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(refund_committed_minor__gte=0)
                & Q(refund_committed_minor__lte=F("captured_minor")),
                name="payments_payment_refunds_within_captured",
            ),
            models.CheckConstraint(
                condition=Q(split_committed_minor__gte=0)
                & Q(split_committed_minor__lte=F("captured_minor") - F("refund_committed_minor")),
                name="payments_payment_shares_within_rest",
            ),
            models.CheckConstraint(
                condition=(Q(status="succeeded") & Q(captured_minor__gt=0))
                | (~Q(status="succeeded") & Q(captured_minor=0)),
                name="payments_payment_captured_iff_succeeded",
            ),
            models.CheckConstraint(
                condition=~Q(application__in=["applied", "surplus"]) | Q(status="succeeded"),
                name="payments_payment_applied_only_if_succeeded",
            ),
            models.UniqueConstraint(
                fields=("reference",),
                condition=Q(application="applied"),
                name="payments_payment_one_applied",
            ),
            models.UniqueConstraint(
                fields=("merchant", "acquirer_no"),
                condition=~Q(acquirer_no=""),
                name="payments_payment_acquirer_no_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_payment_due",
            ),
            models.Index(
                fields=("expires_at",),
                condition=Q(status__in=["created", "sent", "pending", "unknown"]),
                name="payments_payment_expiring",
            ),
            # Reconciliation asks for one day of what came true.
            models.Index(
                fields=("succeeded_at",),
                condition=Q(succeeded_at__isnull=False),
                name="payments_payment_succeeded",
            ),
        )

    def __str__(self) -> str:
        """Show our number."""
        return self.payment_no

    @property
    def amount(self) -> Money:
        """What the payer is charged."""
        return Money(self.amount_minor, self.currency)

    @property
    def captured(self) -> Money:
        """What arrived."""
        return Money(self.captured_minor, self.currency)


class Tender(models.Model):
    """One funder's part of a payment: as quoted, and as the acquirer says it was."""

    class Funder(models.TextChoices):
        """Whose money the part is; the words of the kernel's Funder."""

        PAYER = FunderWord.PAYER, _("payer")
        BANK = FunderWord.BANK, _("bank")
        PLATFORM = FunderWord.PLATFORM, _("platform")
        SUPPLIER = FunderWord.SUPPLIER, _("supplier")
        GOVERNMENT = FunderWord.GOVERNMENT, _("government")
        LEADER = FunderWord.LEADER, _("group leader")

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="tenders", verbose_name=_("payment")
    )
    funder = models.CharField(_("funder"), max_length=20, choices=Funder.choices)
    ref = models.CharField(_("offer"), max_length=64, blank=True)
    estimated_minor = models.BigIntegerField(_("quoted"))
    actual_minor = models.BigIntegerField(_("booked"), default=0)
    refund_committed_minor = models.BigIntegerField(_("given back or promised"), default=0)
    is_expected = models.BooleanField(
        _("the acquirer takes it off"),
        default=False,
        help_text=_("We ask the whole amount and expect the acquirer to take this part off it."),
    )

    class Meta:
        """A funder's offer appears once per payment and gives back no more than it gave."""

        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        ordering = ("payment", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("payment", "funder", "ref"), name="payments_tender_part_once"
            ),
            models.CheckConstraint(
                condition=Q(estimated_minor__gte=0) & Q(actual_minor__gte=0),
                name="payments_tender_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(refund_committed_minor__gte=0)
                & Q(refund_committed_minor__lte=F("actual_minor")),
                name="payments_tender_refunds_within_actual",
            ),
        )

    def __str__(self) -> str:
        """Show funder and quoted amount in minor units."""
        return f"{self.funder} {self.estimated_minor}"
