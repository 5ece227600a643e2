"""Selling below what it costs: asked for with a reason by one person, agreed to by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models.items import GroupBuyItem


class BelowCostConsent(models.Model):
    """Holds for exactly this price and cost: change one of them and it must be asked anew."""

    item = models.ForeignKey(
        GroupBuyItem,
        on_delete=models.CASCADE,
        related_name="below_cost_consents",
        verbose_name=_("group-buy item"),
    )
    price_minor = models.PositiveIntegerField(_("lowest price"), help_text=_("In fen."))
    cost_minor = models.PositiveIntegerField(_("cost"), help_text=_("In fen."))
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="below_cost_asked",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked at"))
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="below_cost_agreed",
        verbose_name=_("agreed by"),
    )
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True)

    class Meta:
        """Two people, a reason, and really below cost."""

        verbose_name = _("consent to sell below cost")
        verbose_name_plural = _("consents to sell below cost")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "price_minor", "cost_minor"], name="groupbuy_consent_once"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__lt=F("cost_minor")), name="groupbuy_consent_below_cost"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True, agreed_at__isnull=True)
                | (
                    Q(agreed_by__isnull=False, agreed_at__isnull=False)
                    & ~Q(agreed_by=F("asked_by"))
                ),
                name="groupbuy_consent_by_two",
                violation_error_message=_("A second person has to agree."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="groupbuy_consent_has_reason"),
        ]

    def __str__(self) -> str:
        """Name the goods."""
        return str(self.item)
