"""With whom we bank: one row per acquirer account and version of its settings."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AcquirerAccount(models.Model):
    """Our account at an acquirer, as it was set up once; a change of settings is a new version.

    Every payment keeps the version it was made with, so messages about it can be verified long
    after newer keys are in use.
    """

    class Status(models.TextChoices):
        """What a version may still be used for."""

        ACTIVE = "active", _("in use")
        VERIFY_ONLY = "verify_only", _("finishes what it began")
        DISABLED = "disabled", _("out of use")

    code = models.CharField(_("account"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    adapter = models.CharField(_("acquirer"), max_length=40)
    merchant_id = models.CharField(_("merchant number"), max_length=64)
    settings = models.JSONField(_("settings"), default=dict)
    keys = models.JSONField(
        _("key files"), default=dict, help_text=_("Names of key files, never the keys themselves.")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.ACTIVE
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        null=True,
        blank=True,
        help_text=_(
            "Where no rule speaks, the smallest number after the account of the settings is asked. "
            "Without a number only rules lead here."
        ),
    )
    set_up_by = models.CharField(_("set up by"), max_length=64, blank=True)
    probed_at = models.DateTimeField(
        _("open payments last asked about after a false notification"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        """One active version per account."""

        verbose_name = _("acquirer account")
        verbose_name_plural = _("acquirer accounts")
        ordering = ("code", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("code", "version"), name="payments_acquireraccount_version_once"
            ),
            models.UniqueConstraint(
                fields=("code",),
                condition=models.Q(status="active"),
                name="payments_acquireraccount_one_active",
            ),
        )

    def __str__(self) -> str:
        """Show code and version."""
        return f"{self.code} v{self.version}"
