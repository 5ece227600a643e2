"""A sale to neighbours: what is offered, at which price, until when, and when it is collected."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models.states import Sharing, State

_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """Return a short random code that survives being read out; 31^8 of them."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(8))


class GroupBuy(models.Model):
    """A sale with items, an opening, a cut-off and a pickup day."""

    class Owner(models.TextChoices):
        """Who runs the sale."""

        PLATFORM = "platform", _("The mall")
        LEADER = "leader", _("A group leader")

    code = models.CharField(_("code"), max_length=16, unique=True, default=new_code)
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    text = models.TextField(_("text"), blank=True)
    text_en = models.TextField(_("English text"), blank=True)
    cover = models.ImageField(_("cover"), upload_to="groupbuys/%Y/%m", blank=True, max_length=255)
    owner_kind = models.CharField(
        _("run by"), max_length=10, choices=Owner.choices, default=Owner.PLATFORM
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_group_buys",
        verbose_name=_("leader who runs it"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("cut-off"))
    grace_minutes = models.PositiveSmallIntegerField(
        _("minutes of grace"),
        default=15,
        help_text=_("How long after the cut-off an order placed before it may still be paid."),
    )
    pickup_on = models.DateField(_("pickup day"))
    pickup_from = models.TimeField(_("pickup from"))
    pickup_until = models.TimeField(_("pickup until"))
    arrival_text = models.CharField(
        _("arrival in words"),
        max_length=60,
        blank=True,
        help_text=_("For example: tomorrow from 8:00. Empty: the pickup day says it."),
    )
    min_order_minor = models.PositiveIntegerField(
        _("least amount of an order"), default=0, help_text=_("In fen. 0: none.")
    )
    max_orders = models.PositiveIntegerField(
        _("most orders"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The sale closes by itself once so many orders are paid. Empty: no end."),
    )
    max_amount_minor = models.PositiveBigIntegerField(
        _("most goods amount"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("In fen. The sale closes by itself once this much is paid. Empty: no end."),
    )
    sharing = models.CharField(
        _("who goes short"), max_length=12, choices=Sharing.choices, default=Sharing.FAIR
    )
    schedule = models.ForeignKey(
        "groupbuy.SaleSchedule",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="group_buys",
        verbose_name=_("schedule"),
    )
    scheduled_for = models.DateTimeField(_("made for"), null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    filled_at = models.DateTimeField(_("full at"), null=True, blank=True, editable=False)
    prolonged_at = models.DateTimeField(_("prolonged at"), null=True, blank=True, editable=False)
    closing_told_at = models.DateTimeField(
        _("reminded of the cut-off at"), null=True, blank=True, editable=False
    )
    formed_at = models.DateTimeField(_("formed at"), null=True, blank=True, editable=False)
    cut_at = models.DateTimeField(_("results fixed at"), null=True, blank=True, editable=False)
    ordered_at = models.DateTimeField(_("ordered at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """Found by jobs by state and date."""

        verbose_name = _("group buy")
        verbose_name_plural = _("group buys")
        ordering = ["-opens_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "opens_at"], name="groupbuy_buy_to_open"),
            models.Index(fields=["state", "closes_at"], name="groupbuy_buy_to_close"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="groupbuy_buy_closes_after_opening",
                violation_error_message=_("The cut-off comes after the opening."),
            ),
            models.CheckConstraint(
                condition=Q(pickup_until__gt=F("pickup_from")),
                name="groupbuy_buy_pickup_hours_in_order",
                violation_error_message=_("The pickup hours end after they begin."),
            ),
            models.CheckConstraint(
                condition=Q(owner_kind="platform", owner__isnull=True)
                | Q(owner_kind="leader", owner__isnull=False),
                name="groupbuy_buy_owner_fits_kind",
                violation_error_message=_("Name the leader exactly when a leader runs the sale."),
            ),
            models.CheckConstraint(
                condition=(Q(max_orders__isnull=True) | Q(max_orders__gt=0))
                & (Q(max_amount_minor__isnull=True) | Q(max_amount_minor__gt=0)),
                name="groupbuy_buy_most_positive",
                violation_error_message=_("A limit is at least 1; leave it empty for none."),
            ),
            models.CheckConstraint(
                condition=Q(cut_at__isnull=True) | Q(formed_at__isnull=False),
                name="groupbuy_buy_cut_after_forming",
            ),
            models.UniqueConstraint(
                fields=["schedule", "scheduled_for"], name="groupbuy_buy_once_per_date"
            ),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.title

    @property
    def pay_until(self) -> datetime:
        """The last instant at which an order placed before the cut-off may be paid."""
        return self.closes_at + timedelta(minutes=self.grace_minutes)

    def is_selling(self, at: datetime) -> bool:
        """Tell whether orders may be placed at that instant: open, and in [opens, closes)."""
        return self.state == State.OPEN and self.opens_at <= at < self.closes_at
