"""Tied cards: the agreement to charge a card, never the card number."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.state import Edges
from payments.models.accounts import AcquirerAccount
from payments.models.tying import ConsentText


class AgreementQuerySet(models.QuerySet["CardAgreement"]):
    """Tied cards by what may be done with them."""

    def chargeable(self) -> AgreementQuerySet:
        """Leave what can be charged now: tied, and not past its time."""
        in_time = Q(expires_at__isnull=True) | Q(expires_at__gt=now())
        return self.filter(in_time, status=CardAgreement.Status.ACTIVE)


class CardAgreement(models.Model):
    """A card somebody allowed us to charge, as the acquirer describes it."""

    class Status(models.TextChoices):
        """The life of a tied card."""

        PENDING = "pending", _("being tied")
        ACTIVE = "active", _("tied")
        SUSPENDED = "suspended", _("suspended by the bank")
        UNBINDING = "unbinding", _("being untied")
        ENDED = "ended", _("untied")
        FAILED = "failed", _("not tied")

    EDGES: ClassVar[Edges] = {
        Status.PENDING: frozenset(
            {Status.ACTIVE, Status.SUSPENDED, Status.FAILED, Status.ENDED, Status.UNBINDING}
        ),
        Status.ACTIVE: frozenset({Status.SUSPENDED, Status.UNBINDING, Status.ENDED}),
        Status.SUSPENDED: frozenset({Status.ACTIVE, Status.UNBINDING, Status.ENDED}),
        Status.UNBINDING: frozenset({Status.ENDED}),
        Status.FAILED: frozenset({Status.ACTIVE, Status.SUSPENDED, Status.ENDED}),
        Status.ENDED: frozenset(),
    }

    class BinCheck(models.TextChoices):
        """How the acquirer's words about a card compare with our table of prefixes."""

        UNCHECKED = "", _("not compared")
        AGREES = "agrees", _("as our table says")
        DIFFERS = "differs", _("our table says otherwise")
        UNKNOWN = "unknown", _("not in our table")

    agreement_no = models.CharField(_("agreement number"), max_length=32, unique=True)
    owner_ref = models.CharField(_("owner"), max_length=64, db_index=True)
    account = models.ForeignKey(
        AcquirerAccount,
        on_delete=models.PROTECT,
        related_name="agreements",
        verbose_name=_("acquirer account"),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.PENDING
    )
    token = models.CharField(_("token"), max_length=200, blank=True)
    last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    bin = models.CharField(_("first digits"), max_length=8, blank=True)
    issuer_code = models.CharField(_("issuer"), max_length=16, blank=True)
    issuer_name = models.CharField(_("issuer's name"), max_length=60, blank=True)
    kind = models.CharField(_("debit or credit"), max_length=16, blank=True)
    scheme = models.CharField(_("scheme"), max_length=32, blank=True)
    fingerprint = models.CharField(_("card fingerprint"), max_length=128, blank=True, db_index=True)
    bin_check = models.CharField(
        _("card prefix"), max_length=10, choices=BinCheck.choices, blank=True, default=""
    )
    table_issuer_code = models.CharField(_("issuer by our table"), max_length=16, blank=True)
    table_kind = models.CharField(_("kind by our table"), max_length=16, blank=True)
    table_mark = models.CharField(_("mark by our table"), max_length=20, blank=True)
    holder_mask = models.CharField(_("holder"), max_length=40, blank=True)
    phone_mask = models.CharField(_("phone"), max_length=40, blank=True)
    is_default = models.BooleanField(_("default card"), default=False)
    consent_version = models.CharField(_("agreed to"), max_length=40, blank=True)
    consent_ip = models.GenericIPAddressField(_("agreed from"), null=True, blank=True)
    consent_text = models.ForeignKey(
        ConsentText,
        on_delete=models.PROTECT,
        related_name="agreements",
        null=True,
        blank=True,
        verbose_name=_("text agreed to"),
    )
    consent_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, blank=True)
    consented_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=64, blank=True)
    bind_date = models.DateField(_("day of tying"))
    bind_slot = models.PositiveSmallIntegerField(_("attempt of the day"))
    step_url = models.CharField(_("signing page"), max_length=2000, blank=True)
    step_fields = models.JSONField(
        _("fields of the signing page"), default=dict, blank=True, editable=False
    )
    end_reason = models.CharField(_("reason of ending"), max_length=64, blank=True)
    failure_code = models.CharField(_("reason of failure"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"))
    signed_at = models.DateTimeField(_("tied at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    queried_at = models.DateTimeField(_("last asked about"), null=True, blank=True)
    next_action_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        """One default card per owner; a token stands for one agreement; tries a day are counted."""

        verbose_name = _("tied card")
        verbose_name_plural = _("tied cards")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("owner_ref",),
                condition=Q(is_default=True),
                name="payments_cardagreement_one_default",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(status="active"),
                name="payments_cardagreement_default_is_active",
            ),
            models.UniqueConstraint(
                fields=("account", "token"),
                condition=~Q(token=""),
                name="payments_cardagreement_token_once",
            ),
            models.UniqueConstraint(
                fields=("owner_ref", "bind_date", "bind_slot"),
                name="payments_cardagreement_tries_of_the_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | ~Q(token=""),
                name="payments_cardagreement_active_has_token",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_agreement_due",
            ),
        )

    def __str__(self) -> str:
        """Show issuer and last four digits."""
        return f"{self.issuer_name} {self.last4}".strip() or self.agreement_no
