"""May this payout leave? Only while the bank account of the books holds the money for it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from payments.incidents import report_incident, settle_incident
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.ledger.accounts import BANK
from payments.ledger.balances import balance
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.models import Incident, Transfer
from payments.services.transactions import require_transaction

logger = logging.getLogger(__name__)

UNFUNDED: Final = "unfunded"
WAIT_FOR_FUNDS: Final = timedelta(minutes=5)
# Sent and not decided: the bank may have debited them or may still do so.
ON_THEIR_WAY: Final = Transfer.ASKABLE
# A number of our own for PostgreSQL's advisory locks: "payouts from account 1001".
_LOCK: Final = 0x4C_1001


def available_minor(*, currency: str = "CNY") -> int:
    """Return what account 1001 holds less the payouts that are on their way, in minor units."""
    waiting = Transfer.objects.filter(status__in=ON_THEIR_WAY, currency=currency).aggregate(
        total=Coalesce(Sum("amount_minor"), 0)
    )
    return balance(BANK, party=MAIN_ACCOUNT, currency=currency) - int(waiting["total"])


def may_leave(transfer: Transfer) -> bool:
    """Tell whether the money for a payout is there; the caller marks it sent in this transaction.

    Those who ask at the same time take turns, so that two cannot leave on the same money. Where it
    is not there, the payout waits, says why, and a person is called, once.
    """
    if not settings.LINLI_PAYOUTS_WITHIN_FUNDS:
        return True
    require_transaction()
    _take_turns()
    there = available_minor(currency=transfer.currency)
    if transfer.amount_minor <= there:
        _forget_waiting(transfer)
        return True
    _let_wait(transfer, there)
    return False


class NotEnoughFundsError(LinliError):
    """Account 1001 does not hold what a batch would take out of it."""

    code = "not_enough_funds"
    message = _("The bank account of the books does not hold enough for this batch.")


def require_funds(minor: int, *, currency: str = "CNY") -> None:
    """Refuse to let a whole batch leave without the money for it; takes turns as `may_leave` does.

    In the transaction that marks it as sent. NotEnoughFundsError.
    """
    if not settings.LINLI_PAYOUTS_WITHIN_FUNDS:
        return
    require_transaction()
    _take_turns()
    there = available_minor(currency=currency)
    if minor > there:
        raise NotEnoughFundsError(needed_minor=minor, available_minor=there)


def wake_waiting() -> int:
    """Let payouts that wait for money be tried now, because some came; return how many."""
    waiting = Transfer.objects.filter(status=Transfer.Status.APPROVED, failure_code=UNFUNDED)
    return waiting.update(next_action_at=now())


def _take_turns() -> None:
    """Hold others back until this transaction ends; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _let_wait(transfer: Transfer, there: int) -> None:
    logger.warning("transfer.unfunded number=%s available=%s", transfer, there)
    Transfer.objects.filter(pk=transfer.pk, status=Transfer.Status.APPROVED).update(
        next_action_at=now() + WAIT_FOR_FUNDS,
        failure_code=UNFUNDED,
        failure_message=f"needs {transfer.amount_minor}, available {there}",
    )
    report_incident(
        Incident.Kind.TRANSFER_UNFUNDED,
        key=transfer.transfer_no,
        subject_no=transfer.transfer_no,
        needed_minor=transfer.amount_minor,
        available_minor=there,
    )


def _forget_waiting(transfer: Transfer) -> None:
    if transfer.failure_code != UNFUNDED:
        return
    Transfer.objects.filter(pk=transfer.pk, failure_code=UNFUNDED).update(
        failure_code="", failure_message=""
    )
    key = f"{Incident.Kind.TRANSFER_UNFUNDED}:{transfer.transfer_no}"
    settle_incident(key, by="payouts", note="The money came.")
