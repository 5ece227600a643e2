"""The outbox: facts told to the floors above, each told once to each who asked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """A fact, written in the transaction that made it true."""

    key = models.CharField(_("key"), max_length=160, unique=True)
    fact = models.CharField(_("fact"), max_length=64)
    aggregate = models.CharField(
        _("told in order within"), max_length=64, help_text=_("Facts about one thing keep order.")
    )
    payload = models.JSONField(_("payload"))
    published_at = models.DateTimeField(_("published"))

    class Meta:
        """Newest first."""

        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("aggregate", "id"), name="payments_event_aggregate"),)

    def __str__(self) -> str:
        """Show the key."""
        return self.key


class OutboxDelivery(models.Model):
    """One fact for one listener; done in the transaction of the effect."""

    class Status(models.TextChoices):
        """How far the delivery is."""

        PENDING = "pending", _("to be delivered")
        DONE = "done", _("delivered")
        DEAD = "dead", _("given up, a person must look")

    event = models.ForeignKey(
        OutboxEvent, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("fact")
    )
    consumer = models.CharField(_("listener"), max_length=64)
    aggregate = models.CharField(_("told in order within"), max_length=64)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.PENDING
    )
    tries = models.PositiveIntegerField(_("tries"), default=0)
    available_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)

    class Meta:
        """A listener hears a fact once."""

        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("event", "consumer"), name="payments_outboxdelivery_once_per_consumer"
            ),
        )
        indexes = (
            models.Index(
                fields=("available_at",),
                condition=Q(status="pending"),
                name="payments_delivery_due",
            ),
            models.Index(
                fields=("aggregate", "consumer", "event"),
                condition=Q(status="pending"),
                name="payments_delivery_order",
            ),
        )

    def __str__(self) -> str:
        """Show listener and status."""
        return f"{self.consumer} {self.status}"
