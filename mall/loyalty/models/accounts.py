"""A resident's points (积分): what she has, what she owes, and how every point came and went."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PointsAccount(models.Model):
    """What a resident has. She has points or owes some, never both; moved only by posting.py."""

    resident = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="points_account",
        verbose_name=_("resident"),
    )
    balance = models.BigIntegerField(_("points"), default=0)
    debt = models.BigIntegerField(
        _("points owed"),
        default=0,
        help_text=_("Taken back when there were none left; the next points pay for it."),
    )
    moves = models.PositiveIntegerField(_("entries"), default=0)

    class Meta:
        """The database keeps the balance, whatever the code does."""

        verbose_name = _("points account")
        verbose_name_plural = _("points accounts")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0, debt__gte=0),
                name="loyalty_pointsaccount_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(balance=0) | Q(debt=0), name="loyalty_pointsaccount_has_or_owes"
            ),
        ]

    def __str__(self) -> str:
        """Name the resident."""
        return str(self.resident)


class PointsEntry(models.Model):
    """One movement of points. Only ever added: the database refuses to change or delete it."""

    class Kind(models.TextChoices):
        """Why points came or went."""

        EARN = "earn", _("Earned")
        SPEND = "spend", _("Used")
        RETURN = "return", _("Returned")
        CLAWBACK = "clawback", _("Taken back")
        EXPIRE = "expire", _("Expired")
        ADJUST = "adjust", _("Corrected")

    account = models.ForeignKey(
        PointsAccount,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("points account"),
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    points = models.BigIntegerField(_("points"))
    after = models.BigIntegerField(_("points after it"), help_text=_("Below zero: points owed."))
    key = models.CharField(_("cause"), max_length=64, unique=True)
    order_no = models.CharField(_("order"), max_length=20, blank=True, db_index=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """A cause moves points once; an account's entries are numbered without a gap."""

        verbose_name = _("points entry")
        verbose_name_plural = _("points entries")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "number"], name="loyalty_pointsentry_numbered"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["earn", "return"], points__gt=0)
                | Q(kind__in=["spend", "clawback", "expire"], points__lt=0)
                | (Q(kind="adjust") & ~Q(points=0)),
                name="loyalty_pointsentry_sign_fits_its_kind",
            ),
        ]

    def __str__(self) -> str:
        """Show the cause."""
        return self.key


class PointsLot(models.Model):
    """Points that came together and expire together; the oldest are used first."""

    account = models.ForeignKey(
        PointsAccount,
        on_delete=models.PROTECT,
        related_name="lots",
        verbose_name=_("points account"),
    )
    granted = models.PositiveIntegerField(_("points at first"))
    left = models.PositiveIntegerField(_("points left"))
    came_on = models.DateField(_("since"))
    expires_on = models.DateField(_("good until"), help_text=_("Including this day."))

    class Meta:
        """Never more left than there was."""

        verbose_name = _("lot of points")
        verbose_name_plural = _("lots of points")
        ordering = ["expires_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left__gte=0, left__lte=F("granted")),
                name="loyalty_pointslot_left_is_a_part",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "expires_on"],
                condition=Q(left__gt=0),
                name="loyalty_lot_of_account",
            ),
            models.Index(
                fields=["expires_on"], condition=Q(left__gt=0), name="loyalty_lot_to_expire"
            ),
        ]

    def __str__(self) -> str:
        """Show how many are left until when."""
        return f"{self.left}/{self.granted} · {self.expires_on}"


class LotMove(models.Model):
    """What an entry put into a lot or took out of it; what is missing was owed. Only ever added."""

    entry = models.ForeignKey(
        PointsEntry, on_delete=models.PROTECT, related_name="moves", verbose_name=_("points entry")
    )
    lot = models.ForeignKey(
        PointsLot, on_delete=models.PROTECT, related_name="moves", verbose_name=_("lot of points")
    )
    points = models.BigIntegerField(_("points"))

    class Meta:
        """An entry moves a lot once."""

        verbose_name = _("movement of a lot")
        verbose_name_plural = _("movements of lots")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="loyalty_lotmove_once"),
            models.CheckConstraint(condition=~Q(points=0), name="loyalty_lotmove_moves_something"),
        ]

    def __str__(self) -> str:
        """Show what moved."""
        return f"{self.points:+d}"
