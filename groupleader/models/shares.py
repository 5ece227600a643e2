"""Sub-pickup points: who keeps one, and what part of the leader's commission is the keeper's."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.leaders import Leader


class KeeperShare(models.Model):
    """A keeper gets this share of the leader's commission on what is collected at the point."""

    point_ref = models.CharField(_("pickup point"), max_length=40)
    # what the point was called when it was agreed; the agreement goes by the number
    point_name = models.CharField(_("called"), max_length=120, blank=True)
    keeper = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="kept_points", verbose_name=_("keeper")
    )
    share = models.DecimalField(
        _("share of the leader's commission"),
        max_digits=5,
        decimal_places=4,
        help_text=_("0.1 is ten percent."),
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        """One keeper at a time; agreements are ended, not deleted."""

        verbose_name = _("keeper's share")
        verbose_name_plural = _("keepers' shares")
        ordering = ["point_ref", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["point_ref"],
                condition=Q(until__isnull=True),
                name="groupleader_keeper_one_at_a_time",
            ),
            models.CheckConstraint(
                name="groupleader_keeper_share", condition=Q(share__gt=0, share__lte=1)
            ),
            models.CheckConstraint(
                name="groupleader_keeper_interval",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
        ]

    def __str__(self) -> str:
        """Show point and keeper."""
        return f"{self.point_name or self.point_ref} {self.keeper}"
