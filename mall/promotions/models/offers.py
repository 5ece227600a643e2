"""A bank offer (银行立减): who may have it, on what, when, how often, and who pays for it."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.promotions.models.figures import settle
from mall.promotions.models.parts import (
    HowOften,
    WhatItGives,
    When,
    WhichCards,
    WhichGoods,
    WhoPays,
)
from mall.promotions.models.sense import rule_errors
from mall.promotions.models.states import OFFER_EDGES, OfferState
from payments.api import Edges

_NOT_OURS = Q(decided_by="bank")


class BankOffer(WhichCards, WhichGoods, WhatItGives, When, HowOften, WhoPays):
    """A discount on tied cards. Once launched its rule never changes: a new version replaces it.

    The database keeps that too (migration 0002): of a launched offer only the state, the budget and
    the counters move.
    """

    State = OfferState
    EDGES: ClassVar[Edges] = OFFER_EDGES

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    replaces = models.ForeignKey(
        "self",
        verbose_name=_("replaces"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replaced_by",
    )
    owner = models.ForeignKey(
        "banks.BankUnit",
        verbose_name=_("bank unit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offers",
        help_text=_("Whose offer it is; this unit and those above it see it."),
    )
    name = models.CharField(_("name"), max_length=60)
    terms = models.TextField(_("terms shown to residents"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)

    # the only figure of a launched rule that may change: lifecycle.change_budget
    budget_minor = models.PositiveBigIntegerField(_("budget (fen)"), null=True, blank=True)
    # the most it can give in one order, worked out by figures.settle; empty where nothing bounds it
    most_minor = models.PositiveBigIntegerField(
        _("at most (fen)"), null=True, blank=True, editable=False
    )

    # what is given away: moved only by mall.promotions.reservation
    reserved_count = models.PositiveIntegerField(_("reserved"), default=0, editable=False)
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)
    reserved_minor = models.PositiveBigIntegerField(_("reserved (fen)"), default=0, editable=False)
    used_minor = models.PositiveBigIntegerField(_("used (fen)"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """The database keeps the budget, whatever the code does.

        Where the bank decides, budget and numbers are its own: they are noted, not kept.
        """

        verbose_name = _("bank offer")
        verbose_name_plural = _("bank offers")
        ordering = ["-starts_at", "code", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="promotions_bankoffer_one_of_each_version"
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state__in=["active", "paused", "exhausted"]),
                name="promotions_bankoffer_one_running_version",
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gt=0, discount_minor__lt=F("threshold_minor")),
                name="promotions_bankoffer_discount_below_threshold",
            ),
            models.CheckConstraint(
                condition=Q(benefit_kind="fixed")
                | Q(benefit_kind="steps")
                | Q(benefit_kind="percent", percent_bp__gt=0, percent_bp__lt=10000)
                | Q(
                    benefit_kind="random",
                    random_from_minor__gt=0,
                    random_from_minor__lte=F("random_to_minor"),
                    random_to_minor__lt=F("threshold_minor"),
                ),
                name="promotions_bankoffer_benefit_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="promotions_bankoffer_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=_NOT_OURS
                | Q(budget_minor=None)
                | Q(budget_minor__gte=F("reserved_minor") + F("used_minor")),
                name="promotions_bankoffer_within_budget",
            ),
            models.CheckConstraint(
                condition=_NOT_OURS
                | Q(total_limit=None)
                | Q(total_limit__gte=F("reserved_count") + F("used_count")),
                name="promotions_bankoffer_within_total",
            ),
            models.CheckConstraint(
                condition=Q(
                    reserved_count__gte=0,
                    used_count__gte=0,
                    reserved_minor__gte=0,
                    used_minor__gte=0,
                ),
                name="promotions_bankoffer_counters_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Show the name and, after the first, the version."""
        return self.name if self.version == 1 else f"{self.name} v{self.version}"

    def clean(self) -> None:
        """Work out what follows from the benefit; refuse a rule that makes no sense."""
        errors = rule_errors(self)
        if errors:
            raise ValidationError(errors)
        settle(self)
