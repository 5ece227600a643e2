"""The rules of commission: what they say, who agreed to them, and what they would have cost."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.services.commissions import RuleScope
from payments.api import Edges

SCOPES = [
    (RuleScope.ITEM.value, pgettext_lazy("commission rule", "Item")),
    (RuleScope.CATEGORY.value, _("Category")),
    (RuleScope.LEADER.value, _("Leader")),
    (RuleScope.TIER.value, _("Tier")),
    (RuleScope.DEFAULT.value, _("Default")),
]
ONE_WAY = Q(rate__isnull=False, fixed_minor__isnull=True) | Q(
    rate__isnull=True, fixed_minor__isnull=False
)
SANE = (Q(rate__isnull=True) | Q(rate__gte=0, rate__lte=1)) & (
    Q(fixed_minor__isnull=True) | Q(fixed_minor__gte=0)
)
_TARGET = (Q(scope=RuleScope.DEFAULT.value) & Q(target="")) | (
    ~Q(scope=RuleScope.DEFAULT.value) & ~Q(target="")
)


class CommissionRule(models.Model):
    """A rate, or a fixed amount per piece, for an item, category, leader, tier or everybody."""

    class Status(models.TextChoices):
        """Whether it counts; only agreed rules decide anything."""

        WAITING = "waiting", _("Waits for a second person")
        AGREED = "agreed", _("Agreed")
        REFUSED = "refused", _("Refused")

    EDGES: ClassVar[Edges] = {
        Status.WAITING: frozenset({Status.AGREED, Status.REFUSED}),
        # before it has begun it is taken back; one in force is ended by its last moment
        Status.AGREED: frozenset({Status.REFUSED}),
        Status.REFUSED: frozenset(),
    }

    scope = models.CharField(_("speaks about"), max_length=10, choices=SCOPES)
    target = models.CharField(
        _("which one"),
        max_length=40,
        blank=True,
        help_text=_(
            "The number of the group-buy item, category or person, or the tier; empty for default."
        ),
    )
    # what the target was called when the rule was written; the rule itself goes by the number
    target_name = models.CharField(_("called"), max_length=120, blank=True)
    rate = models.DecimalField(
        _("rate"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("0.1 is ten percent."),
    )
    fixed_minor = models.BigIntegerField(_("fixed amount per piece (fen)"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.AGREED
    )
    needs_second = models.BooleanField(_("needs two people"), default=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("written by"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        """Rules are ended, not deleted: old lines name the rule they were placed under."""

        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        ordering = ["scope", "target", "-valid_from"]
        permissions = [("confirm_commissionrule", _("Can be the second person of a rule"))]
        indexes = [models.Index(fields=["scope", "target"], name="groupleader_rule_scope")]
        constraints = [
            models.CheckConstraint(name="groupleader_rule_one_way", condition=ONE_WAY),
            models.CheckConstraint(name="groupleader_rule_sane", condition=SANE),
            models.CheckConstraint(
                name="groupleader_rule_interval",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(name="groupleader_rule_target", condition=_TARGET),
            models.CheckConstraint(
                name="groupleader_rule_two_people",
                condition=~Q(needs_second=True, status="agreed")
                | (
                    Q(decided_by__isnull=False, proposed_by__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        """Show what it speaks about and how much it gives."""
        much = f"¥{(self.fixed_minor or 0) / 100:.2f}"
        if self.rate is not None:
            much = f"{Decimal(self.rate) * 100:.2f}".rstrip("0").rstrip(".") + " %"
        which = self.target_name or self.target
        return f"{self.get_scope_display()} {which} {much}".replace("  ", " ")


class RuleEvent(models.Model):
    """One line of a rule's history: who wrote, agreed to, refused or ended it, when and why."""

    class What(models.TextChoices):
        """What was done."""

        WRITTEN = "written", pgettext_lazy("commission rule", "Written")
        AGREED = "agreed", _("Agreed")
        REFUSED = "refused", _("Refused")
        ENDED = "ended", pgettext_lazy("commission rule", "Ended")

    rule = models.ForeignKey(
        CommissionRule, on_delete=models.PROTECT, related_name="events", verbose_name=_("rule")
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    what = models.CharField(_("what"), max_length=8, choices=What.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        """In the order it happened."""

        verbose_name = _("rule event")
        verbose_name_plural = _("rule events")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show what was done."""
        return str(self.get_what_display())


class RulePreview(models.Model):
    """A rule tried on the lines of some past days before it is written. Nothing is changed."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waits for its turn")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    EDGES: ClassVar[Edges] = {
        State.WAITING: frozenset({State.RUNNING}),
        State.RUNNING: frozenset({State.WAITING, State.DONE, State.FAILED}),
        State.DONE: frozenset(),
        State.FAILED: frozenset(),
    }

    scope = models.CharField(_("speaks about"), max_length=10, choices=SCOPES)
    target = models.CharField(_("which one"), max_length=40, blank=True)
    target_name = models.CharField(_("called"), max_length=120, blank=True)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4, null=True)
    fixed_minor = models.BigIntegerField(_("fixed amount per piece (fen)"), null=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    seen = models.PositiveIntegerField(_("lines looked at"), default=0)
    whole = models.PositiveIntegerField(_("lines in all"), default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked at"))
    began_at = models.DateTimeField(_("began at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    result = models.JSONField(_("result"), default=dict)

    class Meta:
        """The newest first; days in their order."""

        verbose_name = _("preview of a rule")
        verbose_name_plural = _("previews of rules")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="groupleader_preview_one_way", condition=ONE_WAY),
            models.CheckConstraint(name="groupleader_preview_sane", condition=SANE),
            models.CheckConstraint(name="groupleader_preview_target", condition=_TARGET),
            models.CheckConstraint(
                name="groupleader_preview_days_in_order", condition=Q(first_day__lte=F("last_day"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["waiting", "running"]),
                name="groupleader_preview_to_do",
            )
        ]

    def __str__(self) -> str:
        """Show the days."""
        return f"{self.first_day} – {self.last_day}"

    @property
    def percent(self) -> int:
        """Return how much of it is done."""
        return 100 * self.seen // self.whole if self.whole else 0
