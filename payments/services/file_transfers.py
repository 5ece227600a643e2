"""Payouts that leave in a file a person carries to the bank: written, approved, handed out, heard.

They are transfers like any other, of the account whose adapter is `bank_file`: the same table of
edges, the same in-transit account in the books, the same rule that account 1001 must hold the money
before they leave. Only nobody sends them and nobody can be asked: the bank's result file tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import Sum

from payments.acquiring.contract import Advice, Failure, Outcome, TransferResult
from payments.kernel.clock import now
from payments.kernel.errors import IllegalTransitionError
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.kernel.tenders import Payee
from payments.kernel.transact import transact
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.models import ChannelFact, ErrandStep, Transfer
from payments.papers import TransferView
from payments.selectors import UnknownNumberError, transfer_view
from payments.services.accounts import BANK_FILE, ensure_bank_file_account, is_by_file, merchant_of
from payments.services.errand_machines import TRANSFERS, ErrandEvent
from payments.services.facts import apply_channel_fact
from payments.services.four_eyes import SecondPersonError
from payments.services.funding import refuse_paying_sellers
from payments.services.funds import require_funds
from payments.services.transactions import require_transaction
from payments.services.transfers import InTransit

_AT_ONCE: Final = 500
Status = Transfer.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWish:
    """One row of a file: who gets how much (fen) for which statement."""

    transfer_key: str
    payee: Payee
    amount: Money
    reference: str
    purpose: str
    ledger: InTransit


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """What became of one row, by the bank's result file or by two people who looked.

    `amount` is what the bank says it moved; `why` its own words where it did not, or where the
    money came back.
    """

    transfer_no: str
    is_paid: bool
    amount: Money
    bank_ref: str = ""
    code: str = ""
    why: str = ""


def create_file_transfers(wishes: Sequence[FileWish], *, created_by: str) -> list[str]:
    """Write the rows of a file down, payees frozen; return their numbers in the same order.

    In a transaction. Nothing leaves before somebody else approved all and handed the file out.
    OwnFundsPayoutError in SPLIT mode, IntegrityError for a key that is taken, ValueError for an
    amount that is not positive or where `created_by` names nobody.
    """
    require_transaction()
    if not created_by or any(wish.amount.minor <= 0 for wish in wishes):
        raise ValueError("a file pays positive amounts and names who made it")
    for drawer in {wish.ledger.account for wish in wishes}:
        refuse_paying_sellers(drawer)
    account = ensure_bank_file_account(merchant_id=MAIN_ACCOUNT)
    at = now()
    rows = [
        Transfer(
            transfer_no=new_number("T"),
            transfer_key=wish.transfer_key,
            account=account,
            merchant=merchant_of(account),
            reference=wish.reference,
            created_by=created_by[:64],
            payee_name=wish.payee.name,
            payee_account=wish.payee.account,
            payee_bank=wish.payee.bank,
            amount_minor=wish.amount.minor,
            currency=wish.amount.currency,
            purpose=wish.purpose[:80],
            ledger=asdict(wish.ledger),
            created_at=at,
        )
        for wish in wishes
    ]
    Transfer.objects.bulk_create(rows, batch_size=_AT_ONCE)
    numbers = [row.transfer_no for row in rows]
    _log(numbers, ErrandEvent.BEGIN, came_from="", to=Status.CREATED, by=created_by)
    return numbers


def approve_file_transfers(numbers: Sequence[str], *, by: str) -> None:
    """Let the rows of a file be handed out; however small, never by who wrote them. (T2).

    In a transaction. SecondPersonError, IllegalTransitionError unless all of them wait.
    """
    require_transaction()
    if not by or _any(numbers, created_by=by[:64]):
        raise SecondPersonError
    at = now()
    _move_all(
        numbers,
        ErrandEvent.APPROVED,
        came_from=Status.CREATED,
        by=by,
        approved_by=by[:64],
        approved_at=at,
    )


def hand_out_file_transfers(numbers: Sequence[str], *, by: str) -> None:
    """The file leaves the house: from now on the bank may pay every row of it. (T3).

    In a transaction. NotEnoughFundsError where account 1001 does not hold the whole file,
    OwnFundsPayoutError in SPLIT mode, IllegalTransitionError unless all rows are approved.
    """
    require_transaction()
    for code in _drawers(numbers):
        refuse_paying_sellers(code)
    require_funds(_total(numbers))
    at = now()
    _move_all(numbers, ErrandEvent.SEND, came_from=Status.APPROVED, by=by, sent_at=at)


def cancel_file_transfers(numbers: Sequence[str], *, came_from: str, by: str) -> None:
    """Take back rows of a file that nobody has had in hands. (T13).

    In a transaction; nobody is told, who cancels knows. IllegalTransitionError unless all of them
    are still `came_from` (created or approved).
    """
    require_transaction()
    _move_all(
        numbers,
        ErrandEvent.CANCELLED_BY_US,
        came_from=came_from,
        by=by,
        done_at=now(),
        failure_code="cancelled_by_us",
    )


def file_payees(numbers: Sequence[str]) -> dict[str, Payee]:
    """Return whom each row pays, as it was frozen when the row was written."""
    found: dict[str, Payee] = {}
    for chunk in _chunks(numbers):
        rows = _ours(chunk).values_list("transfer_no", "payee_name", "payee_account", "payee_bank")
        for number, name, account, bank in rows:
            found[number] = Payee(name=name, account=account, bank=bank)
    return found


@transact()
def hear_of_file_transfer(
    answer: FileAnswer, *, evidence: Mapping[str, Any], is_decided: bool = False
) -> TransferView:
    """Believe what a result file says about one row, or what two people decided (`is_decided`).

    Books, state and the facts for the floors above are written together; the same answer again
    changes nothing. A no after a yes is money that came back. UnknownNumberError for a number that
    was never in a file of ours.
    """
    rows = Transfer.objects.select_related("account")
    transfer = rows.filter(transfer_no=answer.transfer_no).first()
    if transfer is None or not is_by_file(transfer.account):
        raise UnknownNumberError(transfer_no=answer.transfer_no)
    source = ChannelFact.Source.DESK if is_decided else ChannelFact.Source.FILE
    result = _paper(transfer, answer, evidence)
    apply_channel_fact(source=source, account=transfer.account, result=result)
    return transfer_view(answer.transfer_no)


def _paper(transfer: Transfer, answer: FileAnswer, evidence: Mapping[str, Any]) -> TransferResult:
    failure = None
    if not answer.is_paid:
        failure = Failure(
            code=answer.code or "refused_by_bank",
            acquirer_code=answer.code,
            message=answer.why,
            advice=Advice.DO_NOT_RETRY,
        )
    return TransferResult(
        outcome=Outcome.SUCCEEDED if answer.is_paid else Outcome.FAILED,
        transfer_no=answer.transfer_no,
        amount=answer.amount,
        merchant_id=transfer.account.merchant_id,
        failure=failure,
        raw={**evidence, "bank_ref": answer.bank_ref, "why": answer.why},
    )


def _chunks(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def _ours(numbers: Sequence[str]) -> Any:
    return Transfer.objects.filter(transfer_no__in=numbers, account__adapter=BANK_FILE)


def _any(numbers: Sequence[str], **said: Any) -> bool:
    return any(_ours(chunk).filter(**said).exists() for chunk in _chunks(numbers))


def _total(numbers: Sequence[str]) -> int:
    sums = (_ours(chunk).aggregate(sum=Sum("amount_minor"))["sum"] for chunk in _chunks(numbers))
    return sum(minor or 0 for minor in sums)


def _drawers(numbers: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for chunk in _chunks(numbers):
        found |= {row["account"] for row in _ours(chunk).values_list("ledger", flat=True)}
    return found


def _move_all(
    numbers: Sequence[str], event: ErrandEvent, *, came_from: str, by: str, **changes: Any
) -> None:
    """Move all rows along one edge, or none: whoever is elsewhere already stops the whole."""
    edge = TRANSFERS.find(status=came_from, event=event)
    if edge is None or edge.to is None:
        raise IllegalTransitionError(to=event)
    for chunk in _chunks(numbers):
        rows = _ours(chunk).filter(status=came_from)
        if rows.update(status=edge.to, updated_at=now(), **changes) != len(chunk):
            raise IllegalTransitionError(to=edge.to)
    _log(numbers, event, came_from=came_from, to=edge.to, by=by)


def _log(numbers: Sequence[str], event: ErrandEvent, *, came_from: str, to: str, by: str) -> None:
    edge = TRANSFERS.find(status=came_from, event=event)
    if edge is None:
        raise IllegalTransitionError(to=to)
    at = now()
    ErrandStep.objects.bulk_create(
        (
            ErrandStep(
                errand_no=number,
                edge=edge.no,
                from_status=came_from,
                to_status=to,
                by=by[:64],
                at=at,
            )
            for number in numbers
        ),
        batch_size=_AT_ONCE,
    )
