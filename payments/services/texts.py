"""Text messages by way of the sandbox acquirer: its message page is the telephone of the demo."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import AcquirerError
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount
from payments.services.accounts import SANDBOX, NoAcquirerError, adapter_of


class TextNotSentError(LinliError):
    """The message certainly or possibly did not arrive."""

    code = "text_not_sent"
    http_status = 503
    message = _("The text message could not be sent. Please try again in a minute.")


@runtime_checkable
class _Telephone(Protocol):
    """An adapter that also carries text messages; only the sandbox's does."""

    def send_text(self, *, phone: str, text: str, sender: str) -> None: ...


def send_text(*, phone: str, text: str, sender: str) -> None:
    """Show a text on the sandbox acquirer's message page. Network: not inside a transaction.

    `phone` in E.164 form. TextNotSentError when the sandbox does not take it; NoAcquirerError where
    no sandbox account is in use.
    """
    active = AcquirerAccount.Status.ACTIVE
    account = AcquirerAccount.objects.filter(code=SANDBOX, status=active).first()
    adapter: object = adapter_of(account) if account else None
    if not isinstance(adapter, _Telephone):
        raise NoAcquirerError(account=SANDBOX)
    try:
        adapter.send_text(phone=phone, text=text, sender=sender)
    except AcquirerError as error:
        raise TextNotSentError from error
