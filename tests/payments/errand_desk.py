"""Refunds, transfers, splits and returned shares in any state, and what acquirers say of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from payments.acquiring.contract import (
    Advice,
    Failure,
    Outcome,
    RefundResult,
    ShareResult,
    SplitResult,
    SplitReturnResult,
    TransferResult,
)
from payments.api import (
    Funder,
    InTransit,
    Money,
    Payee,
    RefundStage,
    TenderPart,
    create_transfer,
    request_refund,
)
from payments.models import (
    ChannelFact,
    ErrandStep,
    Payment,
    Refund,
    Split,
    SplitReceiver,
    SplitReturn,
    SplitShare,
    Transfer,
)
from payments.models.errands import Errand
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import begin_errand
from payments.services.facts import apply_channel_fact
from payments.services.share_returns import PlannedReturn, open_return
from tests.payments.desk import ORDER, hear, payment_in, success

NO = Failure("refused", "99", "no", Advice.DO_NOT_RETRY)
LATER = Failure("balance_too_low", "BALANCE_TOO_LOW", "", Advice.RETRY_LATER)
HER = Payee(name="王芳", account="6217000010001234567", bank="中国建设银行")
SUPPLIER = ("2201", "SUP-1")


def paid() -> Payment:
    """192.00 paid, 16.00 by the bank, as the acquirer said when it was asked."""
    payment = payment_in("created")
    hear(payment, "query", success(payment))
    return payment


def put(errand: Errand, status: str, *, sent: float = 5) -> Any:
    """Put an errand into a state, as if it had been sent so many seconds ago."""
    columns: dict[str, Any] = {"status": status}
    if status not in {"created", "approved", "waiting", "taking_back"}:
        columns["sent_at"] = timezone.now() - timedelta(seconds=sent)
    type(errand).objects.filter(pk=errand.pk).update(**columns)
    errand.refresh_from_db()
    return errand


def refund_in(status: str, **how: Any) -> Refund:
    """A refund of 27.69 to the payer and 2.31 to her bank."""
    with transaction.atomic():
        view = request_refund(
            payment_no=paid().payment_no,
            refund_key="line-a",
            tenders=[
                TenderPart(funder=Funder.PAYER, amount=Money(2769)),
                TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(231)),
            ],
            reason="shortage",
            reference=ORDER,
            stage=RefundStage.BEFORE_PICKUP,
        )
    refund = Refund.objects.get(refund_no=view.refund_no)
    if status in {"succeeded", "failed_after_success"}:
        say_of_refund(refund, Outcome.SUCCEEDED)
    if status in {"failed", "closed", "abnormal", "failed_after_success", "paid_by_hand"}:
        outcome = {"closed": Outcome.CLOSED, "abnormal": Outcome.ABNORMAL}.get(status)
        say_of_refund(refund, outcome or Outcome.FAILED)
    refund.refresh_from_db()
    return refund if refund.status == status else put(refund, status, **how)


def say_of_refund(refund: Refund, outcome: Outcome, heard: str = "query", **said: Any) -> Any:
    """The acquirer says how a refund went."""
    is_no = outcome in {Outcome.FAILED, Outcome.CLOSED, Outcome.ABNORMAL}
    facts = {"amount": refund.amount, "merchant_id": "M001", "failure": NO if is_no else None}
    result = RefundResult(outcome, refund.refund_no, **{**facts, **said})
    return _hear(refund, refund.payment.account, result, heard)


def transfer_in(status: str, **how: Any) -> Transfer:
    """A transfer of 30.00 to a leader."""
    with transaction.atomic():
        view = create_transfer(
            transfer_key="statement-1",
            payee=HER,
            amount=Money(3000),
            reference="ST-1",
            purpose="commission",
            ledger=InTransit.of_leader("L1", "ST-1"),
        )
    transfer = Transfer.objects.get(transfer_no=view.transfer_no)
    if status in {"succeeded", "returned"}:
        say_of_transfer(transfer, Outcome.SUCCEEDED)
    if status in {"failed", "returned"}:
        say_of_transfer(transfer, Outcome.FAILED)
    if status == "cancelled":
        say_of_transfer(transfer, Outcome.CLOSED)
    transfer.refresh_from_db()
    return transfer if transfer.status == status else put(transfer, status, **how)


def say_of_transfer(transfer: Transfer, outcome: Outcome, heard: str = "query", **said: Any) -> Any:
    """The acquirer says how a transfer went."""
    failure = NO if outcome == Outcome.FAILED else None
    facts = {"amount": transfer.amount, "merchant_id": "M001", "failure": failure}
    result = TransferResult(outcome, transfer.transfer_no, **{**facts, **said})
    return _hear(transfer, transfer.account, result, heard)


def split_in(status: str, **how: Any) -> Split:
    """A split of two shares, 40.00 and 10.00, of a payment of 192.00."""
    payment = paid()
    split = Split.objects.create(
        split_no="S1",
        split_key="goods",
        payment=payment,
        merchant=payment.merchant,
        reference=payment.reference,
        amount_minor=5000,
        created_at=timezone.now(),
        next_action_at=timezone.now(),
    )
    for number, minor in (("H1", 4000), ("H2", 1000)):
        SplitShare.objects.create(
            share_no=number,
            share_key=number,
            split=split,
            receiver=f"ACC-{number}",
            ledger=dict(zip(("account", "party"), SUPPLIER, strict=True)),
            amount_minor=minor,
        )
        SplitReceiver.objects.create(
            account_code="sandbox",
            receiver=f"ACC-{number}",
            name=number,
            status="active",
            created_at=timezone.now(),
        )
    Payment.objects.filter(pk=payment.pk).update(split_committed_minor=5000)
    begin_errand(split, ErrandEvent.BEGIN)
    outcomes = {
        "succeeded": (Outcome.SUCCEEDED, Outcome.SUCCEEDED),
        "partial": (Outcome.SUCCEEDED, Outcome.FAILED),
        "failed": (Outcome.FAILED, Outcome.FAILED),
    }
    if status in outcomes:
        say_of_split(split, *outcomes[status])
        split.refresh_from_db()
        return split
    return put(split, status, **how)


def say_of_split(
    split: Split, first: Outcome, second: Outcome, heard: str = "query", **said: Any
) -> Any:
    """The acquirer says what became of the two shares."""
    shares = tuple(
        ShareResult(
            share.share_no,
            share.receiver,
            share.amount,
            outcome,
            NO if outcome == Outcome.FAILED else None,
        )
        for share, outcome in zip(split.shares.order_by("pk"), (first, second), strict=True)
    )
    paid_ = Outcome.SUCCEEDED in {first, second}
    whole = Outcome.PENDING if Outcome.PENDING in {first, second} else None
    outcome = whole or (Outcome.SUCCEEDED if paid_ else Outcome.FAILED)
    result = SplitResult(outcome, split.split_no, **{"shares": shares, **said})
    return _hear(split, split.payment.account, result, heard)


def say_plainly_of_split(split: Split, outcome: Outcome, heard: str = "query", **said: Any) -> Any:
    """The acquirer says something about a split and no word about its shares."""
    result = SplitResult(outcome, split.split_no, **said)
    return _hear(split, split.payment.account, result, heard)


def return_in(status: str, **how: Any) -> SplitReturn:
    """A return of 15.00 of the first share."""
    split = split_in("created" if status in {"waiting", "void"} else "succeeded")
    share = split.shares.select_related("split__payment").order_by("pk")[0]
    with transaction.atomic():
        found = open_return(PlannedReturn(share=share, minor=1500), return_key="back-1")
        Payment.objects.filter(pk=split.payment_id).update(split_committed_minor=3500)
    if status == "void":
        say_of_split(split, Outcome.FAILED, Outcome.SUCCEEDED)
    elif status in {"succeeded", "failed"}:
        say_of_return(found, Outcome(status))
    found.refresh_from_db()
    return found if found.status == status else put(found, status, **how)


def say_of_return(found: SplitReturn, outcome: Outcome, heard: str = "query", **said: Any) -> Any:
    """The acquirer says how the return went."""
    failure = NO if outcome in {Outcome.FAILED, Outcome.CLOSED} else None
    facts = {"amount": found.amount, "merchant_id": "M001", "failure": failure}
    result = SplitReturnResult(outcome, found.return_no, **{**facts, **said})
    return _hear(found, found.share.split.payment.account, result, heard)


def _hear(errand: Errand, account: Any, result: Any, heard: str) -> ChannelFact:
    fact = apply_channel_fact(source=heard, account=account, result=result)
    errand.refresh_from_db()
    return fact


def steps(errand: Errand) -> list[str]:
    """The numbers of the edges an errand went along."""
    return list(ErrandStep.objects.filter(errand_no=str(errand)).values_list("edge", flat=True))
