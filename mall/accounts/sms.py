"""Text messages: who carries them is a setting; no code ever appears in our logs or pages."""

from __future__ import annotations

from typing import Final, Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from mall.accounts.masking import mask_phone

log = structlog.get_logger(__name__)

BACKENDS: Final = {
    "sandbox": "mall.accounts.sms_sandbox.SandboxSms",
    "console": "mall.accounts.sms.ConsoleSms",
}


class SmsBackend(Protocol):
    """Somebody who carries text messages. Never called inside a database transaction."""

    def send(self, *, phone: str, text: str) -> None:
        """Hand a message over; SmsNotSentError if it certainly or possibly did not arrive."""


class ConsoleSms:
    """For a developer without a sandbox: says that a message would go, without its digits."""

    def send(self, *, phone: str, text: str) -> None:
        """Log the message with every digit of the text hidden."""
        hidden = "".join("*" if character.isdigit() else character for character in text)
        log.info("sms.console", phone=mask_phone(phone), text=hidden)


def sms_backend() -> SmsBackend:
    """Return the carrier that LINLI_SMS_BACKEND names: sandbox, console, or a dotted path."""
    named = settings.LINLI_SMS_BACKEND
    return import_string(BACKENDS.get(named, named))()
