"""What a person may do about a transfer: approve another's, or take one back."""

from __future__ import annotations

from payments.acquiring.contract import AcquirerError, Outcome, TransferRef
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.errors import IllegalTransitionError
from payments.kernel.transact import transact
from payments.models import ChannelFact, Transfer
from payments.papers import TransferView
from payments.selectors import UnknownNumberError, transfer_view
from payments.services.accounts import adapter_of, is_by_file
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import move_errand
from payments.services.facts import apply_channel_fact
from payments.services.four_eyes import SecondPersonError, let_go_if_approved
from payments.services.transfer_facts import tell_transfer

Status = Transfer.Status
CANCELLED_BY_US = "cancelled_by_us"
# Sent, and perhaps never arrived.
_UNSURE = (Status.SENT, Status.UNKNOWN)


@transact()
def approve_transfer(transfer_no: str, *, by: str) -> TransferView:
    """Let a transfer that waits for a second person go (T2).

    SecondPersonError for who created it, IllegalTransitionError unless it waits for approval,
    UnknownNumberError.
    """
    transfer = _locked(transfer_no)
    if transfer.status != Status.CREATED:
        raise IllegalTransitionError(to=Status.APPROVED)
    if not let_go_if_approved(transfer, approved_by=by):
        raise SecondPersonError(transfer_no=transfer_no)
    return transfer_view(transfer_no)


def cancel_transfer(transfer_no: str, *, by: str) -> TransferView:
    """Take a transfer back that was not sent (T13), or that its payee has not confirmed (T14).

    Network: not inside a transaction. What the acquirer answers decides; no answer changes nothing.
    IllegalTransitionError for one that is under way or over, UnknownNumberError.
    """
    refuse_inside_transaction()
    if not cancel_unsent(transfer_no, by=by):
        _cancel_at_the_acquirer(transfer_no)
    return transfer_view(transfer_no)


@transact()
def cancel_unsent(transfer_no: str, *, by: str) -> bool:
    """Take a transfer back that waits to be sent (T13); say whether this call did."""
    transfer = _locked(transfer_no)
    moved = move_errand(
        transfer,
        ErrandEvent.CANCELLED_BY_US,
        by=by,
        done_at=now(),
        next_action_at=None,
        failure_code=CANCELLED_BY_US,
        failure_message="",
    )
    if moved:
        tell_transfer(transfer, "failed")
    return moved


@transact()
def take_unsent_transfer_back(transfer_no: str, *, by: str) -> bool:
    """Take a transfer back that was not sent (T13); say whether it was still here. No network.

    One whose answer is awaited is stopped: should it turn out that it never arrived, it is taken
    back then and not sent again. May run inside a transaction. False for a row of a file: it goes
    with its batch. UnknownNumberError.
    """
    try:
        if cancel_unsent(transfer_no, by=by):
            return True
        out = Transfer.objects.filter(transfer_no=transfer_no, status__in=_UNSURE)
        if out.update(stopped_by=by[:64]):
            return False
        # Meanwhile it may have been put back to be sent again.
        return cancel_unsent(transfer_no, by=by)
    except IllegalTransitionError:
        return False


def _cancel_at_the_acquirer(transfer_no: str) -> None:
    transfer = Transfer.objects.select_related("account").get(transfer_no=transfer_no)
    if transfer.status != Status.WAIT_USER_CONFIRM:
        raise IllegalTransitionError(to=Status.CANCELLED)
    ref = TransferRef(transfer_no, acquirer_transfer_no=transfer.acquirer_transfer_no)
    try:
        answer = adapter_of(transfer.account).cancel_transfer(ref)
    except AcquirerError:
        _ask_soon(transfer)
        return
    if answer.transfer_no == transfer_no and answer.outcome != Outcome.UNKNOWN:
        source = ChannelFact.Source.CLOSE
        apply_channel_fact(source=source, account=transfer.account, result=answer)


def _ask_soon(transfer: Transfer) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(next_action_at=now())


def _locked(transfer_no: str) -> Transfer:
    rows = Transfer.objects.select_for_update(no_key=True, of=("self",)).filter(
        transfer_no=transfer_no
    )
    transfer = rows.select_related("account").first()
    if transfer is None:
        raise UnknownNumberError(transfer_no=transfer_no)
    if is_by_file(transfer.account):
        # A row of a batch goes with its batch, which two people decide about as a whole.
        raise IllegalTransitionError(to=transfer.status)
    return transfer
