"""Errands: what we ask an acquirer to do with money that is already ours to move."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.kernel.money import Money
from payments.kernel.state import Edges


class Errand(models.Model):
    """A refund or a transfer: sent under our number, asked about until there is a definite answer.

    Retried with the same number always; a silence is UNKNOWN and never a failure.
    """

    class Status(models.TextChoices):
        """How far the errand is."""

        CREATED = "created", _("prepared")
        SENT = "sent", _("sent to the acquirer")
        PROCESSING = "processing", _("being carried out")
        UNKNOWN = "unknown", _("no trustworthy answer yet")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("refused")
        FAILED_AFTER_SUCCESS = "failed_after_success", _("came back after it was done")

    EDGES: ClassVar[Edges] = {
        Status.CREATED: frozenset({Status.SENT, Status.SUCCEEDED, Status.FAILED}),
        Status.SENT: frozenset(
            {Status.CREATED, Status.PROCESSING, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}
        ),
        Status.PROCESSING: frozenset({Status.SUCCEEDED, Status.FAILED}),
        Status.UNKNOWN: frozenset(
            {Status.CREATED, Status.PROCESSING, Status.SUCCEEDED, Status.FAILED}
        ),
        Status.FAILED: frozenset(),
        Status.SUCCEEDED: frozenset({Status.FAILED_AFTER_SUCCESS}),
        Status.FAILED_AFTER_SUCCESS: frozenset(),
    }
    # What is not over yet and was sent at least once: to be asked about, not sent anew.
    ASKABLE = (Status.SENT, Status.PROCESSING, Status.UNKNOWN)

    reference = models.CharField(_("for"), max_length=64, db_index=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    status = models.CharField(
        _("status"), max_length=24, choices=Status.choices, default=Status.CREATED
    )
    failure_code = models.CharField(_("reason of failure"), max_length=64, blank=True)
    failure_message = models.CharField(_("acquirer's words"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    next_action_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """A shape shared by refunds and transfers, no table of its own."""

        abstract = True

    def money(self, minor: int) -> Money:
        """Return minor units as money of this errand's currency."""
        return Money(minor, self.currency)
