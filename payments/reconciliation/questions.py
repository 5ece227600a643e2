"""Which question to an acquirer, and which statement of its bill, a record of ours stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from payments.acquiring.contract import (
    Outcome,
    PayRef,
    PayResult,
    RefundRef,
    RefundResult,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
    TransferRef,
    TransferResult,
)
from payments.models import AcquirerAccount, Payment, Refund, SplitShare, Transfer
from payments.models import SplitReturn as OwnReturn
from payments.reconciliation.models import BillLine, RecordKind
from payments.services.accounts import adapter_of
from payments.services.evidence import Result
from payments.services.splits import ref_of

Answer = PayResult | RefundResult | TransferResult | SplitResult | SplitReturnResult


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to ask, how, and what to look at in the answer. `ask` is network."""

    account: AcquirerAccount
    number: str
    ask: Callable[[], Answer]


def question_about(kind: str, own_no: str) -> Question | None:
    """Return how to ask what became of a record; None where we have no such row."""
    finder = _QUESTIONS.get(RecordKind(kind))
    return finder(own_no) if finder else None


def _of_payment(own_no: str) -> Question | None:
    row = Payment.objects.select_related("account").filter(payment_no=own_no).first()
    if row is None:
        return None
    ref = PayRef(row.payment_no, acquirer_no=row.acquirer_no, sent_at=row.sent_at)
    return Question(row.account, own_no, lambda: adapter_of(row.account).query(ref))


def _of_refund(own_no: str) -> Question | None:
    row = Refund.objects.select_related("payment__account").filter(refund_no=own_no).first()
    if row is None:
        return None
    account = row.payment.account
    ref = RefundRef(
        own_no,
        row.payment.payment_no,
        acquirer_refund_no=row.acquirer_refund_no,
        acquirer_no=row.of_acquirer_no or row.payment.acquirer_no,
        sent_at=row.sent_at,
    )
    return Question(account, own_no, lambda: adapter_of(account).query_refund(ref))


def _of_transfer(own_no: str) -> Question | None:
    row = Transfer.objects.select_related("account").filter(transfer_no=own_no).first()
    if row is None:
        return None
    ref = TransferRef(own_no, acquirer_transfer_no=row.acquirer_transfer_no)
    return Question(row.account, own_no, lambda: adapter_of(row.account).query_transfer(ref))


def _of_share(own_no: str) -> Question | None:
    rows = SplitShare.objects.select_related("split__payment__account")
    row = rows.filter(share_no=own_no).first()
    if row is None:
        return None
    account, ref = row.split.payment.account, ref_of(row.split)
    return Question(account, row.split.split_no, lambda: adapter_of(account).query_split(ref))


def _of_return(own_no: str) -> Question | None:
    """A return is asked about by its own request: the same number is the same return."""
    rows = OwnReturn.objects.select_related("share__split__payment__account")
    row = rows.filter(return_no=own_no, sent_at__isnull=False).first()
    if row is None:
        return None
    share, split = row.share, row.share.split
    account = split.payment.account
    request = SplitReturn(
        own_no,
        split.split_no,
        share.receiver,
        row.amount,
        share_no=share.share_no,
        payment_no=split.payment.payment_no,
        acquirer_split_no=split.acquirer_split_no,
    )
    return Question(account, own_no, lambda: adapter_of(account).split_return(request))


_QUESTIONS: Final[dict[RecordKind, Callable[[str], Question | None]]] = {
    RecordKind.PAY: _of_payment,
    RecordKind.REFUND: _of_refund,
    RecordKind.TRANSFER: _of_transfer,
    RecordKind.SPLIT: _of_share,
    RecordKind.SPLIT_RETURN: _of_return,
}


def statement_of(line: BillLine, account: AcquirerAccount) -> Result | None:
    """Return what a line of a bill says, as a statement of the acquirer; None for other kinds."""
    outcome, money = Outcome(line.outcome), line.bill_money
    raw: dict[str, object] = {
        "bill": str(line.bill),
        "sha256": line.bill.sha256,
        "line_no": line.line_no,
    }
    merchant = account.merchant_id
    if line.kind == RecordKind.PAY:
        return PayResult(
            outcome,
            line.own_no,
            acquirer_no=line.acquirer_no,
            amount=money,
            merchant_id=merchant,
            paid_at=line.at,
            raw=raw,
        )
    if line.kind == RecordKind.REFUND:
        return RefundResult(
            outcome,
            line.own_no,
            payment_no=line.related_no,
            acquirer_refund_no=line.acquirer_no,
            amount=money,
            merchant_id=merchant,
            refunded_at=line.at,
            raw=raw,
        )
    if line.kind == RecordKind.TRANSFER:
        return TransferResult(
            outcome,
            line.own_no,
            acquirer_transfer_no=line.acquirer_no,
            amount=money,
            merchant_id=merchant,
            completed_at=line.at,
            raw=raw,
        )
    return None
