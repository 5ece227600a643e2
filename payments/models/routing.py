"""Who takes which payment, and who is out of order: rules and states beside the accounts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.kernel.state import Edges


class RoutingRule(models.Model):
    """One sentence of the kind "payments like these go to that account".

    An empty condition holds for everything. Of the rules that hold the one with the smallest
    priority is asked first; what it names must be able and in order, or the next one is asked.
    """

    class Scene(models.TextChoices):
        """What is to be done: a scene of paying, or one of the other things an account is for."""

        NATIVE_QR = "native_qr", _("QR code")
        H5 = "h5", _("acquirer's page")
        MINIPROGRAM = "miniprogram", _("mini program")
        APP = "app", _("app")
        BARCODE = "barcode", _("payer's code")
        CARD_TOKEN = "card_token", _("tied card")
        BIND = "bind", _("tying a card")
        TRANSFER = "transfer", _("paying out")

    account_code = models.CharField(_("account"), max_length=40)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, help_text=_("The smallest number is asked first.")
    )
    scene = models.CharField(_("purpose"), max_length=20, choices=Scene.choices, blank=True)
    issuer_code = models.CharField(
        _("card's bank"), max_length=16, blank=True, help_text=_("For example CCB.")
    )
    card_kind = models.CharField(
        _("debit or credit"),
        max_length=16,
        blank=True,
        choices=(("debit", _("debit card")), ("credit", _("credit card"))),
    )
    seller_ref = models.CharField(_("seller"), max_length=64, blank=True)
    amount_from_minor = models.BigIntegerField(_("from (fen)"), null=True, blank=True)
    amount_to_minor = models.BigIntegerField(
        _("up to (fen)"), null=True, blank=True, help_text=_("This amount included.")
    )
    is_alone = models.BooleanField(
        _("nobody else may take over"),
        default=False,
        help_text=_("When the account is out of order, wait for it instead of asking the next."),
    )
    is_active = models.BooleanField(_("in force"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    changed_by = models.CharField(_("changed by"), max_length=64, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """Amounts make sense."""

        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ("priority", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_from_minor__isnull=True) | Q(amount_from_minor__gte=0),
                name="payments_routingrule_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_from_minor__isnull=True)
                | Q(amount_to_minor__isnull=True)
                | Q(amount_to_minor__gte=F("amount_from_minor")),
                name="payments_routingrule_amounts_in_order",
                violation_error_message=_("The upper amount is below the lower one."),
            ),
        )

    def __str__(self) -> str:
        """Show priority and what staff call it."""
        return f"{self.priority}: {self.note or self.account_code}"


class AcquirerHealth(models.Model):
    """Whether an account answers, as a circuit: closed lets payments through, open does not.

    There is a row only where something went wrong once. A success writes nothing unless it ends a
    row of failures, so that no payment waits for another's row.
    """

    class State(models.TextChoices):
        """What new payments may expect."""

        CLOSED = "closed", _("in order")
        OPEN = "open", _("out of order")
        HALF_OPEN = "half_open", _("on trial")

    EDGES: ClassVar[Edges] = {
        State.CLOSED: frozenset({State.OPEN}),
        State.OPEN: frozenset({State.HALF_OPEN, State.CLOSED}),
        State.HALF_OPEN: frozenset({State.OPEN, State.CLOSED}),
    }

    account_code = models.CharField(_("account"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CLOSED)
    since = models.DateTimeField(_("since"))
    pay_failures = models.PositiveIntegerField(_("payments that failed in a row"), default=0)
    ask_failures = models.PositiveIntegerField(_("questions that failed in a row"), default=0)
    last_failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    openings = models.PositiveIntegerField(_("times out of order"), default=0)
    opened_at = models.DateTimeField(_("last out of order"), null=True, blank=True)
    next_probe_at = models.DateTimeField(_("next question"), null=True, blank=True)
    trial_until = models.DateTimeField(_("payment on trial until"), null=True, blank=True)
    held_by = models.CharField(_("taken out by"), max_length=64, blank=True)

    class Meta:
        """One row per account, whatever its version."""

        verbose_name = _("acquirer's health")
        verbose_name_plural = _("acquirers' health")
        ordering = ("account_code",)

    def __str__(self) -> str:
        """Show account and state."""
        return f"{self.account_code}: {self.state}"
