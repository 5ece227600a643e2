"""What a supplier is owed, line by line, and the service fee agreed with it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.parties import SupplierAccount
from groupleader.models.statements import SettlementStatement


class SupplierDue(models.Model):
    """One movement of what a supplier is owed: as the books moved 2201, line by line."""

    class Kind(models.TextChoices):
        """What moved it."""

        GOODS = "goods", _("Goods collected")
        UNDONE = "undone", _("Hand-over undone")
        RETURNED = "returned", _("Cost of goods refunded")
        VOUCHER = "voucher", _("Voucher redeemed")

    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        related_name="dues",
        verbose_name=_("supplier"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    key = models.CharField(_("what it is of"), max_length=120, unique=True)
    order_no = models.CharField(_("order number"), max_length=32, blank=True, db_index=True)
    line_id = models.CharField(_("order line"), max_length=40, blank=True, db_index=True)
    title = models.CharField(_("goods"), max_length=255, blank=True)
    quantity = models.IntegerField(_("quantity"), default=0)
    amount_minor = models.BigIntegerField(_("amount (fen)"))
    at = models.DateTimeField(_("at"))
    due_at = models.DateTimeField(_("settled from"))
    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        null=True,
        related_name="dues",
        verbose_name=_("statement"),
    )

    class Meta:
        """Written once per movement; only what takes back is negative."""

        verbose_name = _("supplier's line")
        verbose_name_plural = _("suppliers' lines")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["supplier", "due_at"],
                condition=Q(statement__isnull=True),
                name="groupleader_due_open",
            ),
            models.Index(fields=["supplier", "-at"], name="groupleader_due_time"),
        ]
        constraints = [
            models.CheckConstraint(
                name="groupleader_due_not_nothing", condition=~Q(amount_minor=0)
            ),
        ]

    def __str__(self) -> str:
        """Show the order and the goods."""
        return f"{self.order_no} {self.title}".strip()


class SupplierTerms(models.Model):
    """The service fee agreed with a supplier: a share of what its statement lists, by date."""

    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        related_name="terms",
        verbose_name=_("supplier"),
    )
    fee_rate = models.DecimalField(
        _("service fee"), max_digits=5, decimal_places=4, help_text=_("0.1 is ten percent.")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day; empty: without end.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        """The newest first."""

        verbose_name = _("supplier's terms")
        verbose_name_plural = _("suppliers' terms")
        ordering = ["supplier", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "valid_from"], name="groupleader_terms_one_a_day"
            ),
            models.CheckConstraint(
                name="groupleader_terms_fee_sane", condition=Q(fee_rate__gte=0, fee_rate__lte=1)
            ),
            models.CheckConstraint(
                name="groupleader_terms_days",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        """Show the rate and its first day."""
        return f"{self.fee_rate * 100:f} % {self.valid_from}"
