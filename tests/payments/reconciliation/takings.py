"""A day's takings as our books have them, and the paper bank's lines that say the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from payments.acquiring.contract import Outcome, TransferResult
from payments.api import Funder, Money, TenderPart
from payments.kernel.clock import business_date
from payments.models import AcquirerAccount, Payment, Refund, Transfer
from payments.reconciliation.jobs import (
    ask_about_differences,
    close_bills,
    fetch_bills,
    read_bills,
)
from payments.reconciliation.models import Bill, ReconciliationCase
from payments.services.facts import apply_channel_fact
from payments.services.fees import book_fee
from payments.services.refunds import request_refund
from payments.services.returning import RefundStage
from tests.payments.desk import hear, open_payment, refunded, success
from tests.payments.reconciliation.paperbank import Line, noon

DAY = date(2026, 11, 20)
NEXT_DAY = DAY + timedelta(days=1)
FEE = 73  # of 192.00 at 0.38 %


def our_account() -> AcquirerAccount:
    """Our account at the paper bank."""
    return AcquirerAccount.objects.get(code="paper")


def waiting(reference: str, **columns: Any) -> Payment:
    """A payment that was sent to the paper bank and waits for its answer."""
    row = Payment.objects.get(payment_no=open_payment(reference).payment_no)
    values = {"account": our_account(), "merchant": "paper:M001", "status": "pending"}
    values |= {"sent_at": row.created_at, **columns}
    Payment.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def paid(reference: str, day: date = DAY, **said: Any) -> Payment:
    """A payment the paper bank told us about, with its fee in the books."""
    row = waiting(reference)
    said.setdefault("paid_at", noon(day))
    hear(row, "notify", success(row, **said))
    with transaction.atomic():
        book_fee(row)
    return row


def line_of(payment: Payment, **other: Any) -> Line:
    """The line that says the same as our row."""
    values = {
        "kind": "pay",
        "own_no": payment.payment_no,
        "amount": payment.amount_minor,
        "fee": FEE,
        "acquirer_no": payment.acquirer_no,
        "at": payment.succeeded_at or noon(DAY),
    }
    return Line(**{**values, **other})


def promised_back(payment: Payment, minor: int = 2769) -> Refund:
    """A refund of 27.69 to the payer that was sent and not answered yet."""
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=f"refund-of-{payment.payment_no}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )
    Refund.objects.filter(refund_no=view.refund_no).update(
        status="unknown", sent_at=payment.succeeded_at
    )
    return Refund.objects.get(refund_no=view.refund_no)


def given_back(payment: Payment, minor: int = 2769) -> Refund:
    """A refund that is done."""
    row = promised_back(payment, minor)
    hear(payment, "query", refunded(row.refund_no, minor))
    row.refresh_from_db()
    return row


def line_of_refund(refund: Refund, **other: Any) -> Line:
    """The line that says the same as our refund; 0.11 of the fee comes back with 27.69."""
    values = {
        "kind": "refund",
        "own_no": refund.refund_no,
        "amount": refund.resident_minor,
        "fee": -11,
        "acquirer_no": refund.acquirer_refund_no,
        "related": refund.payment.payment_no,
        "at": refund.done_at or noon(DAY),
    }
    return Line(**{**values, **other})


def jobs_until_quiet(time_machine: Any = None, rounds: int = 8) -> None:
    """Let reconciliation do by itself whatever it does, in the order of its jobs, for a while."""
    for _ in range(rounds):
        if time_machine is not None:
            time_machine.shift(timedelta(minutes=31))
        fetch_bills()
        read_bills()
        ask_about_differences()
        close_bills()


def next_noon(time_machine: Any, day: date = DAY) -> None:
    """Midday after a day: its bills are there."""
    time_machine.move_to(noon(day + timedelta(days=1)))


def found() -> set[tuple[str, str]]:
    """Every case that is not over: its class and our number."""
    rows = ReconciliationCase.objects.exclude(state="closed")
    return set(rows.values_list("discrepancy", "own_no"))


def the_case(own_no: str) -> ReconciliationCase:
    """The only case about a number."""
    return ReconciliationCase.objects.get(own_no=own_no)


def the_bill(day: date = DAY, kind: str = "trade") -> Bill:
    """The statement that counts."""
    return Bill.objects.get(day=day, kind=kind, is_current=True)


def transfer_row(minor: int = 5000, **columns: Any) -> Transfer:
    """A transfer from our balance at the paper bank, sent and not answered yet."""
    account = our_account()
    number = f"T2611200000000000{Transfer.objects.count():04d}"
    values = {
        "transfer_no": number,
        "transfer_key": number,
        "reference": "S1",
        "account": account,
        "merchant": "paper:M001",
        "payee_name": "李小娟",
        "payee_account": "6217000000000000000",
        "amount_minor": minor,
        "purpose": "commission",
        "ledger": {"account": "2302", "party": "L1", "reference": "S1"},
        "status": "unknown",
        "created_at": noon(DAY),
        "sent_at": noon(DAY),
    }
    return Transfer.objects.create(**{**values, **columns})


def transferred(transfer: Transfer) -> TransferResult:
    """The paper bank says that a transfer is done."""
    return TransferResult(
        Outcome.SUCCEEDED,
        transfer.transfer_no,
        acquirer_transfer_no=f"D{transfer.pk}",
        amount=transfer.amount,
        merchant_id="M001",
    )


def tell(result: Any) -> None:
    """Let payments hear something about an errand at the paper bank."""
    apply_channel_fact(source="query", account=our_account(), result=result)


def today() -> date:
    """The Shanghai day it is in the test."""
    return business_date()
