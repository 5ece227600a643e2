"""A resident's voucher, its uses on orders, and the places limits per person are counted in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.vouchers.models.batches import ClaimRound, VoucherBatch
from payments.api import Edges


class Voucher(models.Model):
    """One voucher in one resident's wallet."""

    class State(models.TextChoices):
        """Where the voucher is in its life."""

        HELD = "held", _("In the wallet")
        LOCKED = "locked", _("On an unpaid order")
        USED = "used", _("Used")
        RETURNED = "returned", _("Back in the wallet")
        EXPIRED = "expired", _("Expired")
        FORFEITED = "forfeited", _("Forfeited")

    EDGES: ClassVar[Edges] = {
        State.HELD: frozenset({State.LOCKED, State.USED, State.EXPIRED}),
        State.LOCKED: frozenset({State.HELD, State.USED, State.EXPIRED}),
        State.USED: frozenset({State.RETURNED, State.FORFEITED, State.EXPIRED}),
        State.RETURNED: frozenset({State.LOCKED, State.USED, State.EXPIRED}),
        State.EXPIRED: frozenset(),
        State.FORFEITED: frozenset(),
    }

    class Source(models.TextChoices):
        """How it came into the wallet."""

        ROUND = "round", _("Claimed in a round")
        GIFT = "gift", _("First-tie gift")
        RAIN = "rain", _("Red-packet rain")
        HAND = "hand", _("Given by hand")

    voucher_no = models.CharField(_("voucher number"), max_length=20, unique=True)
    batch = models.ForeignKey(
        VoucherBatch,
        on_delete=models.PROTECT,
        related_name="vouchers",
        verbose_name=pgettext_lazy("vouchers", "batch"),
    )
    round = models.ForeignKey(
        ClaimRound,
        on_delete=models.PROTECT,
        null=True,
        related_name="vouchers",
        verbose_name=_("claim round"),
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="vouchers",
        verbose_name=_("resident"),
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.HELD)
    source = models.CharField(_("how it came"), max_length=5, choices=Source.choices)
    # the wish that made it: the same wish again finds it instead of making another
    source_key = models.CharField(_("made by"), max_length=120, unique=True)
    worth_minor = models.PositiveBigIntegerField(_("worth (fen)"))
    claimed_at = models.DateTimeField(_("claimed"))
    valid_from = models.DateTimeField(_("good from"))
    expires_at = models.DateTimeField(_("good until"))
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """Found by wallet and by what is due to expire."""

        verbose_name = _("resident's voucher")
        verbose_name_plural = _("residents' vouchers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(worth_minor__gt=0), name="vouchers_voucher_is_worth_something"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("expires_at")), name="vouchers_voucher_lasts"
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "state"], name="vouchers_voucher_by_wallet"),
            models.Index(fields=["batch", "state"], name="vouchers_voucher_by_batch"),
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["held", "returned"]),
                name="vouchers_voucher_to_expire",
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.voucher_no


class VoucherUse(models.Model):
    """A voucher on an order: locked while it is unpaid, used, and perhaps given back."""

    class State(models.TextChoices):
        """Where the use is in its life."""

        LOCKED = "locked", _("Locked")
        USED = "used", _("Used")
        RELEASED = "released", _("Released")
        TAKEN_BACK = "taken_back", _("Taken back")

    EDGES: ClassVar[Edges] = {
        State.LOCKED: frozenset({State.USED, State.RELEASED}),
        State.USED: frozenset({State.TAKEN_BACK}),
        State.RELEASED: frozenset(),
        State.TAKEN_BACK: frozenset(),
    }

    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, related_name="uses", verbose_name=_("voucher")
    )
    order_no = models.CharField(_("order number"), max_length=20, db_index=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.LOCKED)
    discount_minor = models.PositiveBigIntegerField(_("taken off (fen)"))
    returned_minor = models.PositiveBigIntegerField(_("returned to funders (fen)"), default=0)
    locked_at = models.DateTimeField(_("locked"))
    used_at = models.DateTimeField(_("used"), null=True)
    ended_at = models.DateTimeField(_("released or taken back"), null=True)

    class Meta:
        """One voucher per order, one order per voucher, at any one time."""

        verbose_name = _("use of a voucher")
        verbose_name_plural = _("uses of vouchers")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order_no"],
                condition=Q(state__in=["locked", "used"]),
                name="vouchers_voucheruse_one_live_per_order",
            ),
            models.UniqueConstraint(
                fields=["voucher"],
                condition=Q(state__in=["locked", "used"]),
                name="vouchers_voucheruse_one_live_per_voucher",
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gt=0, returned_minor__lte=F("discount_minor")),
                name="vouchers_voucheruse_returns_no_more",
            ),
        ]

    def __str__(self) -> str:
        """Show voucher and order."""
        return f"{self.voucher_id} {self.order_no}"


class ClaimSlot(models.Model):
    """One of the places a person has in a round, a batch or a campaign.

    A person is her account (one phone number) and each card she has tied: who claims inserts a row
    under every one of these names; the unique key makes the second one wait and lose.
    """

    scope = models.CharField(_("what is counted"), max_length=80)
    subject = models.CharField(_("whose"), max_length=140)
    slot = models.PositiveSmallIntegerField(_("place"))
    limit = models.PositiveSmallIntegerField(_("places"))
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, related_name="slots", verbose_name=_("voucher")
    )

    class Meta:
        """A place is taken once, and there are no more places than the limit."""

        verbose_name = _("place in a round")
        verbose_name_plural = _("places in rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "subject", "slot"], name="vouchers_claimslot_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(slot__gte=0, slot__lt=F("limit")),
                name="vouchers_claimslot_below_limit",
            ),
        ]

    def __str__(self) -> str:
        """Show whose place it is and where."""
        return f"{self.subject} {self.scope} {self.slot}"


class HandGrant(models.Model):
    """A voucher given to a resident by a member of staff, with the reason; never changed."""

    voucher = models.OneToOneField(
        Voucher, on_delete=models.PROTECT, related_name="hand_grant", verbose_name=_("voucher")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="vouchers_granted",
        verbose_name=_("given by"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    # the day's place of the member of staff: the last one is her limit
    day = models.DateField(_("day"))
    slot = models.PositiveSmallIntegerField(_("of the day"))
    at = models.DateTimeField(_("at"))

    class Meta:
        """Each of a person's grants of a day has its own number."""

        verbose_name = _("voucher given by hand")
        verbose_name_plural = _("vouchers given by hand")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "day", "slot"], name="vouchers_handgrant_numbered_by_day"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vouchers_handgrant_has_a_reason"),
        ]

    def __str__(self) -> str:
        """Show the voucher and who gave it."""
        return f"{self.voucher_id} {self.by}"
