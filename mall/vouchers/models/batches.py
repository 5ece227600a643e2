"""A batch of vouchers (消费券批次): what one is worth, on what, how long, and who pays for it."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.vouchers.models.sense import batch_errors, default_refund_policy
from payments.api import Edges


def paid_by_the_platform() -> list[dict[str, object]]:
    """Say that the operator pays all of it."""
    return [{"funder": "platform", "ref": "", "percent": 100}]


class VoucherBatch(models.Model):
    """Vouchers of one kind. Once it runs its rule never changes; it is paused or ended instead."""

    class State(models.TextChoices):
        """Where the batch is in its life."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Running")
        PAUSED = "paused", _("Paused")
        EXHAUSTED = "exhausted", _("Used up")
        ENDED = "ended", _("Ended")

    EDGES: ClassVar[Edges] = {
        State.DRAFT: frozenset({State.ACTIVE}),
        State.ACTIVE: frozenset({State.PAUSED, State.EXHAUSTED, State.ENDED}),
        State.PAUSED: frozenset({State.ACTIVE, State.ENDED}),
        State.EXHAUSTED: frozenset({State.ENDED}),
        State.ENDED: frozenset(),
    }

    class Kind(models.TextChoices):
        """How residents call it."""

        VOUCHER = "voucher", _("Voucher")
        RED_PACKET = "red_packet", _("Red packet")

    class Place(models.TextChoices):
        """Where a voucher is good."""

        MALL = "mall", _("In the mall")
        MERCHANTS = "merchants", _("At merchants")
        BOTH = "both", _("In the mall and at merchants")

    class RefundPolicy(models.TextChoices):
        """What becomes of a used voucher when the whole order goes back."""

        RETURN = "return", _("It returns to the resident unless it has expired")
        FORFEIT = "forfeit", _("It is forfeited")

    class Audience(models.TextChoices):
        """Who may have one."""

        EVERYBODY = "everybody", _("Everybody")
        CARD_HOLDERS = "card_holders", _("Residents who have tied a card")
        NEW_RESIDENTS = "new_residents", _("New residents")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    terms = models.TextField(_("terms shown to residents"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.VOUCHER)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    owner = models.ForeignKey(
        "banks.BankUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="voucher_batches",
        verbose_name=_("owned by"),
        help_text=_("The unit of a bank whose people see this batch; empty for the mall's own."),
    )

    # what it gives
    threshold_minor = models.PositiveBigIntegerField(
        _("from an amount of"), help_text=_("Zero means that any amount will do.")
    )
    discount_minor = models.PositiveBigIntegerField(
        _("worth"), help_text=_("Of red packets the most that one may be worth.")
    )
    included = models.ForeignKey(
        "offer.Range",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="voucher_batches_including",
        verbose_name=_("goods it counts on"),
    )
    excluded = models.ForeignKey(
        "offer.Range",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="voucher_batches_excluding",
        verbose_name=_("goods left out"),
    )
    physical_only = models.BooleanField(_("physical goods only"), default=True)
    place = models.CharField(
        _("where it is good"), max_length=10, choices=Place.choices, default=Place.MALL
    )
    merchants = models.ManyToManyField(
        "vouchers.RedemptionMerchant",
        blank=True,
        related_name="batches",
        verbose_name=_("merchants"),
        help_text=_("None means every merchant."),
    )

    # how long: between two moments, or from when it was claimed
    valid_from = models.DateTimeField(_("good from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("good until"), null=True, blank=True)
    valid_hours = models.PositiveIntegerField(
        _("good for so many hours from claiming"),
        null=True,
        blank=True,
        help_text=_("A day is 24. Give this or the two moments above, not both."),
    )

    # who may have it, and how often; empty means without limit
    audience = models.CharField(
        _("who may have it"), max_length=14, choices=Audience.choices, default=Audience.EVERYBODY
    )
    issuers = models.JSONField(
        _("cards of"),
        default=list,
        blank=True,
        help_text=_("Bank codes; none means any bank. Only for residents who tied a card."),
    )
    new_within_days = models.PositiveSmallIntegerField(
        _("new means signed up within so many days"), null=True, blank=True
    )
    person_limit = models.PositiveSmallIntegerField(
        _("per person of this batch"), null=True, blank=True
    )
    campaign = models.SlugField(
        _("campaign"),
        max_length=40,
        blank=True,
        help_text=_("Batches of one campaign count together for the limit per worth."),
    )
    worth_limit = models.PositiveSmallIntegerField(
        _("per person of the same worth in the campaign"), null=True, blank=True
    )
    total_stock = models.PositiveIntegerField(_("vouchers in all"))
    budget_minor = models.PositiveBigIntegerField(
        _("budget"), null=True, blank=True, help_text=_("Empty: as much as all of them are worth.")
    )

    # who pays, and what a refund does
    funding = models.JSONField(
        _("funding"),
        default=paid_by_the_platform,
        help_text=_("Funders with percent; in all 100. A bank's ref begins with its code."),
    )
    is_prefunded = models.BooleanField(
        _("paid for in advance"),
        default=False,
        help_text=_("It runs only once the banks' and authorities' part has been received."),
    )
    refund_policy = models.CharField(
        _("when the whole order goes back"),
        max_length=8,
        choices=RefundPolicy.choices,
        blank=True,
        help_text=_("Empty: banks' and authorities' are forfeited, others return."),
    )

    # what was given out: moved by mall.vouchers.issuing only
    issued_count = models.PositiveIntegerField(_("given out"), default=0, editable=False)
    issued_minor = models.PositiveBigIntegerField(_("given out (fen)"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """The database keeps stock and budget, whatever the code does."""

        verbose_name = _("voucher batch")
        verbose_name_plural = _("voucher batches")
        ordering = ["-pk"]
        permissions = [
            ("launch_voucherbatch", _("May launch, pause and end voucher batches")),
            ("grant_voucher", _("May give a voucher to a resident by hand")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(discount_minor__gt=0), name="vouchers_voucherbatch_is_worth_something"
            ),
            models.CheckConstraint(
                condition=Q(threshold_minor=0) | Q(threshold_minor__gt=F("discount_minor")),
                name="vouchers_voucherbatch_worth_below_threshold",
            ),
            models.CheckConstraint(
                condition=Q(valid_hours=None, valid_from__lt=F("valid_until"))
                | Q(
                    valid_hours__gte=1,
                    valid_hours__lte=90 * 24,
                    valid_from=None,
                    valid_until=None,
                ),
                name="vouchers_voucherbatch_one_kind_of_validity",
            ),
            models.CheckConstraint(
                condition=Q(issued_count__gte=0, issued_count__lte=F("total_stock")),
                name="vouchers_voucherbatch_within_stock",
            ),
            models.CheckConstraint(
                condition=Q(issued_minor__gte=0)
                & (Q(budget_minor=None) | Q(issued_minor__lte=F("budget_minor"))),
                name="vouchers_voucherbatch_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(refund_policy=""),
                name="vouchers_voucherbatch_policy_before_launch",
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    def clean(self) -> None:
        """Fill in what follows from the rest, and refuse a rule that makes no sense."""
        if errors := batch_errors(self):
            raise ValidationError(errors)
        if not self.refund_policy:
            self.refund_policy = default_refund_policy(self.funding)

    @property
    def budget_or_all_minor(self) -> int:
        """Return what may be given out at most (fen)."""
        if self.budget_minor is not None:
            return self.budget_minor
        return self.total_stock * self.discount_minor

    @property
    def left(self) -> int:
        """Return how many can still be given out."""
        return self.total_stock - self.issued_count


class ClaimRound(models.Model):
    """A moment from which residents may claim vouchers of a batch: so many, first come first."""

    batch = models.ForeignKey(
        VoucherBatch,
        on_delete=models.PROTECT,
        related_name="rounds",
        verbose_name=pgettext_lazy("vouchers", "batch"),
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    stock = models.PositiveIntegerField(_("vouchers"))
    person_limit = models.PositiveSmallIntegerField(_("per person in this round"), default=1)
    claimed_count = models.PositiveIntegerField(_("claimed"), default=0, editable=False)
    cancelled_at = models.DateTimeField(_("called off"), null=True, editable=False)

    class Meta:
        """Never more than its stock, whatever the code does."""

        verbose_name = _("claim round")
        verbose_name_plural = _("claim rounds")
        ordering = ["opens_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "opens_at"], name="vouchers_claimround_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="vouchers_claimround_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(stock__gte=1, person_limit__gte=1),
                name="vouchers_claimround_has_something",
            ),
            models.CheckConstraint(
                condition=Q(claimed_count__gte=0, claimed_count__lte=F("stock")),
                name="vouchers_claimround_within_stock",
            ),
        ]
        indexes = [models.Index(fields=["closes_at"], name="vouchers_round_by_end")]

    def __str__(self) -> str:
        """Show the batch and when it opens."""
        return f"{self.batch} {self.opens_at:%m-%d %H:%M}"

    def clean(self) -> None:
        """Refuse a round that makes no sense (the admin calls this)."""
        if None in {self.opens_at, self.closes_at}:
            return
        if self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("It must close after it opens.")})
        if self.batch_id is None:
            return  # with a batch that is being written
        if self.stock is not None and self.stock > self.batch.total_stock:
            raise ValidationError({"stock": _("The batch has fewer vouchers than that.")})
        ends = self.batch.valid_until
        if ends is not None and self.opens_at >= ends:
            raise ValidationError({"opens_at": _("Its vouchers are no longer good by then.")})

    @property
    def left(self) -> int:
        """Return how many of this round are left."""
        return max(0, self.stock - self.claimed_count)
