"""When each job last ran and how it ended: what keeps two runners out of each other's way."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One row per job. A runner takes a job by moving ``due_at`` forward; one of two succeeds."""

    name = models.CharField(_("job"), max_length=100, primary_key=True)
    due_at = models.DateTimeField(_("due at"))
    started_at = models.DateTimeField(_("last started"))
    finished_at = models.DateTimeField(_("last finished"), null=True, blank=True)
    counts = models.JSONField(_("last result"), default=dict, blank=True)
    troubles = models.JSONField(_("rows that fail"), default=dict, blank=True)
    error = models.TextField(_("last error"), blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)

    class Meta:
        """Names for the admin."""

        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("name",)

    def __str__(self) -> str:
        """The job's name."""
        return self.name
