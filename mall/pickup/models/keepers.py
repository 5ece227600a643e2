"""Who keeps a pickup point's key since when, and who helps there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


class PointHandover(models.Model):
    """A point goes from one leader to another, at once or on a day; what follows her is counted."""

    class Status(models.TextChoices):
        """How far it is."""

        PLANNED = "planned", _("Planned")
        MOVING = "moving", _("Orders are following")
        DONE = "done", _("Handed over")
        CALLED_OFF = "called_off", _("Called off")

    point = models.ForeignKey(
        PickupPoint,
        on_delete=models.PROTECT,
        related_name="handovers",
        verbose_name=_("pickup point"),
    )
    from_leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("handover", "from"),
    )
    to_leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("handover", "to"),
    )
    on_day = models.DateField(_("on the day"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PLANNED
    )
    keys = models.CharField(_("keys and other things handed over"), max_length=200, blank=True)
    groups_moved = models.PositiveIntegerField(_("groups that followed"), default=0)
    orders_moved = models.PositiveIntegerField(_("orders that followed"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    planned_at = models.DateTimeField(_("decided at"))
    taken_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    done_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        """One at a time for a point, to somebody else."""

        verbose_name = _("handover of a pickup point")
        verbose_name_plural = _("handovers of pickup points")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["point"],
                condition=Q(status__in=["planned", "moving"]),
                name="pickup_handover_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(from_leader=F("to_leader")), name="pickup_handover_to_another"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "called_off"])
                | Q(status__in=["moving", "done"], taken_at__isnull=False),
                name="pickup_handover_taken",
            ),
        ]

    def __str__(self) -> str:
        """Say what goes to whom."""
        return f"{self.point}: {self.from_leader} → {self.to_leader}"


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
