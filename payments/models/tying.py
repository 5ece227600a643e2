"""Before a card is tied: the text its owner agrees to, and how often she may try."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ConsentText(models.Model):
    """A version of what somebody agrees to when she ties a card; never changed, only followed."""

    class Language(models.TextChoices):
        """The languages the text is written in."""

        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    version = models.CharField(
        _("version"), max_length=20, help_text=_("For example 2026-11; one name for all languages.")
    )
    language = models.CharField(_("language"), max_length=10, choices=Language.choices)
    text = models.TextField(_("text"))
    sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, db_index=True)
    valid_from = models.DateTimeField(_("in force from"))
    written_by = models.CharField(_("written by"), max_length=64, blank=True)
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        """One text per version and language."""

        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ("-valid_from", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "language"), name="payments_consenttext_once"
            ),
        )

    def __str__(self) -> str:
        """Show version and language."""
        return f"{self.version} {self.language}"


class TyingAllowance(models.Model):
    """How many signings one person, address or browser has begun in its running window."""

    class Subject(models.TextChoices):
        """Who is counted."""

        IP = "ip", _("IP address")
        DEVICE = "device", _("device")

    subject_kind = models.CharField(_("counted by"), max_length=10, choices=Subject.choices)
    subject = models.CharField(_("who"), max_length=80)
    window_seconds = models.PositiveIntegerField(_("window in seconds"))
    started_at = models.DateTimeField(_("window began"))
    taken = models.PositiveIntegerField(_("begun"), default=0)
    most = models.PositiveIntegerField(_("at most"))
    refused = models.PositiveIntegerField(_("refused"), default=0)
    last_refused_at = models.DateTimeField(_("last refused"), null=True, blank=True)

    class Meta:
        """One row per subject and window; counted up by conditional updates only."""

        verbose_name = _("limit of tying cards")
        verbose_name_plural = _("limits of tying cards")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("subject_kind", "subject", "window_seconds"),
                name="payments_tyingallowance_one_per_window",
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("most")), name="payments_tyingallowance_not_above"
            ),
        )

    def __str__(self) -> str:
        """Show who is counted."""
        return f"{self.subject_kind} {self.subject}"


class SigningStreak(models.Model):
    """How many of a person's signings failed in a row, and until when she has to wait."""

    owner_ref = models.CharField(_("owner"), max_length=64, unique=True)
    failures = models.PositiveIntegerField(_("failed in a row"), default=0)
    last_failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    blocked_until = models.DateTimeField(_("may not try until"), null=True, blank=True)
    refused = models.PositiveIntegerField(_("refused"), default=0)

    class Meta:
        """One row per person who failed; a card that is tied ends the row of failures."""

        verbose_name = _("failed signings in a row")
        verbose_name_plural = _("failed signings in a row")
        ordering = ("-last_failed_at",)

    def __str__(self) -> str:
        """Show owner and count."""
        return f"{self.owner_ref}: {self.failures}"
