"""Paying out: written with the payee frozen, sent, and asked about until it is sure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import IntegrityError, transaction

from payments.acquiring.contract import (
    DeclinedError,
    Outcome,
    TransferRef,
    TransferRequest,
    TransferResult,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.kernel.tenders import Payee
from payments.ledger.accounts import LEADER_IN_TRANSIT, SUPPLIER_IN_TRANSIT
from payments.models import Transfer
from payments.papers import TransferView, view_of_transfer
from payments.selectors import UnknownNumberError, transfer_view
from payments.services.accounts import adapter_of, is_by_file, merchant_of, notify_url
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import begin_errand
from payments.services.errands import ask_about_errand, is_due_to_ask, send_errand
from payments.services.four_eyes import let_go_if_approved
from payments.services.funding import OwnFundsPayoutError, refuse_paying_sellers
from payments.services.funds import may_leave
from payments.services.payments import IdempotencyConflictError
from payments.services.routing import choose_transfer_account
from payments.services.sending import failure_of
from payments.services.transactions import require_transaction
from payments.services.transfer_desk import cancel_unsent


@dataclass(frozen=True, slots=True, kw_only=True)
class InTransit:
    """Which in-transit account of the books a transfer empties: code, whose, which statement."""

    account: str
    party: str
    reference: str

    @classmethod
    def of_leader(cls, leader_ref: str, statement_ref: str) -> Self:
        """A leader's closed statement on its way to her."""
        return cls(account=LEADER_IN_TRANSIT.code, party=leader_ref, reference=statement_ref)

    @classmethod
    def of_supplier(cls, supplier_ref: str, statement_ref: str) -> Self:
        """A supplier's closed statement on its way to it."""
        return cls(account=SUPPLIER_IN_TRANSIT.code, party=supplier_ref, reference=statement_ref)


def create_transfer(  # noqa: PLR0913 - the door takes what the paper needs, each by its name
    *,
    transfer_key: str,
    payee: Payee,
    amount: Money,
    reference: str,
    purpose: str,
    ledger: InTransit,
    created_by: str = "",
    approved_by: str = "",
) -> TransferView:
    """Write one transfer down, its payee frozen. In a transaction; the runner sends it.

    Above LINLI_PAYOUT_FOUR_EYES_MINOR it is sent only when somebody else than who created it
    approved it: named here, or later by approve_transfer. OwnFundsPayoutError where a seller of
    others' goods would be paid from our own account although an institution splits the money.

    The same `transfer_key` is the same transfer and returns it, however it stands (an UNKNOWN one
    blocks: use another key only after transfer.failed was told); with other figures
    IdempotencyConflictError. ValueError unless the amount is positive.
    """
    require_transaction()
    if amount.minor <= 0:
        raise ValueError("a transfer pays a positive amount")
    refuse_paying_sellers(ledger.account)
    before = Transfer.objects.filter(transfer_key=transfer_key).first()
    if before is None:
        try:
            with transaction.atomic():
                made = _insert(
                    transfer_key=transfer_key,
                    payee=payee,
                    amount=amount,
                    reference=reference,
                    purpose=purpose[:80],
                    ledger=asdict(ledger),
                    created_by=created_by[:64],
                )
                begin_errand(made, ErrandEvent.BEGIN, by=created_by)
                let_go_if_approved(made, approved_by=approved_by)
                return view_of_transfer(made)
        except IntegrityError:
            before = Transfer.objects.filter(transfer_key=transfer_key).first()
            if before is None:
                raise
    known = (before.amount, before.payee_account, before.payee_name)
    if known != (amount, payee.account, payee.name):
        raise IdempotencyConflictError(transfer_key=transfer_key)
    return view_of_transfer(before)


def _insert(*, payee: Payee, amount: Money, **columns: Any) -> Transfer:
    account = choose_transfer_account(amount)
    at = now()
    return Transfer.objects.create(
        transfer_no=new_number("T"),
        account=account,
        merchant=merchant_of(account),
        payee_name=payee.name,
        payee_account=payee.account,
        payee_bank=payee.bank,
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at=at,
        **columns,
    )


def send_transfer(transfer_no: str) -> TransferView:
    """Ask the acquirer to pay a transfer that is approved and not sent yet; say how it stands.

    It stays prepared while account 1001 does not hold the money for it; one that was stopped while
    nobody knew whether it had arrived is taken back. Network: not inside a
    transaction. Always under the same number. UnknownNumberError.
    """
    refuse_inside_transaction()
    transfer = _found(transfer_no)
    if transfer.status == Transfer.Status.APPROVED:
        if transfer.stopped_by:
            cancel_unsent(transfer_no, by=transfer.stopped_by)
        elif not _has_to_stay(transfer):
            _send(transfer)
    return transfer_view(transfer_no)


def _has_to_stay(transfer: Transfer) -> bool:
    """Keep back what must not leave from here: a file's row, a seller's money in SPLIT mode."""
    if is_by_file(transfer.account):
        return True
    try:
        refuse_paying_sellers(str(transfer.ledger.get("account", "")))
    except OwnFundsPayoutError as refusal:
        Transfer.objects.filter(pk=transfer.pk, status=Transfer.Status.APPROVED).update(
            next_action_at=None, failure_code=refusal.code, failure_message="split mode"
        )
        return True
    return False


def refresh_transfer(transfer_no: str) -> TransferView:
    """Ask the acquirer what became of a transfer that was sent; return how it stands.

    Network: not inside a transaction. No answer changes nothing. UnknownNumberError.
    """
    refuse_inside_transaction()
    transfer = _found(transfer_no)
    if not is_by_file(transfer.account) and is_due_to_ask(transfer):
        ref = TransferRef(transfer_no, acquirer_transfer_no=transfer.acquirer_transfer_no)
        ask_about_errand(
            transfer,
            account=transfer.account,
            question=lambda: adapter_of(transfer.account).query_transfer(ref),
        )
    return transfer_view(transfer_no)


def _is_stopped(transfer: Transfer) -> bool:
    """Look again in the transaction that lets it leave."""
    return Transfer.objects.filter(pk=transfer.pk).exclude(stopped_by="").exists()


def _found(transfer_no: str) -> Transfer:
    rows = Transfer.objects.select_related("account").filter(transfer_no=transfer_no)
    transfer = rows.first()
    if transfer is None:
        raise UnknownNumberError(transfer_no=transfer_no)
    return transfer


def _send(transfer: Transfer) -> None:
    request = TransferRequest(
        transfer_no=transfer.transfer_no,
        amount=transfer.amount,
        payee_name=transfer.payee_name,
        payee_account=transfer.payee_account,
        payee_bank=transfer.payee_bank,
        purpose=transfer.purpose,
        notify_url=notify_url(transfer.account),
    )

    def refused(error: DeclinedError) -> TransferResult:
        return TransferResult(
            outcome=Outcome.FAILED,
            transfer_no=request.transfer_no,
            failure=failure_of(error),
            raw=error.raw,
        )

    send_errand(
        transfer,
        account=transfer.account,
        request=lambda: adapter_of(transfer.account).transfer(request),
        refused=refused,
        may_leave=lambda: not _is_stopped(transfer) and may_leave(transfer),
    )
