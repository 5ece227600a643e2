"""Who carries messages to telephones: settings name them; the demo's are shown by the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.accounts.errors import SmsNotSentError
from mall.accounts.sms import sms_backend
from mall.messaging.models import Delivery
from payments.api import LinliError, TextNotSentError, send_text

_CHAT: Final = {"sandbox": "mall.messaging.channels.SandboxChat"}


class NotSentError(LinliError):
    """The message certainly or possibly did not arrive; it is tried again later."""

    code = "message_not_sent"
    http_status = 503
    message = gettext_lazy("The message could not be sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is handed to a carrier: words for an address, and the page of ours they lead to."""

    address: str
    title: str
    body: str
    link: str


class Carrier(Protocol):
    """Somebody who carries messages. Never called inside a database transaction."""

    def send(self, letter: Letter) -> None:
        """Hand a message over; NotSentError if it certainly or possibly did not arrive."""


class TextCarrier:
    """Text messages, by the carrier that also brings sign-in codes."""

    def send(self, letter: Letter) -> None:
        """Send the body; a text message has no title, and its words carry their own address."""
        try:
            sms_backend().send(phone=letter.address, text=letter.body)
        except SmsNotSentError as error:
            raise NotSentError from error


class SandboxChat:
    """The chat app of the demo: template messages appear on the sandbox's message page."""

    def send(self, letter: Letter) -> None:
        """Show title, body and page as the chat app's template message would."""
        page = letter.link and settings.SITE_URL + letter.link
        text = "\n".join(part for part in (letter.title, letter.body, page) if part)
        try:
            send_text(phone=letter.address, text=text, sender=_("Linli chat"))
        except TextNotSentError as error:
            raise NotSentError from error


def carrier_of(channel: str) -> Carrier:
    """Return who carries this channel; ValueError where the chat app is not set up."""
    if channel == Delivery.Channel.TEXT:
        return TextCarrier()
    named = settings.LINLI_CHAT_BACKEND
    if not named:
        raise ValueError("LINLI_CHAT_BACKEND names nobody")
    return import_string(_CHAT.get(named, named))()


def has_chat() -> bool:
    """Tell whether the chat app is set up."""
    return bool(settings.LINLI_CHAT_BACKEND)
