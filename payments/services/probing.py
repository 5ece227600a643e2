"""Asking an account that is out of order whether it is back: a question that changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from payments.acquiring.contract import AcquirerError, PayRef
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.numbers import CHECK, new_number
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, AcquirerHealth
from payments.services.accounts import adapter_of
from payments.services.health import Contact, note_answer

State = AcquirerHealth.State
# The question is about something that should be known by now: a cautious adapter is sure of it.
AN_HOUR: Final = timedelta(hours=1)


def due_probes(limit: int) -> list[str]:
    """Return the codes of accounts that are to be asked again now."""
    rows = AcquirerHealth.objects.filter(state=State.OPEN, next_probe_at__lte=now())
    return list(rows.order_by("next_probe_at").values_list("account_code", flat=True)[:limit])


def probe_account(code: str) -> str:
    """Ask an account that is out of order about a number nobody has; return its state after that.

    Network: not inside a transaction. Whatever the answer, that there is one puts the account on
    trial: the next payment shows the rest. Of many callers one asks.
    """
    refuse_inside_transaction()
    if _claim(code):
        _ask(code)
    rows = AcquirerHealth.objects.filter(account_code=code)
    return rows.values_list("state", flat=True).first() or State.CLOSED


@transact()
def _claim(code: str) -> bool:
    pause = timedelta(seconds=settings.LINLI_CIRCUIT_PAUSE_SECONDS)
    due = AcquirerHealth.objects.filter(
        account_code=code, state=State.OPEN, held_by="", next_probe_at__lte=now()
    )
    return due.update(next_probe_at=now() + pause) == 1


def _ask(code: str) -> None:
    account = AcquirerAccount.objects.filter(code=code).order_by("status", "-version").first()
    if account is None:
        return
    try:
        adapter_of(account).query(PayRef(new_number(CHECK), sent_at=now() - AN_HOUR))
    except AcquirerError as error:
        note_answer(account, Contact.ASK, error=error)
    else:
        note_answer(account, Contact.ASK)
