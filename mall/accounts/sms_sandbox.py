"""The telephone of the demo: messages appear on the sandbox acquirer's message page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mall.accounts.errors import SmsNotSentError
from payments.api import TextNotSentError, send_text


class SandboxSms:
    """Hands messages to the sandbox acquirer, signed like everything we ask of it."""

    def send(self, *, phone: str, text: str) -> None:
        """Put the message on the sandbox's page; SmsNotSentError when it does not answer."""
        try:
            send_text(phone=phone, text=text, sender=_("Linli"))
        except TextNotSentError as error:
            raise SmsNotSentError from error
