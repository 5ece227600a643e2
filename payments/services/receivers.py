"""Who may receive shares: made known to the acquirer before the first one is sent."""

from __future__ import annotations

from payments.acquiring.contract import SplitReceiver as ReceiverPaper
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, SplitReceiver
from payments.services.accounts import NoAcquirerError, adapter_of

Status = SplitReceiver.Status


def register_receiver(
    *, account_code: str, receiver: str, name: str, kind: str = "merchant"
) -> None:
    """Make a receiver known to the acquirer; doing it again changes nothing.

    Network: not inside a transaction. `receiver` is its account at the acquirer, `name` its
    registered name. Raises what the acquirer says (AcquirerError); NoAcquirerError.
    """
    refuse_inside_transaction()
    adapter = adapter_of(_account(account_code))
    _write_down(account_code, receiver, name=name, kind=kind)
    adapter.add_receiver(ReceiverPaper(receiver, name, kind))
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
