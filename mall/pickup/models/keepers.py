"""Who keeps a pickup point's key since when, and who helps there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.pickup.models.places import PickupPoint


class PointTenure(models.Model):
    """One leader kept a point from a moment on, until it was handed over.

    Only mall.pickup.keepers writes them.
    """

    point = models.ForeignKey(
        PickupPoint,
        on_delete=models.PROTECT,
        related_name="tenures",
        verbose_name=_("pickup point"),
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="point_tenures",
        verbose_name=_("group leader"),
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("handed over by"),
    )

    class Meta:
        """A key is in one hand at a time."""

        verbose_name = _("tenure of a pickup point")
        verbose_name_plural = _("tenures of pickup points")
        ordering = ["point", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["point"],
                condition=Q(until__isnull=True),
                name="pickup_tenure_one_keeper",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="pickup_tenure_in_order",
            ),
        ]

    def __str__(self) -> str:
        """Name point and keeper."""
        return f"{self.point}: {self.leader}"


class PointHelper(models.Model):
    """Somebody who may receive, sort and hand over at one point, and nothing else.

    Invited by phone; ``user`` and ``since`` are there once she has signed in and said yes.
    """

    point = models.ForeignKey(
        PickupPoint,
        on_delete=models.PROTECT,
        related_name="helpers",
        verbose_name=_("pickup point"),
    )
    phone = models.CharField(_("phone number"), max_length=20)
    name = models.CharField(_("name"), max_length=40, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="helps_at",
        verbose_name=_("person"),
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("invited by"),
    )
    invited_at = models.DateTimeField(_("invited at"))
    since = models.DateTimeField(_("helps since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )

    class Meta:
        """One open invitation per phone and point; who said yes is known."""

        verbose_name = _("helper at a pickup point")
        verbose_name_plural = _("helpers at pickup points")
        ordering = ["point", "ended_at", "-invited_at"]
        indexes = [models.Index(fields=["user", "ended_at"], name="pickup_helper_of_user")]
        constraints = [
            models.UniqueConstraint(
                fields=["point", "phone"],
                condition=Q(ended_at__isnull=True),
                name="pickup_helper_once",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(user__isnull=False),
                name="pickup_helper_known",
            ),
        ]

    def __str__(self) -> str:
        """Name her."""
        return self.name or f"····{self.phone[-4:]}"

    @property
    def phone_tail(self) -> str:
        """Return the last four digits, as pages show them."""
        return self.phone[-4:]
