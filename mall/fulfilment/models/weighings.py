"""What goods really weighed, and the scales that may say so."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models import LineFulfilment
from mall.pickup.models import PickupPoint


def _photo_path(_weighing: Any, name: str) -> str:
    return f"weighings/{name[:2]}/{name}"


class ScaleDevice(models.Model):
    """A scale that reports weights by itself, with a key of its own that can be taken away."""

    device_no = models.CharField(_("device number"), max_length=20, unique=True, editable=False)
    name = models.CharField(
        _("name"), max_length=60, help_text=_("Where it stands: depot, table 2.")
    )
    points = models.ManyToManyField(
        PickupPoint,
        blank=True,
        related_name="scales",
        verbose_name=_("pickup points"),
        help_text=_("It weighs the goods of these points only."),
    )
    is_at_depot = models.BooleanField(
        _("stands at the depot"),
        default=False,
        help_text=_("Then it weighs the goods of every point, until they arrive there."),
    )
    key_hash = models.CharField(_("key"), max_length=64, editable=False)
    old_key_hash = models.CharField(_("key before"), max_length=64, blank=True, editable=False)
    old_key_until = models.DateTimeField(
        _("key before valid until"), null=True, blank=True, editable=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="scales_made",
        verbose_name=_("created by"),
        editable=False,
    )
    made_at = models.DateTimeField(_("created at"), editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    last_seen_at = models.DateTimeField(_("last heard of"), null=True, blank=True, editable=False)

    class Meta:
        """By name."""

        verbose_name = _("scale")
        verbose_name_plural = _("scales")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        """Show name and number."""
        return f"{self.name} ({self.device_no})"


class Weighing(models.Model):
    """One weight of a line of weighed goods. A correction is a new row; the last one counts."""

    line = models.ForeignKey(
        LineFulfilment, on_delete=models.PROTECT, related_name="weighings", verbose_name=_("line")
    )
    piece = models.PositiveSmallIntegerField(
        _("piece"), default=0, help_text=_("Which bag of the line; 0: all of it together.")
    )
    grams = models.PositiveIntegerField(_("net weight (grams)"))
    tare_grams = models.PositiveIntegerField(_("tare (grams)"), default=0)
    typed = models.CharField(_("as typed"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    photo = models.ImageField(_("photo"), upload_to=_photo_path, blank=True, max_length=120)

    # all pieces that were left when it was weighed, and what they came to with this weight
    pieces = models.PositiveIntegerField(_("pieces"))
    line_grams = models.PositiveIntegerField(_("whole line (grams)"), null=True, blank=True)
    off_minor = models.PositiveBigIntegerField(_("taken off with it (fen)"), default=0)
    off_whole_minor = models.PositiveBigIntegerField(_("taken off in all (fen)"), default=0)
    off_cost_minor = models.PositiveBigIntegerField(
        _("not owed to the supplier in all (fen)"), default=0
    )
    refund_no = models.CharField(_("refund"), max_length=32, blank=True)

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="weighings",
        verbose_name=_("weighed by"),
    )
    device = models.ForeignKey(
        ScaleDevice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="weighings",
        verbose_name=_("scale"),
    )
    key = models.CharField(_("wish"), max_length=110, unique=True)
    body_hash = models.CharField(_("what was sent"), max_length=64, blank=True)
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="weighings_undone",
        verbose_name=_("undone by"),
    )

    class Meta:
        """Weighed by a person or by a scale; a wish once."""

        verbose_name = _("weighing")
        verbose_name_plural = _("weighings")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(grams__gt=0), name="fulfilment_weighing_has_weight"),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(device__isnull=False),
                name="fulfilment_weighing_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(off_minor__lte=models.F("off_whole_minor")),
                name="fulfilment_weighing_part_of_whole",
            ),
        ]
        indexes = [models.Index(fields=["line", "id"], name="fulfilment_weighing_of_line")]

    def __str__(self) -> str:
        """Show the weight."""
        return f"{self.grams} g"
