"""A van's round on a pickup day: planned, sent, delivered; stop by stop."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.fulfilment.models.routes import Route
from mall.pickup.models import PickupPoint
from payments.api import Edges


def new_delivery_token() -> str:
    """Return what the driver's link carries: long, random, good for one round."""
    return secrets.token_urlsafe(24)


class Delivery(models.Model):
    """One route's round on one pickup day, with driver and vehicle as they were then."""

    class Status(models.TextChoices):
        """Where the van is."""

        PLANNED = "planned", _("Planned")
        DISPATCHED = "dispatched", _("On its way")
        DELIVERED = "delivered", _("Delivered")

    EDGES: ClassVar[Edges] = {
        Status.PLANNED: frozenset({Status.DISPATCHED}),
        Status.DISPATCHED: frozenset({Status.DELIVERED}),
        Status.DELIVERED: frozenset(),
    }

    route = models.ForeignKey(
        Route,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("route"),
        help_text=_("Empty: points on no route, and no route takes such points."),
    )
    pickup_on = models.DateField(_("pickup day"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PLANNED
    )
    driver_name = models.CharField(_("driver"), max_length=40, blank=True)
    driver_phone = models.CharField(_("driver's phone"), max_length=20, blank=True)
    vehicle = models.CharField(_("vehicle"), max_length=40, blank=True)
    token = models.CharField(
        _("driver's link"), max_length=43, unique=True, default=new_delivery_token, editable=False
    )
    planned_at = models.DateTimeField(_("planned at"))
    # Asked for by a click, done by a job group by group: the board shows how far it is.
    asked_at = models.DateTimeField(_("to be sent since"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries_asked",
        verbose_name=_("sent by"),
    )
    problem = models.CharField(_("what is in the way"), max_length=200, blank=True)
    dispatched_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        """One round per route and day."""

        verbose_name = pgettext_lazy("a van's round", "delivery")
        verbose_name_plural = pgettext_lazy("a van's round", "deliveries")
        ordering = ["-pickup_on", "route__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["route", "pickup_on"], name="fulfilment_delivery_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["pickup_on"],
                condition=Q(route=None),
                name="fulfilment_delivery_one_without_route",
            ),
            models.CheckConstraint(
                condition=(Q(status="planned", dispatched_at=None) | Q(dispatched_at__isnull=False))
                & (
                    Q(status="delivered", delivered_at__isnull=False)
                    | (~Q(status="delivered") & Q(delivered_at=None))
                ),
                name="fulfilment_delivery_times_fit_status",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=Q(status="planned"), name="fulfilment_delivery_asked"
            )
        ]

    def __str__(self) -> str:
        """Name route and day."""
        return f"{self.route or '–'} {self.pickup_on}"


class DeliveryStop(models.Model):
    """A pickup point the van goes to on that day, and what the driver says of it."""

    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.CASCADE,
        related_name="stops",
        verbose_name=pgettext_lazy("a van's round", "delivery"),
    )
    pickup_point = models.ForeignKey(
        PickupPoint,
        on_delete=models.PROTECT,
        related_name="delivery_stops",
        verbose_name=_("pickup point"),
    )
    # the same as the delivery's: a point gets one van a day
    pickup_on = models.DateField(_("pickup day"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_on_no_route = models.BooleanField(_("on no route"), default=False)
    pieces = models.PositiveIntegerField(_("pieces"), default=0)
    cold_pieces = models.PositiveIntegerField(_("of them cold"), default=0)
    boxes = models.PositiveIntegerField(_("boxes"), default=0)
    cold_boxes = models.PositiveIntegerField(_("cold boxes"), default=0)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    photo = models.ImageField(_("photo"), upload_to="deliveries/%Y/%m", blank=True, max_length=120)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        """A point is stopped at once a day."""

        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pickup_point", "pickup_on"], name="fulfilment_stop_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(cold_pieces__lte=models.F("pieces"))
                & Q(cold_boxes__lte=models.F("boxes")),
                name="fulfilment_stop_cold_is_part",
            ),
        ]

    def __str__(self) -> str:
        """Name the point."""
        return str(self.pickup_point)
