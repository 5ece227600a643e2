"""The code on a bag's label that tells where the goods come from; and how often it is asked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from mall.ordering.models import LineFulfilment


class TraceCode(models.Model):
    """The random code of an order line: whoever holds the bag may read where it comes from."""

    line = models.OneToOneField(
        LineFulfilment,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="trace_code",
        verbose_name=_("line"),
    )
    code = models.CharField(_("code"), max_length=16, unique=True)

    class Meta:
        """One per line."""

        verbose_name = _("trace code")
        verbose_name_plural = _("trace codes")

    def __str__(self) -> str:
        """Show the code."""
        return self.code


class AskedOften(models.Model):
    """How often somebody asked within a minute: a scale, or an address that guesses codes."""

    subject = models.CharField(_("who"), max_length=64, primary_key=True)
    started_at = models.DateTimeField(_("since"))
    count = models.PositiveIntegerField(_("how often"), default=0)

    class Meta:
        """Counted by conditional updates only."""

        verbose_name = _("requests counted")
        verbose_name_plural = _("requests counted")

    def __str__(self) -> str:
        """Name who."""
        return self.subject
