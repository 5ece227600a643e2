"""Where the acquirer sends somebody's shares: proposed by one of staff, agreed to by another."""

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


class ReceiverChange(OfParty):
    """One receiver of shares at an acquirer; in force once the acquirer knows it, too."""

    class Status(models.TextChoices):
        """Whether it is in force."""

        PROPOSED = "proposed", _("waits for a second person")
        APPLIED = "applied", pgettext_lazy("account", "in force")
        REFUSED = "refused", pgettext_lazy("account", "refused")

    class Kind(models.TextChoices):
        """What it is at the acquirer."""

        MERCHANT = "merchant", _("A merchant number")
        PERSON = "person", _("A person's account")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.APPLIED, Status.REFUSED}),
        Status.APPLIED: frozenset(),
        Status.REFUSED: frozenset(),
    }

    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="receiver_changes",
        verbose_name=_("leader"),
    )
    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        null=True,
        related_name="receiver_changes",
        verbose_name=_("supplier"),
    )
    account_code = models.CharField(_("acquirer account"), max_length=40)
    receiver = models.CharField(_("receiver at the acquirer"), max_length=64)
    name = models.CharField(_("registered name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    before = models.CharField(_("receiver before"), max_length=64, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    said = models.CharField(_("what the acquirer said last"), max_length=300, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
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

    class Meta:
        """Two people; one proposal at a time."""

        verbose_name = _("receiver of shares")
        verbose_name_plural = _("receivers of shares")
        ordering = ["-pk"]
        permissions = [
            ("decide_receiverchange", _("Can decide about a receiver another proposed")),
        ]
        constraints = [
            models.CheckConstraint(name="groupleader_receiver_party", condition=ONE_PARTY),
            models.UniqueConstraint(
                fields=["leader"],
                condition=Q(status="proposed"),
                name="groupleader_receiver_one_leader",
            ),
            models.UniqueConstraint(
                fields=["supplier"],
                condition=Q(status="proposed"),
                name="groupleader_receiver_one_supplier",
            ),
            models.CheckConstraint(
                name="groupleader_receiver_two_people",
                condition=~Q(status="applied")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
        ]

    def __str__(self) -> str:
        """Show its last four characters."""
        return f"····{self.receiver[-4:]}"
