"""The points programme (积分规则): what earns points, what they are worth, when they expire."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.loyalty.models.sense import programme_errors
from payments.api import Edges


def member_days() -> list[int]:
    """Return the days of the month that hold an eight: 逢8会员日."""
    return [8, 18, 28]


def paid_by_the_mall() -> list[dict[str, object]]:
    """Say that the mall itself pays for what points take off."""
    return [{"funder": "platform", "ref": "points", "percent": 100}]


class PointsProgramme(models.Model):
    """One version of the rules. In force from its day until a later version's; never changed."""

    class State(models.TextChoices):
        """Where the version is in its life."""

        DRAFT = "draft", _("Draft")
        FIXED = "fixed", _("Fixed")

    class EarnsOn(models.TextChoices):
        """Which orders earn points."""

        ANY = "any", _("Every paid order")
        TIED = "tied", _("Orders paid with a tied card")

    EDGES: ClassVar[Edges] = {State.DRAFT: frozenset({State.FIXED}), State.FIXED: frozenset()}

    version = models.PositiveSmallIntegerField(_("version"), unique=True, editable=False)
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.DRAFT)
    starts_on = models.DateField(_("in force from"))

    # earning
    paid_minor_per_point = models.PositiveIntegerField(
        _("paid for one point (fen)"),
        default=100,
        help_text=_("What the payer herself paid counts, after refunds."),
    )
    earns_on = models.CharField(
        _("which orders earn"), max_length=4, choices=EarnsOn.choices, default=EarnsOn.ANY
    )
    day_most = models.PositiveIntegerField(
        _("most points a resident earns a day"), null=True, blank=True
    )
    member_days = models.JSONField(
        _("member days"),
        default=member_days,
        blank=True,
        help_text=_("Days of the month, for example [8, 18, 28]; none means there is no such day."),
    )
    member_percent = models.PositiveSmallIntegerField(
        _("earned on a member day (percent)"), default=200, help_text=_("200 is twice as many.")
    )

    # spending
    worth_minor_per_point = models.PositiveIntegerField(_("worth of one point (fen)"), default=1)
    most_percent = models.PositiveSmallIntegerField(
        _("at most this part of an order (percent)"), default=50
    )
    most_points = models.PositiveIntegerField(_("most points on an order"), null=True, blank=True)
    from_minor = models.PositiveBigIntegerField(_("from an amount of (fen)"), default=0)
    funding = models.JSONField(
        _("funding"),
        default=paid_by_the_mall,
        help_text=_(
            "Who pays for what points take off: funders, references and percent; in all 100."
        ),
    )

    # expiry and staff
    expiry_months = models.PositiveSmallIntegerField(
        _("good for months"), default=12, help_text=_("Until the end of that month.")
    )
    alone_most = models.PositiveIntegerField(
        _("points one person may correct alone"),
        default=500,
        help_text=_("A correction above this waits for a second person."),
    )

    fixed_at = models.DateTimeField(_("fixed at"), null=True, editable=False)

    class Meta:
        """One version begins on a day; the figures make sense whatever the code does."""

        verbose_name = _("points programme")
        verbose_name_plural = _("points programme")
        ordering = ["-starts_on", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["starts_on"],
                condition=Q(state="fixed"),
                name="loyalty_pointsprogramme_one_begins_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor_per_point__gt=0, worth_minor_per_point__gt=0),
                name="loyalty_pointsprogramme_a_point_costs_and_is_worth",
            ),
            models.CheckConstraint(
                condition=Q(most_percent__lte=100, member_percent__gte=100, expiry_months__gt=0),
                name="loyalty_pointsprogramme_figures_make_sense",
            ),
        ]

    def __str__(self) -> str:
        """Show which version it is and since when."""
        return f"v{self.version} · {self.starts_on}"

    def clean(self) -> None:
        """Refuse rules that make no sense (the admin calls this)."""
        if errors := programme_errors(self):
            raise ValidationError(errors)
