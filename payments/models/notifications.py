"""The inbox: every message an acquirer sent, raw, stored before anybody judged it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Notification(models.Model):
    """One message, byte for byte, with what checking it found and what came of it."""

    # In the place of an error: it was too old to be judged anew, so the acquirer was asked.
    ASKED: ClassVar[str] = "asked"

    class Status(models.TextChoices):
        """How far the message is."""

        RECEIVED = "received", _("stored, not yet judged")
        VERIFIED = "verified", _("genuine, to be acted on")
        APPLIED = "applied", _("acted on")
        REJECTED = "rejected", _("proves nothing")

    account_code = models.CharField(_("account"), max_length=40)
    digest = models.CharField(_("digest of the message"), max_length=64)
    copies = models.PositiveIntegerField(_("times received"), default=1)
    method = models.CharField(_("method"), max_length=10)
    path = models.CharField(_("path"), max_length=200)
    query = models.BinaryField(_("query"), default=bytes)
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"), default=bytes)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.RECEIVED
    )
    reject_reason = models.CharField(_("why it proves nothing"), max_length=20, blank=True)
    account_version = models.PositiveIntegerField(_("version that verified it"), null=True)
    event_id = models.CharField(_("acquirer's event"), max_length=128, blank=True)
    key_serial = models.CharField(_("key"), max_length=128, blank=True)
    subjects = models.JSONField(_("what it is about"), default=list)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    received_at = models.DateTimeField(pgettext_lazy("message", "received"))
    last_received_at = models.DateTimeField(_("received last"))
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    applied_at = models.DateTimeField(_("acted on at"), null=True, blank=True)
    next_action_at = models.DateTimeField(_("next step due"), null=True, blank=True)

    class Meta:
        """The same bytes are stored once and counted."""

        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("account_code", "digest"), name="payments_notification_bytes_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_notification_due",
            ),
            models.Index(fields=("account_code", "event_id"), name="payments_notification_event"),
        )

    def __str__(self) -> str:
        """Show account and the acquirer's event."""
        return f"{self.account_code} {self.event_id or self.digest[:12]}"
