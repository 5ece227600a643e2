"""What card prefixes stand for, and who tied which card first."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models.agreements import CardAgreement


class CardBin(models.Model):
    """The first digits of card numbers, and the bank and kind of card they stand for (卡 BIN).

    Prefixes may lie within one another: the longest one that fits a card speaks for it. A doubtful
    row names a bank, but contradicts nobody.
    """

    class Kind(models.TextChoices):
        """What the card draws on."""

        DEBIT = "debit", _("debit card")
        CREDIT = "credit", _("credit card")
        PREPAID = "prepaid", _("prepaid card")

    class Mark(models.TextChoices):
        """Whose networks it runs on, as far as digits tell: dual marks cannot be told by them."""

        SINGLE = "unionpay_single", _("UnionPay single-mark")
        BRAND = "dual_or_brand", _("dual-mark or foreign brand")

    prefix = models.CharField(
        _("first digits"),
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{6,10}\Z")],
    )
    issuer_code = models.CharField(_("issuer"), max_length=16, db_index=True)
    issuer_name = models.CharField(_("issuer's name"), max_length=60)
    issuer_name_en = models.CharField(_("issuer's English name"), max_length=60, blank=True)
    kind = models.CharField(_("debit or credit"), max_length=16, choices=Kind.choices)
    mark = models.CharField(_("mark"), max_length=20, choices=Mark.choices)
    length = models.PositiveSmallIntegerField(_("digits of the number"), null=True, blank=True)
    is_doubtful = models.BooleanField(_("doubtful"), default=False)
    source = models.CharField(_("source"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        """One row per prefix."""

        verbose_name = _("card prefix")
        verbose_name_plural = _("card prefixes")
        ordering = ("prefix",)
        constraints = (
            models.CheckConstraint(
                condition=Q(length__isnull=True) | Q(length__gte=12, length__lte=19),
                name="payments_cardbin_length_of_a_card",
            ),
        )

    def __str__(self) -> str:
        """Show prefix and bank."""
        return f"{self.prefix} {self.issuer_code}"


class BinImport(models.Model):
    """One change of the prefix table: which file, by whom; its number is the table's version."""

    # Of two changes that were compared with the same table one is taken.
    follows = models.PositiveBigIntegerField(_("follows version"), unique=True)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    removed = models.PositiveIntegerField(_("removed"), default=0)
    by = models.CharField(_("by"), max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        """The newest first."""

        verbose_name = _("change of card prefixes")
        verbose_name_plural = _("changes of card prefixes")
        ordering = ("-pk",)

    def __str__(self) -> str:
        """Show the file's name."""
        return f"{self.pk} {self.file_name}".strip()


class KnownCard(models.Model):
    """A card somebody tied once, by the acquirer's fingerprint: who was the first."""

    fingerprint = models.CharField(_("card fingerprint"), max_length=128, unique=True)
    first_owner_ref = models.CharField(_("first owner"), max_length=64, db_index=True)
    agreement = models.ForeignKey(
        CardAgreement,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("first tied as"),
    )
    first_tied_at = models.DateTimeField(_("first tied"))

    class Meta:
        """One row per card, whoever ties it afterwards."""

        verbose_name = _("known card")
        verbose_name_plural = _("known cards")
        ordering = ("-pk",)

    def __str__(self) -> str:
        """Show the card as its first agreement does."""
        return str(self.agreement)


class FirstTie(models.Model):
    """When a person first tied a kind of card of a bank; an empty kind: any card of this bank.

    Written once and never taken back: untying and tying again is not a first time.
    """

    owner_ref = models.CharField(_("owner"), max_length=64)
    issuer_code = models.CharField(_("issuer"), max_length=16)
    kind = models.CharField(_("debit or credit"), max_length=16, blank=True)
    agreement = models.ForeignKey(
        CardAgreement,
        on_delete=models.PROTECT,
        related_name="first_ties",
        verbose_name=_("tied card"),
    )
    tied_at = models.DateTimeField(_("tied at"))

    class Meta:
        """The database decides which of two signings at once was the first."""

        verbose_name = _("first tie")
        verbose_name_plural = _("first ties")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("owner_ref", "issuer_code", "kind"), name="payments_firsttie_once"
            ),
            models.CheckConstraint(
                condition=~Q(issuer_code=""), name="payments_firsttie_names_a_bank"
            ),
        )

    def __str__(self) -> str:
        """Show who, which bank and kind."""
        return f"{self.owner_ref} {self.issuer_code} {self.kind}".strip()
