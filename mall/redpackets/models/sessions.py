"""A session of red-packet rain (红包雨): when it rains, what falls, how often, for how much."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.banks.models import BankUnit
from payments.api import Edges

# Chances are so many of this many draws.
WHOLE: Final = 10_000


class RainSession(models.Model):
    """One rain. Once announced nothing of it changes but what was given; the seed shows it after.

    `seed` is secret until the rain is over; `seed_sha256` is published before it begins.
    """

    class State(models.TextChoices):
        """Where the session is in its life; whether it rains is said by the clock."""

        DRAFT = "draft", _("Draft")
        PLANNED = "planned", _("Announced")
        STOPPED = "stopped", _("Stopped")
        OVER = "over", _("Over")

    EDGES: ClassVar[Edges] = {
        State.DRAFT: frozenset({State.PLANNED}),
        State.PLANNED: frozenset({State.STOPPED, State.OVER}),
        State.STOPPED: frozenset(),
        State.OVER: frozenset(),
    }

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=40)
    terms = models.TextField(_("terms shown to residents"), blank=True)
    owner = models.ForeignKey(
        BankUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rain_sessions",
        verbose_name=_("bank unit"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    starts_at = models.DateTimeField(_("starts"))
    seconds = models.PositiveIntegerField(
        _("lasts (seconds)"), default=300, help_text=_("300 is five minutes.")
    )
    draws_each = models.PositiveSmallIntegerField(_("draws per person"), default=3)
    needs_card = models.BooleanField(
        _("only with a tied card"),
        default=False,
        help_text=_("A person is her phone number and every card she has tied."),
    )
    batch_code = models.SlugField(
        _("vouchers of batch"),
        max_length=40,
        help_text=_("A won packet becomes a voucher of this batch, worth what was won."),
    )
    budget_minor = models.PositiveBigIntegerField(_("budget (fen)"))
    # moved only by mall.redpackets.drawing
    spent_minor = models.PositiveBigIntegerField(_("given (fen)"), default=0, editable=False)
    seed = models.CharField(_("seed"), max_length=64, blank=True, editable=False)
    seed_sha256 = models.CharField(_("seed's SHA-256"), max_length=64, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        """The database keeps the budget, whatever the code does."""

        verbose_name = _("red-packet rain")
        verbose_name_plural = _("red-packet rains")
        ordering = ["-starts_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(spent_minor__lte=F("budget_minor")),
                name="redpackets_rainsession_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(seconds__gt=0, draws_each__gt=0, budget_minor__gt=0),
                name="redpackets_rainsession_gives_something",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(seed="") & ~Q(seed_sha256="")),
                name="redpackets_rainsession_announced_with_its_seed",
            ),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.title

    @property
    def ends_at(self) -> datetime:
        """Return the instant from which nothing falls any more."""
        return self.starts_at + timedelta(seconds=self.seconds)

    @property
    def is_closed(self) -> bool:
        """Tell whether it is over for good, so that the seed may be shown."""
        return self.state in {self.State.STOPPED, self.State.OVER}


class RainPrize(models.Model):
    """A packet that may fall: its worth, and in how many of 10,000 draws."""

    session = models.ForeignKey(
        RainSession,
        on_delete=models.CASCADE,
        related_name="prizes",
        verbose_name=_("red-packet rain"),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    amount_minor = models.PositiveIntegerField(_("worth (fen)"))
    chances = models.PositiveSmallIntegerField(
        _("in how many of 10,000 draws"), help_text=_("What is left of 10,000 is nothing.")
    )

    class Meta:
        """In a fixed order: a roll falls on one of them or on nothing."""

        verbose_name = _("prize of a rain")
        verbose_name_plural = _("prizes of a rain")
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="redpackets_rainprize_in_its_place"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, chances__gt=0, chances__lte=WHOLE),
                name="redpackets_rainprize_may_fall",
            ),
        ]

    def __str__(self) -> str:
        """Show worth and chances."""
        return f"{self.amount_minor / 100:.2f} · {self.chances}/{WHOLE}"
