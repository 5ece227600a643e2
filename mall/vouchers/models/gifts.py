"""Gifts for tying a card the first time (首绑有礼): the rules, and what was given to whom."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.vouchers.models.batches import VoucherBatch
from mall.vouchers.models.vouchers import Voucher
from payments.api import Edges


class GiftRule(models.Model):
    """Who ties such a card for the first time gets a voucher or a red packet of a batch."""

    class State(models.TextChoices):
        """Where the rule is in its life."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Running")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    EDGES: ClassVar[Edges] = {
        State.DRAFT: frozenset({State.ACTIVE}),
        State.ACTIVE: frozenset({State.PAUSED, State.ENDED}),
        State.PAUSED: frozenset({State.ACTIVE, State.ENDED}),
        State.ENDED: frozenset(),
    }

    class CardKind(models.TextChoices):
        """Which kind of card."""

        DEBIT = "debit", _("Debit card")
        CREDIT = "credit", _("Credit card")

    name = models.CharField(_("name"), max_length=60)
    state = models.CharField(
        _("state"), max_length=6, choices=State.choices, default=State.DRAFT, editable=False
    )
    issuer_code = models.CharField(
        _("bank"), max_length=16, blank=True, help_text=_("Its code; empty means any bank.")
    )
    card_kind = models.CharField(
        _("card"),
        max_length=6,
        choices=CardKind.choices,
        blank=True,
        help_text=_("Empty means both kinds."),
    )
    batch = models.ForeignKey(
        VoucherBatch, on_delete=models.PROTECT, related_name="gift_rules", verbose_name=_("gift")
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    total_limit = models.PositiveIntegerField(_("gifts in all"), null=True, blank=True)
    given_count = models.PositiveIntegerField(_("given"), default=0, editable=False)

    class Meta:
        """The database keeps the number of gifts."""

        verbose_name = _("first-tie gift")
        verbose_name_plural = _("first-tie gifts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="vouchers_giftrule_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(total_limit=None) | Q(given_count__lte=F("total_limit")),
                name="vouchers_giftrule_within_total",
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    def clean(self) -> None:
        """Refuse a rule that makes no sense (the admin calls this)."""
        if None not in {self.starts_at, self.ends_at} and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("It must end after it begins.")})


class Gift(models.Model):
    """A first-tie gift that was given: once per person, bank and kind, once per card, for ever."""

    rule = models.ForeignKey(
        GiftRule, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("rule")
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="first_tie_gifts",
        verbose_name=_("resident"),
    )
    issuer_code = models.CharField(_("bank"), max_length=16)
    card_kind = models.CharField(_("card"), max_length=16)
    fingerprint = models.CharField(_("card fingerprint"), max_length=128)
    agreement_no = models.CharField(_("tied card"), max_length=32, unique=True)
    voucher = models.OneToOneField(
        Voucher, on_delete=models.PROTECT, related_name="gift", verbose_name=_("voucher")
    )
    at = models.DateTimeField(_("given"))

    class Meta:
        """Untying and tying again, or tying the card elsewhere, brings no second gift."""

        verbose_name = _("gift given")
        verbose_name_plural = _("gifts given")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "issuer_code", "card_kind"],
                name="vouchers_gift_once_per_person_and_kind",
            ),
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=~Q(fingerprint=""),
                name="vouchers_gift_once_per_card",
            ),
        ]

    def __str__(self) -> str:
        """Show the card and the voucher."""
        return f"{self.agreement_no} {self.voucher_id}"
