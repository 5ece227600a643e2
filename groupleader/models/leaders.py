"""Group leaders: verified people with pickup points, a way of being taxed and an account to pay."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from groupleader.models.parties import PAYEE_WHOLE, PayeeAccount
from groupleader.services.taxes import TaxRegime
from payments.api import Edges


class Leader(PayeeAccount):
    """A neighbour who opens groups and hands over; her user is the account she signs in with."""

    class Status(models.TextChoices):
        """Where her application stands."""

        APPLIED = "applied", _("Applied")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    EDGES: ClassVar[Edges] = {
        Status.APPLIED: frozenset({Status.ACTIVE, Status.SUSPENDED}),
        Status.ACTIVE: frozenset({Status.SUSPENDED}),
        Status.SUSPENDED: frozenset({Status.ACTIVE}),
    }

    class Regime(models.TextChoices):
        """How her income is taxed; the figures are in the dated tables."""

        PLATFORM_CUMULATIVE = TaxRegime.PLATFORM_CUMULATIVE, _("Platform income, cumulative")
        PER_PAYMENT = TaxRegime.PER_PAYMENT, _("Labour remuneration, per payment")
        BUSINESS_ENTITY = TaxRegime.BUSINESS_ENTITY, _("Registered business, by invoice")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="leader",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=60)
    tier = models.CharField(
        _("tier"), max_length=20, blank=True, help_text=_("Commission rules may name a tier.")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.APPLIED
    )
    tax_regime = models.CharField(
        _("taxed as"), max_length=24, choices=Regime.choices, default=Regime.PLATFORM_CUMULATIVE
    )
    invited_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invited",
        verbose_name=_("brought in by"),
    )
    earns_commission = models.BooleanField(
        _("earns commission"),
        default=True,
        help_text=_("Off for the people of a bank's outlet: they hand over and are paid nothing."),
    )
    created_at = models.DateTimeField(_("applied at"), auto_now_add=True)

    class Meta:
        """Admin lists them by name."""

        verbose_name = _("group leader")
        verbose_name_plural = _("group leaders")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="groupleader_leader_payee_whole",
                condition=PAYEE_WHOLE,
            ),
            models.CheckConstraint(
                name="groupleader_leader_brought_in_by_another",
                condition=models.Q(invited_by__isnull=True) | ~models.Q(invited_by=models.F("id")),
            ),
        ]

    def __str__(self) -> str:
        """Show her name."""
        return self.name

    @property
    def ref(self) -> str:
        """Return the sub-ledger dimension under which the ledger keeps what she is owed."""
        return str(self.pk)
