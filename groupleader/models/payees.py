"""The accounts somebody was paid to, one after the other: who changed them, and who agreed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.leaders import Leader
from groupleader.models.parties import SupplierAccount
from groupleader.models.statements import ONE_PARTY, OfParty
from payments.api import Edges


class PayeeChange(OfParty):
    """One change of the account somebody is paid to; the number stays under seal for good."""

    class Way(models.TextChoices):
        """Where it was asked for."""

        PORTAL = "portal", _("by the leader herself")
        ADMIN = "admin", _("by staff")
        SETUP = "setup", _("when it was set up")

    class Status(models.TextChoices):
        """Whether it is in force."""

        PROPOSED = "proposed", _("waits for a second person")
        APPLIED = "applied", pgettext_lazy("account", "in force")
        REFUSED = "refused", pgettext_lazy("account", "refused")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.APPLIED, Status.REFUSED}),
        Status.APPLIED: frozenset(),
        Status.REFUSED: frozenset(),
    }

    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="payee_changes",
        verbose_name=_("leader"),
    )
    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        null=True,
        related_name="payee_changes",
        verbose_name=_("supplier"),
    )
    key = models.CharField(_("key"), max_length=32, unique=True, editable=False)
    way = models.CharField(pgettext_lazy("account", "asked for"), max_length=8, choices=Way.choices)
    bank = models.CharField(_("bank"), max_length=60)
    holder = models.CharField(_("account holder"), max_length=60)
    account_sealed = models.TextField(_("account number, sealed"), editable=False)
    last4 = models.CharField(_("last four digits"), max_length=4)
    before_masked = models.CharField(_("account before"), max_length=80, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    denied_at = models.DateTimeField(_("“this was not me” at"), null=True)

    class Meta:
        """What staff change needs two of them; one proposal at a time."""

        verbose_name = _("change of an account")
        verbose_name_plural = _("changes of accounts")
        ordering = ["-pk"]
        permissions = [
            ("decide_payeechange", _("Can decide about an account another proposed")),
            ("reveal_payeechange", _("Can see whole account numbers")),
        ]
        constraints = [
            models.CheckConstraint(name="groupleader_payee_party", condition=ONE_PARTY),
            models.UniqueConstraint(
                fields=["leader"],
                condition=Q(status="proposed"),
                name="groupleader_payee_one_leader",
            ),
            models.UniqueConstraint(
                fields=["supplier"],
                condition=Q(status="proposed"),
                name="groupleader_payee_one_supplier",
            ),
            models.CheckConstraint(
                name="groupleader_payee_two_people",
                condition=~Q(way="admin", status="applied")
                | (
                    Q(asked_by__isnull=False, decided_by__isnull=False)
                    & ~Q(decided_by=F("asked_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        """Show the account as its bank and last four digits."""
        return self.masked

    @property
    def masked(self) -> str:
        """Show the account as its bank and last four digits."""
        return f"{self.bank} ····{self.last4}"


class PayeeReveal(models.Model):
    """Who looked at a whole account number, when, and why."""

    change = models.ForeignKey(
        PayeeChange, on_delete=models.PROTECT, related_name="reveals", verbose_name=_("account")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("why"), max_length=200)

    class Meta:
        """In the order it happened."""

        verbose_name = _("look at an account number")
        verbose_name_plural = _("looks at account numbers")
        ordering = ["-pk"]

    def __str__(self) -> str:
        """Show which."""
        return str(self.change)
