"""Goodwill beyond a refund: the mall gives something of its own, with a reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.aftersales.models.cases import AfterSalesCase


class Compensation(models.Model):
    """Money given on top, out of what she paid for the order; the mall bears it."""

    case = models.ForeignKey(
        AfterSalesCase,
        on_delete=models.PROTECT,
        related_name="compensations",
        verbose_name=_("case"),
    )
    minor = models.PositiveBigIntegerField(_("to the resident (fen)"))
    value_minor = models.PositiveBigIntegerField(_("in all (fen)"))
    reason = models.CharField(_("reason"), max_length=200)
    key = models.CharField(_("form's key"), max_length=64)
    refund_no = models.CharField(_("refund"), max_length=32, unique=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="compensations_given",
        verbose_name=_("given by"),
    )
    # the day on which it counts against her limit
    counted_on = models.DateField(_("counted on"))
    at = models.DateTimeField(_("at"))

    class Meta:
        """A form sent twice gives once."""

        verbose_name = _("goodwill")
        verbose_name_plural = _("goodwill")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="aftersales_compensation_once"),
            models.CheckConstraint(
                condition=Q(value_minor__gt=0, minor__lte=models.F("value_minor")),
                name="aftersales_compensation_gives_something",
            ),
        ]

    def __str__(self) -> str:
        """Show how much."""
        return f"{self.minor}"
