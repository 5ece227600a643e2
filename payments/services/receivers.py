"""Who may receive shares: made known to the acquirer before the first one is sent."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import SplitMode
from payments.acquiring.contract import SplitReceiver as ReceiverPaper
from payments.acquiring.errors import AcquirerError
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, SplitReceiver
from payments.services.accounts import NoAcquirerError, adapter_of

Status = SplitReceiver.Status
_SAID_MAX: Final = 300


class ReceiverNotTakenError(LinliError):
    """The acquirer does not know this receiver, or nobody knows whether it does; data: said."""

    code = "receiver_not_taken"
    http_status = 422
    message = _("The acquirer has not taken this receiver. Check number and name, then try again.")


def accounts_that_share() -> list[str]:
    """Return the accounts in use whose acquirer shares out payments after they were made."""
    active = AcquirerAccount.objects.filter(status=AcquirerAccount.Status.ACTIVE).order_by("code")
    return [each.code for each in active if adapter_of(each).caps.split == SplitMode.AFTER_PAY]


def register_receiver(
    *, account_code: str, receiver: str, name: str, kind: str = "merchant"
) -> None:
    """Make a receiver known to the acquirer; doing it again changes nothing.

    Network: not inside a transaction. `receiver` is its account at the acquirer, `name` its
    registered name. ReceiverNotTakenError with what the acquirer says; NoAcquirerError.
    """
    refuse_inside_transaction()
    adapter = adapter_of(_account(account_code))
    _write_down(account_code, receiver, name=name, kind=kind)
    try:
        adapter.add_receiver(ReceiverPaper(receiver, name, kind))
    except AcquirerError as error:
        raise ReceiverNotTakenError(said=error.message[:_SAID_MAX]) from error
    _mark(account_code, receiver, Status.ACTIVE)


def remove_receiver(*, account_code: str, receiver: str) -> None:
    """Let a receiver get no more shares. Network: not inside a transaction. NoAcquirerError."""
    refuse_inside_transaction()
    adapter = adapter_of(_account(account_code))
    row = SplitReceiver.objects.filter(account_code=account_code, receiver=receiver).first()
    if row is None:
        return
    _mark(account_code, receiver, Status.REMOVED)
    adapter.remove_receiver(ReceiverPaper(row.receiver, row.name, row.kind))


def _account(code: str) -> AcquirerAccount:
    active = AcquirerAccount.Status.ACTIVE
    found = AcquirerAccount.objects.filter(code=code, status=active).first()
    if found is None:
        raise NoAcquirerError(account=code)
    return found


@transact()
def _write_down(account_code: str, receiver: str, *, name: str, kind: str) -> None:
    SplitReceiver.objects.get_or_create(
        account_code=account_code,
        receiver=receiver,
        defaults={"name": name[:80], "kind": kind, "created_at": now()},
    )


@transact()
def _mark(account_code: str, receiver: str, status: str) -> None:
    rows = SplitReceiver.objects.filter(account_code=account_code, receiver=receiver)
    rows.update(status=status)
