"""Draws of a rain: whose turn each was, what the seed gave it, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.redpackets.models.sessions import RainPrize, RainSession


class RainTurn(models.Model):
    """A draw counted for a resident, or for one of her cards whoever tied it."""

    session = models.ForeignKey(
        RainSession,
        on_delete=models.PROTECT,
        related_name="turns",
        verbose_name=_("red-packet rain"),
    )
    subject = models.CharField(_("counted for"), max_length=140)
    number = models.PositiveSmallIntegerField(_("number"))
    most = models.PositiveSmallIntegerField(_("of at most"))
    draw_no = models.CharField(_("draw"), max_length=20)

    class Meta:
        """One place per number, below the limit: the insert itself is the guard."""

        verbose_name = _("turn of a rain")
        verbose_name_plural = _("turns of a rain")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "subject", "number"], name="redpackets_rainturn_one_each"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=F("most")),
                name="redpackets_rainturn_within_the_limit",
            ),
        ]

    def __str__(self) -> str:
        """Show whose it was."""
        return f"{self.subject} {self.number}/{self.most}"


class RainDraw(models.Model):
    """One draw and its decision record. Only ever added: the database refuses to change it."""

    class Outcome(models.TextChoices):
        """What became of it."""

        WON = "won", _("Won")
        NOTHING = "nothing", _("Nothing")
        EMPTY = "empty", _("The budget was gone")

    draw_no = models.CharField(_("draw"), max_length=20, unique=True)
    session = models.ForeignKey(
        RainSession,
        on_delete=models.PROTECT,
        related_name="draws",
        verbose_name=_("red-packet rain"),
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="rain_draws",
        verbose_name=_("resident"),
    )
    # what the public record calls her, and her how manieth draw it was
    person = models.CharField(_("person in the record"), max_length=16)
    number = models.PositiveSmallIntegerField(_("number"))
    roll = models.PositiveSmallIntegerField(_("roll"))
    prize = models.ForeignKey(
        RainPrize,
        on_delete=models.PROTECT,
        null=True,
        related_name="draws",
        verbose_name=_("prize of a rain"),
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    amount_minor = models.PositiveIntegerField(_("won (fen)"), default=0)
    # the session's spent_minor just after this draw: replays the budget
    spent_minor = models.PositiveBigIntegerField(_("given by then (fen)"), null=True)
    voucher_no = models.CharField(_("voucher"), max_length=24, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """A person's draw of a number is drawn once; only a win is worth something."""

        verbose_name = _("draw of a rain")
        verbose_name_plural = _("draws of a rain")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "resident", "number"], name="redpackets_raindraw_drawn_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="won", amount_minor__gt=0, prize__isnull=False)
                | Q(outcome="empty", amount_minor=0, prize__isnull=False)
                | Q(outcome="nothing", amount_minor=0, prize=None),
                name="redpackets_raindraw_only_a_win_is_worth",
            ),
        ]
        indexes = [models.Index(fields=["session", "at"], name="redpackets_draw_by_time")]

    def __str__(self) -> str:
        """Show the number."""
        return self.draw_no
