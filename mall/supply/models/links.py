"""The door a supplier has instead of an account: a link with a long random token, for a time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from mall.supply.models.orders import PurchaseOrder


class SupplierLink(models.Model):
    """A key to one supplier's pages. Only the token's digest is kept: who reads this opens none."""

    supplier = models.ForeignKey(
        "partner.Partner",
        on_delete=models.CASCADE,
        related_name="links",
        verbose_name=_("supplier"),
    )
    purchase = models.ForeignKey(
        PurchaseOrder,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="links",
        verbose_name=_("purchase order"),
    )
    token_sha256 = models.CharField(_("digest of the token"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=150)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.CharField(_("revoked by"), max_length=150, blank=True)
    opened_at = models.DateTimeField(_("first opened at"), null=True, blank=True)

    class Meta:
        """The newest first."""

        verbose_name = _("supplier's link")
        verbose_name_plural = _("suppliers' links")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["purchase", "revoked_at"], name="supply_link_of_purchase")]

    def __str__(self) -> str:
        """Name the supplier."""
        return str(self.supplier)
