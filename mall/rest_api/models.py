"""Answers kept for wishes that may be sent again: the same key gets the same answer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptAnswer(models.Model):
    """What was answered to one Idempotency-Key of one caller, or that it is being worked on."""

    # a digest of who asked: the bearer's token, or for somebody unknown her address
    caller = models.CharField(_("caller"), max_length=64)
    key = models.CharField(_("key"), max_length=80)
    # a digest of method, address and body: the same key for another wish is refused
    wish = models.CharField(_("wish"), max_length=64)
    begun_at = models.DateTimeField(_("begun at"), db_index=True)
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    body = models.TextField(_("body"), blank=True)

    class Meta:
        """One answer per caller and key."""

        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="rest_api_answer_once")
        ]

    def __str__(self) -> str:
        """Show the key."""
        return self.key
