"""What somebody is to be told, and by which ways it was sent."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.api import Edges


class Category(models.TextChoices):
    """What a message is about: what a person may turn off, and what not."""

    ORDERS = "orders", _("Orders, money and recalls")
    REMINDERS = "reminders", _("Reminders")
    NEWS = "news", _("Groups and offers")
    LEADER = "leader", _("Words of my group leader")
    WORK = "work", _("Work of leaders and suppliers")


# What a person may turn off, in the order she is asked.
CAN_BE_OFF: Final = (Category.REMINDERS, Category.LEADER, Category.NEWS, Category.WORK)


class Message(models.Model):
    """One thing to tell one person. Words are found when it is read: it keeps only the figures."""

    kind = models.CharField(_("kind"), max_length=40, db_index=True)
    key = models.CharField(_("occurrence"), max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("person"),
    )
    phone = models.CharField(_("phone number"), max_length=20, blank=True)
    values = models.JSONField(_("figures"), default=dict, blank=True)
    link = models.CharField(_("page"), max_length=300, blank=True)
    # what was sent to many at once carries the same mark, so that it can be counted
    batch = models.CharField(_("sent together"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("written at"), db_index=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        """Told once; to a person of ours or to a bare number."""

        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="messaging_message_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(phone=""), name="messaging_message_to_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="messaging_inbox"),
            models.Index(
                fields=["user"], condition=Q(read_at=None), name="messaging_message_unread"
            ),
            models.Index(
                fields=["batch"], condition=~Q(batch=""), name="messaging_message_of_batch"
            ),
        ]

    def __str__(self) -> str:
        """Name the kind and the occurrence."""
        return f"{self.kind} {self.key}"


class Delivery(models.Model):
    """A message on its way to a telephone. Moved by conditional updates only."""

    class Channel(models.TextChoices):
        """How it gets there."""

        TEXT = "text", _("Text message")
        CHAT = "chat", _("Chat app")

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", pgettext_lazy("message", "Waiting")
        SENDING = "sending", pgettext_lazy("message", "Being sent")
        SENT = "sent", pgettext_lazy("message", "Sent")
        FAILED = "failed", pgettext_lazy("message", "Given up")
        LEFT_OUT = "left_out", pgettext_lazy("message", "Left out")

    EDGES: ClassVar[Edges] = {
        State.WAITING: frozenset({State.SENDING, State.LEFT_OUT}),
        # back to waiting: it did not arrive and is tried again, or who sent it was killed
        State.SENDING: frozenset({State.WAITING, State.SENT, State.FAILED}),
        State.SENT: frozenset(),
        # by hand: somebody mended the number or the carrier
        State.FAILED: frozenset({State.WAITING}),
        State.LEFT_OUT: frozenset(),
    }

    message = models.OneToOneField(
        Message,
        on_delete=models.CASCADE,
        related_name="delivery",
        verbose_name=_("message"),
    )
    channel = models.CharField(_("sent by"), max_length=8, choices=Channel.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    address = models.CharField(_("address"), max_length=80)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    why = models.CharField(_("why not"), max_length=80, blank=True)

    class Meta:
        """Found by the runner by what is due."""

        verbose_name = _("message on its way")
        verbose_name_plural = _("messages on their way")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="messaging_delivery_due",
            ),
            models.Index(fields=["address", "-sent_at"], name="messaging_delivery_of_address"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="messaging_delivery_sent_has_time",
            )
        ]

    def __str__(self) -> str:
        """Show the way and how far it is."""
        return f"{self.channel} {self.state}"


class Preference(models.Model):
    """A category somebody does not want on her telephone; in the mall she finds it all the same."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="unwanted_messages",
        verbose_name=_("person"),
    )
    category = models.CharField(_("category"), max_length=12, choices=Category.choices)
    since = models.DateTimeField(_("turned off at"))

    class Meta:
        """Turned off once."""

        verbose_name = _("category turned off")
        verbose_name_plural = _("categories turned off")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category"], name="messaging_preference_one_each"
            ),
            models.CheckConstraint(
                condition=~Q(category="orders"), name="messaging_preference_orders_are_told"
            ),
        ]

    def __str__(self) -> str:
        """Name the category."""
        return self.get_category_display()


class ChatAddress(models.Model):
    """Where a person is reached in the chat app, given with her consent there."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="chat_address",
        verbose_name=_("person"),
    )
    open_id = models.CharField(_("her number there"), max_length=80, unique=True)
    given_at = models.DateTimeField(_("given at"))

    class Meta:
        """One per person."""

        verbose_name = _("chat address")
        verbose_name_plural = _("chat addresses")

    def __str__(self) -> str:
        """Name the person, not the number."""
        return str(self.user)
