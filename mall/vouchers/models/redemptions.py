"""Vouchers at a merchant's counter: who may take them, with which code, and what was taken."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.vouchers.models.vouchers import Voucher


class RedemptionMerchant(models.Model):
    """A shop outside the mall that takes vouchers (核券商户); it is owed what it took off."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=120, blank=True)
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="redemption_merchants",
        verbose_name=_("people at the counter"),
        help_text=_("They sign in by phone and open /redeem/."),
    )
    owner = models.ForeignKey(
        "banks.BankUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="redemption_merchants",
        verbose_name=_("looked after by"),
    )
    is_active = models.BooleanField(_("takes vouchers"), default=True)

    class Meta:
        """By name."""

        verbose_name = _("redemption merchant")
        verbose_name_plural = _("redemption merchants")
        ordering = ["name"]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    @property
    def payout_label(self) -> str:
        """Return under which name the books keep what the merchant is owed."""
        return f"merchant:{self.code}"


class RedemptionCode(models.Model):
    """A short-lived code that shows a voucher at one counter; the resident's page renews it."""

    voucher = models.ForeignKey(
        Voucher, on_delete=models.CASCADE, related_name="codes", verbose_name=_("voucher")
    )
    code = models.CharField(_("code"), max_length=8, unique=True)
    token = models.CharField(_("token of the QR"), max_length=48, unique=True)
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("good until"), db_index=True)
    opened_by = models.ForeignKey(
        RedemptionMerchant,
        on_delete=models.PROTECT,
        null=True,
        related_name="opened_codes",
        verbose_name=pgettext_lazy("counter", "opened at"),
    )
    opened_at = models.DateTimeField(_("opened"), null=True)

    class Meta:
        """A code is good for one voucher and, once opened, at one counter."""

        verbose_name = _("redemption code")
        verbose_name_plural = _("redemption codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(made_at__lt=F("expires_at")), name="vouchers_redemptioncode_lasts"
            )
        ]

    def __str__(self) -> str:
        """Show the voucher, never the code."""
        return f"{self.voucher_id}"


class Redemption(models.Model):
    """A voucher taken at a merchant's counter; an undone one stays, with the reason."""

    redemption_no = models.CharField(_("redemption number"), max_length=20, unique=True)
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, related_name="redemptions", verbose_name=_("voucher")
    )
    merchant = models.ForeignKey(
        RedemptionMerchant,
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("merchant"),
    )
    bill_minor = models.PositiveBigIntegerField(_("bill (fen)"))
    discount_minor = models.PositiveBigIntegerField(_("taken off (fen)"))
    business_date = models.DateField(_("day"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="redemptions_taken",
        verbose_name=_("taken by"),
    )
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_on = models.DateField(_("undone on"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="redemptions_undone",
        verbose_name=_("undone by"),
    )

    class Meta:
        """A voucher is taken once, and never takes off more than the bill."""

        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["voucher"],
                condition=Q(undone_at=None),
                name="vouchers_redemption_once_per_voucher",
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gt=0, discount_minor__lte=F("bill_minor")),
                name="vouchers_redemption_within_the_bill",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "business_date"], name="vouchers_redemption_by_day"),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.redemption_no


class CounterLock(models.Model):
    """Wrong codes typed at a merchant's counter; five lock its screen for a minute."""

    merchant = models.OneToOneField(
        RedemptionMerchant,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="code_lock",
        verbose_name=_("merchant"),
    )
    wrong_tries = models.PositiveSmallIntegerField(_("wrong codes in a row"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)

    class Meta:
        """One per merchant."""

        verbose_name = _("lock against guessed voucher codes")
        verbose_name_plural = _("locks against guessed voucher codes")

    def __str__(self) -> str:
        """Name the merchant."""
        return str(self.merchant)
