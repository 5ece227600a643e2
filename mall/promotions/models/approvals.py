"""What one person proposes about an offer or a batch of vouchers, and another lets happen."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.banks.models import BankUnit
from payments.api import Edges


class Proposal(models.Model):
    """A launch or another budget, waiting for a second person; maker and checker are two people.

    It is about a subject by kind and key, and about its facts as they were: if they change
    before it is decided, it is void.
    """

    class Action(models.TextChoices):
        """What is to happen."""

        LAUNCH = "launch", _("Launch")
        BUDGET = "budget", _("Another budget")

    class Status(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed", _("Waits for a second person")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")
        VOID = "void", _("Void: what was proposed has changed since")
        EXPIRED = "expired", _("Expired")
        WAIVED = "waived", _("Done without a second person")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset(
            {Status.APPROVED, Status.REFUSED, Status.WITHDRAWN, Status.VOID, Status.EXPIRED}
        ),
        Status.APPROVED: frozenset(),
        Status.REFUSED: frozenset(),
        Status.WITHDRAWN: frozenset(),
        Status.VOID: frozenset(),
        Status.EXPIRED: frozenset(),
        Status.WAIVED: frozenset(),
    }

    action = models.CharField(_("what"), max_length=8, choices=Action.choices)
    subject_kind = models.CharField(_("kind of subject"), max_length=20)
    subject_pk = models.PositiveBigIntegerField(_("key of the subject"))
    subject_name = models.CharField(_("about"), max_length=80)
    owner = models.ForeignKey(
        BankUnit,
        on_delete=models.PROTECT,
        related_name="proposals",
        verbose_name=_("bank unit"),
        null=True,
        blank=True,
    )
    # the facts that are approved, and what tells them from any others
    snapshot = models.JSONField(_("as it was proposed"), encoder=DjangoJSONEncoder)
    digest = models.CharField(_("digest"), max_length=64)
    budget_from_minor = models.PositiveBigIntegerField(_("budget before (fen)"), null=True)
    budget_to_minor = models.PositiveBigIntegerField(_("budget then (fen)"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    proposed_by = models.CharField(_("proposed by"), max_length=150)
    proposed_at = models.DateTimeField(_("proposed at"))
    expires_at = models.DateTimeField(_("to be decided until"))
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    class Meta:
        """Two persons, one open proposal of a kind about a subject, a reason for every refusal."""

        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-pk"]
        permissions = [("approve_proposal", "Can approve what another proposed about offers")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_pk", "action"],
                condition=Q(status="proposed"),
                name="promotions_proposal_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="promotions_proposal_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | Q(decided_by=F("proposed_by")),
                name="promotions_proposal_withdrawn_by_its_maker",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(answer=""),
                name="promotions_proposal_refused_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=""), name="promotions_proposal_has_a_maker"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(status="proposed"),
                name="promotions_proposal_to_expire",
            ),
            models.Index(fields=["subject_kind", "subject_pk"], name="promotions_proposal_about"),
        ]

    def __str__(self) -> str:
        """Show what about what."""
        return f"{self.get_action_display()}: {self.subject_name}"
