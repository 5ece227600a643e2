"""Telephones that work at a counter without a connection, and what they tell afterwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DeviceKey(models.Model):
    """A telephone of a leader or helper: it signs what it tells; its private key never leaves it.

    ``last_seq`` is the number of the last act taken from it: acts come one after the other.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="counter_devices",
        verbose_name=_("person"),
    )
    ref = models.CharField(_("number"), max_length=32, unique=True, editable=False)
    name = models.CharField(_("telephone"), max_length=80, blank=True)
    public_key = models.TextField(_("public key"), editable=False)
    last_seq = models.PositiveBigIntegerField(_("acts taken"), default=0, editable=False)
    refused = models.PositiveIntegerField(_("acts refused"), default=0, editable=False)
    # So that a lost telephone is signed out when it is taken off the list.
    session_key = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(_("known since"))
    seen_at = models.DateTimeField(_("last seen"))
    revoked_at = models.DateTimeField(_("taken off the list at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="counter_devices_revoked",
        verbose_name=_("taken off by"),
    )

    class Meta:
        """The newest first; a key belongs to one telephone of one person."""

        verbose_name = _("telephone at a counter")
        verbose_name_plural = _("telephones at counters")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "public_key"], name="groupleader_device_once"),
        ]

    def __str__(self) -> str:
        """Show what its owner sees."""
        return self.name or self.ref


class DeviceAct(models.Model):
    """One thing a telephone did without a connection, exactly as it signed it, and its outcome.

    The text and its signature are never changed: they are what the telephone said.
    """

    class Kind(models.TextChoices):
        """What was done."""

        HAND_OVER = "hand_over", _("Hand-over")
        UNDO = "undo", _("Hand-over undone")
        ARRIVAL = "arrival", _("Delivery counted in")

    class End(models.TextChoices):
        """What became of it."""

        TAKEN = "taken", _("Being worked on")
        DONE = "done", _("Done")
        CONFLICT = "conflict", _("Conflict")

    device = models.ForeignKey(
        DeviceKey, on_delete=models.PROTECT, related_name="acts", verbose_name=_("telephone")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="counter_acts",
        verbose_name=_("person"),
    )
    act_id = models.CharField(_("wish"), max_length=36, unique=True)
    seq = models.PositiveBigIntegerField(_("number"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind.choices)
    point_id = models.PositiveBigIntegerField(_("pickup point"), null=True, blank=True)
    order_no = models.CharField(_("order"), max_length=40, blank=True)
    group_id = models.PositiveBigIntegerField(_("group buy's group"), null=True, blank=True)
    at = models.DateTimeField(_("at, by the telephone"))
    text = models.TextField(_("as it was signed"))
    signature = models.CharField(_("signature"), max_length=100)
    received_at = models.DateTimeField(_("told at"))
    end = models.CharField(_("outcome"), max_length=8, choices=End.choices, default=End.TAKEN)
    reason = models.CharField(_("why"), max_length=20, blank=True)
    detail = models.JSONField(_("details"), default=dict, blank=True)
    settled_at = models.DateTimeField(_("dealt with at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="counter_conflicts_settled",
        verbose_name=_("dealt with by"),
    )
    settled_note = models.CharField(_("what was done"), max_length=200, blank=True)

    class Meta:
        """One after the other, each once; a conflict says why."""

        verbose_name = _("told without a connection")
        verbose_name_plural = _("told without a connection")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["device", "seq"], name="groupleader_act_number_once"),
            models.CheckConstraint(
                condition=Q(end="conflict", reason__gt="") | (~Q(end="conflict") & Q(reason="")),
                name="groupleader_act_conflict_says_why",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(end="conflict", settled_at__isnull=False, settled_by__isnull=False),
                name="groupleader_act_settled_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "received_at"],
                condition=Q(end="conflict", settled_at=None),
                name="groupleader_act_open",
            ),
        ]

    def __str__(self) -> str:
        """Name what it is about."""
        return f"{self.get_kind_display()} {self.order_no or self.group_id or ''}".strip()
