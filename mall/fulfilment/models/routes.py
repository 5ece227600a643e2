"""Routes: which pickup points a van goes to, in which order, and who drives."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.pickup.models import PickupPoint


class Route(models.Model):
    """A van's way through town. Points on no route go with the default one."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    driver_name = models.CharField(_("driver"), max_length=40)
    driver_phone = models.CharField(_("driver's phone"), max_length=20)
    vehicle = models.CharField(
        _("vehicle"), max_length=40, blank=True, help_text=_("Number plate, or what it looks like.")
    )
    is_default = models.BooleanField(
        _("takes points of no route"),
        default=False,
        help_text=_("One route takes the pickup points nobody has put on a route."),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        """At most one takes what is on no route."""

        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering = ["name"]
        permissions = [("dispatch_route", "Can dispatch deliveries")]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="fulfilment_route_one_default",
                violation_error_message=_("Another route takes the points of no route already."),
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(active=True),
                name="fulfilment_route_default_in_use",
                violation_error_message=_("The route for points of no route must be in use."),
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class RouteStop(models.Model):
    """A pickup point's place on its route; a point is on one route."""

    route = models.ForeignKey(
        Route, on_delete=models.CASCADE, related_name="stops", verbose_name=_("route")
    )
    pickup_point = models.OneToOneField(
        PickupPoint,
        on_delete=models.CASCADE,
        related_name="route_stop",
        verbose_name=_("pickup point"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        """In the order they are driven to."""

        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        """Name the point."""
        return str(self.pickup_point)
