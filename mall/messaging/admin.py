"""Messages in the admin: what was told to whom, what did not arrive, and sending it again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from mall.accounts.masking import mask_phone
from mall.messaging.dispatch import send_again
from mall.messaging.models import Delivery, Message
from mall.messaging.wording import words_of

_LABELS = {
    Delivery.State.WAITING: "info",
    Delivery.State.SENDING: "info",
    Delivery.State.SENT: "success",
    Delivery.State.FAILED: "danger",
    Delivery.State.LEFT_OUT: "warning",
}


class _ReadOnly(ModelAdmin):
    """Written by the mall, read by staff."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody writes messages by hand."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody changes what was told."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """They go by themselves when their time is over."""
        return False


@admin.register(Message)
class MessageAdmin(_ReadOnly):
    """What people were told, in the reader's words."""

    list_display = ("created_at", "title", "reader", "body", "delivery_state", "read_at")
    list_filter = ("kind", "delivery__state", "delivery__channel", "created_at")
    search_fields = ("key", "user__display_name", "phone")
    list_select_related = ("user", "delivery")
    date_hierarchy = "created_at"
    fields = ("kind", "key", "title", "body", "reader", "link", "created_at", "read_at")
    readonly_fields = ("title", "body", "reader")

    @display(description=_("title"))
    def title(self, message: Message) -> str:
        """Say what it is about."""
        return words_of(message.kind, message.values).title

    @display(description=_("text"))
    def body(self, message: Message) -> str:
        """Say what it says."""
        return words_of(message.kind, message.values).body

    @display(description=_("to"))
    def reader(self, message: Message) -> str:
        """Name the person, never the whole number."""
        return str(message.user) if message.user else mask_phone(message.phone)

    @display(description=_("on her telephone"), label=_LABELS)
    def delivery_state(self, message: Message) -> tuple[str, str] | str:
        """Say whether it went out."""
        delivery = getattr(message, "delivery", None)
        return (delivery.state, delivery.get_state_display()) if delivery else "-"


@admin.register(Delivery)
class DeliveryAdmin(_ReadOnly):
    """Messages on their way to telephones; those given up can be tried again."""

    list_display = ("message", "channel", "to", "shown_state", "tries", "next_at", "sent_at", "why")
    list_filter = ("state", "channel", "message__kind", "why")
    search_fields = ("message__key",)
    list_select_related = ("message",)
    actions = ("try_again",)
    fields = ("message", "channel", "to", "state", "tries", "next_at", "sent_at", "why")
    readonly_fields = ("to",)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Who may change deliveries may let them go out again."""
        return request.user.has_perm("messaging.change_delivery")

    @display(description=_("state"), label=_LABELS)
    def shown_state(self, delivery: Delivery) -> tuple[str, str]:
        """Colour what became of it."""
        return delivery.state, delivery.get_state_display()

    @display(description=_("to"))
    def to(self, delivery: Delivery) -> str:
        """Show the number masked."""
        return mask_phone(delivery.address)

    @action(description=_("Try to send again"), permissions=["resend"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        """Let messages that were given up go out again."""
        n = send_again(list(chosen.values_list("pk", flat=True)))
        text = ngettext("%(n)s message goes out again.", "%(n)s messages go out again.", n)
        messages.success(request, text % {"n": n})
