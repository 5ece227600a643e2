"""Where neighbours live and where their goods wait for them."""

from __future__ import annotations

from datetime import date, time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

_LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]
_LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]


class Community(models.Model):
    """A residential compound or a village."""

    name = models.CharField(_("name"), max_length=60)
    district = models.CharField(_("district"), max_length=60)
    city = models.CharField(_("city"), max_length=60)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, validators=_LATITUDE
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, validators=_LONGITUDE
    )

    class Meta:
        """Listed by place."""

        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ["city", "district", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "district", "name"], name="pickup_community_name_in_district"
            )
        ]

    def __str__(self) -> str:
        """Show its name."""
        return self.name


class PickupPoint(models.Model):
    """A place where residents collect, kept by one leader: a shop, a gatehouse, a parcel room."""

    class Kind(models.TextChoices):
        """What sort of place it is."""

        SHOP = "shop", _("Shop")
        HOME = "home", _("At home")
        PROPERTY = "property_office", _("Property office")
        PARCELS = "parcel_station", _("Parcel station")
        BANK = "bank_outlet", _("Bank outlet")

    name = models.CharField(_("name"), max_length=60)
    community = models.ForeignKey(
        Community,
        on_delete=models.PROTECT,
        related_name="pickup_points",
        verbose_name=_("community"),
    )
    also_serves = models.ManyToManyField(
        Community,
        blank=True,
        related_name="served_by",
        verbose_name=_("other communities served"),
    )
    kind = models.CharField(
        _("kind of place"), max_length=20, choices=Kind.choices, default=Kind.SHOP
    )
    bank_unit = models.ForeignKey(
        "banks.BankUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pickup_points",
        limit_choices_to={"level": "outlet"},
        verbose_name=_("bank outlet"),
        help_text=_("Whose counter it is; residents see the bank's name."),
    )
    address = models.CharField(_("address"), max_length=200)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, validators=_LATITUDE
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, validators=_LONGITUDE
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="pickup_points",
        verbose_name=_("group leader"),
    )
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    hours_from = models.TimeField(_("open from"), default=time(8))
    hours_until = models.TimeField(_("open until"), default=time(20))
    hours_note = models.CharField(_("note on opening hours"), max_length=100, blank=True)
    is_open = models.BooleanField(
        _("open for new orders"),
        default=True,
        help_text=_("The leader's shop sign: closed takes no new orders, old ones go on."),
    )
    paused_at = models.DateTimeField(
        _("stopped by the mall at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The mall's own sign beside the leader's: her account is paused."),
    )
    boxes_a_day = models.PositiveIntegerField(
        _("boxes a day"),
        null=True,
        blank=True,
        help_text=_("How many boxes of goods it can keep for one pickup day. Empty: no limit."),
    )
    used_from = models.DateField(
        _("temporary, from"), null=True, blank=True, help_text=_("Empty: a point that stays.")
    )
    used_until = models.DateField(
        _("temporary, until"), null=True, blank=True, help_text=_("The last pickup day.")
    )
    active = models.BooleanField(
        _("in use"), default=True, help_text=_("A point no longer in use is not shown any more.")
    )

    class Meta:
        """Listed by name; only a bank's outlet is of a bank."""

        verbose_name = _("pickup point")
        verbose_name_plural = _("pickup points")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours_until__gt=F("hours_from")),
                name="pickup_point_hours_in_order",
                violation_error_message=_("Closing time comes after opening time."),
            ),
            models.CheckConstraint(
                condition=Q(used_from__isnull=True)
                | Q(used_until__isnull=True)
                | Q(used_until__gte=F("used_from")),
                name="pickup_point_temporary_days_in_order",
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(bank_unit__isnull=True) | Q(kind="bank_outlet"),
                name="pickup_point_of_a_bank",
                violation_error_message=_("Only a bank's outlet belongs to a bank."),
            ),
        ]

    def __str__(self) -> str:
        """Show its name."""
        return self.name

    @property
    def opening_hours(self) -> str:
        """Return "08:00–20:00", with the note if there is one."""
        hours = f"{self.hours_from:%H:%M}–{self.hours_until:%H:%M}"
        return f"{hours} {self.hours_note}".strip()

    def break_on(self, day: date) -> PointBreak | None:
        """Return the break that day falls into; no query where the breaks are prefetched."""
        falls = (each for each in self.breaks.all() if each.first_day <= day <= each.last_day)
        return max(falls, key=lambda each: each.last_day, default=None)

    def next_break(self, day: date) -> PointBreak | None:
        """Return the break that day falls into, else the first one after it."""
        coming = [each for each in self.breaks.all() if each.last_day >= day]
        return min(coming, key=lambda each: each.first_day, default=None)

    def on_holiday(self, day: date) -> bool:
        """Tell whether the leader is away on that Shanghai day."""
        return self.break_on(day) is not None

    def is_there(self, day: date) -> bool:
        """Tell whether goods can be collected here on that day: temporary points come and go."""
        begins = self.used_from is None or self.used_from <= day
        return begins and (self.used_until is None or day <= self.used_until)

    def hands_out(self, day: date) -> bool:
        """Tell whether goods are handed out here on that day: the point is there, and somebody."""
        return self.is_there(day) and not self.on_holiday(day)

    def takes_orders(self, day: date) -> bool:
        """Tell whether new orders may be placed for this point on that Shanghai day."""
        return self.has_sign_open and not self.on_holiday(day)

    @property
    def has_sign_open(self) -> bool:
        """Tell whether neither the leader nor the mall has stopped new orders."""
        return self.active and self.is_open and self.paused_at is None


class PointBreak(models.Model):
    """Days on which nothing is handed out at a point: the leader is away."""

    point = models.ForeignKey(
        PickupPoint, on_delete=models.CASCADE, related_name="breaks", verbose_name=_("pickup point")
    )
    first_day = models.DateField(_("on holiday from"))
    last_day = models.DateField(_("on holiday until"), help_text=_("The last day of the holiday."))

    class Meta:
        """In the order of the days; two that overlap are one long one."""

        verbose_name = _("break of a pickup point")
        verbose_name_plural = _("breaks of pickup points")
        ordering = ["first_day", "last_day"]
        constraints = [
            models.UniqueConstraint(
                fields=["point", "first_day", "last_day"], name="pickup_break_once"
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="pickup_break_in_order",
                violation_error_message=_("A holiday needs a first and a last day, in that order."),
            ),
        ]

    def __str__(self) -> str:
        """Say from when until when."""
        return f"{self.first_day} – {self.last_day}"


class PointDay(models.Model):
    """How much room a point has for one pickup day, and how much orders have taken of it.

    Only mall.pickup.capacity writes ``used``; a row is there once somebody asked for room.
    """

    point = models.ForeignKey(
        PickupPoint, on_delete=models.PROTECT, related_name="days", verbose_name=_("pickup point")
    )
    day = models.DateField(_("pickup day"))
    boxes = models.PositiveIntegerField(
        _("boxes"), null=True, blank=True, help_text=_("Empty: no limit. 0: nothing more that day.")
    )
    is_exception = models.BooleanField(
        _("differs from other days"),
        default=False,
        help_text=_("Keeps its number when the point's boxes a day change."),
    )
    used = models.IntegerField(_("boxes taken"), default=0, editable=False)

    class Meta:
        """Never more taken than there is, whoever writes."""

        verbose_name = _("room at a pickup point")
        verbose_name_plural = _("room at pickup points")
        ordering = ["day", "point"]
        constraints = [
            models.UniqueConstraint(fields=["point", "day"], name="pickup_pointday_once"),
            models.CheckConstraint(condition=Q(used__gte=0), name="pickup_pointday_not_negative"),
            models.CheckConstraint(
                condition=Q(boxes__isnull=True) | Q(boxes__gte=F("used")),
                name="pickup_pointday_within_room",
                violation_error_message=_(
                    "Orders have taken more boxes than this. Move orders to another point first, "
                    "or choose a number not below what is taken."
                ),
            ),
        ]

    def __str__(self) -> str:
        """Name point and day."""
        return f"{self.point} {self.day}"
