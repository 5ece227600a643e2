"""The desk the payments' tests stand at: a shop that wants its money, and papers to fill in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone

from payments.acquiring.contract import (
    Advice,
    Failure,
    NextStep,
    Outcome,
    PayRef,
    PayResult,
    RefundResult,
    Scene,
    StepKind,
)
from payments.adapters.sandbox.adapter import SandboxAdapter
from payments.api import Funder, Money, PaymentView, TenderPart, create_payment
from payments.models import AcquirerAccount, ChannelFact, OutboxEvent, Payment
from payments.services.facts import apply_channel_fact

ORDER = "M261122ORDER"
PAID = Money(19200)
WITH_BANK = (
    TenderPart(funder=Funder.PAYER, amount=Money(19200)),
    TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(1600)),
)


class Shop:
    """The floor above, as payments sees it: which references no longer want money."""

    closed: ClassVar[set[str]] = set()

    def lock(self, reference: str) -> None:
        """Nothing to lock: the shop of these tests has no rows."""

    def accepts(self, reference: str, payment_no: str) -> bool:
        """Want the money of everything that is not closed."""
        return reference not in self.closed


def make_account(**changes: Any) -> AcquirerAccount:
    """An account at an acquirer that is not running."""
    row = {"code": "sandbox", "adapter": "sandbox", "merchant_id": "M001", **changes}
    return AcquirerAccount.objects.create(**row)


def open_payment(reference: str = ORDER, **wish: Any) -> PaymentView:
    """Open a payment of 208.00: 192.00 by the payer, 16.00 by her bank."""
    with transaction.atomic():
        return create_payment(
            reference=reference,
            payer_ref=wish.pop("payer_ref", "7"),
            tenders=wish.pop("tenders", WITH_BANK),
            scene=wish.pop("scene", Scene.H5),
            expires_at=wish.pop("expires_at", timezone.now() + timedelta(minutes=15)),
            subject="邻里团 订单",
            continue_url="/orders/1/",
            **wish,
        )


def payment_in(
    status: str, reference: str = ORDER, *, sent: float = 5, scene: Scene = Scene.H5, **columns: Any
) -> Payment:
    """A payment in a state, sent so many seconds ago."""
    row = Payment.objects.get(payment_no=open_payment(reference, scene=scene).payment_no)
    if status == Payment.Status.SUCCEEDED:
        hear(row, "notify", success(row))
    elif status != Payment.Status.CREATED:
        columns = {"sent_at": timezone.now() - timedelta(seconds=sent), **columns, "status": status}
    if columns:
        Payment.objects.filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    return row


def success(payment: Payment, **said: Any) -> PayResult:
    """The acquirer says the money is there."""
    facts: dict[str, Any] = {
        "amount": PAID,
        "merchant_id": "M001",
        "acquirer_no": f"A{payment.payment_no[-8:]}",
        "paid_at": timezone.now(),
    }
    return PayResult(Outcome.SUCCEEDED, payment.payment_no, **{**facts, **said})


def answer(payment: Payment, outcome: Outcome, **said: Any) -> PayResult:
    """The acquirer says something else."""
    if outcome == Outcome.SUCCEEDED:
        return success(payment, **said)
    if outcome == Outcome.FAILED:
        said.setdefault("failure", Failure("card_declined", "05", "declined", Advice.NEW_METHOD))
    if outcome in {Outcome.PENDING, Outcome.REQUIRES_ACTION}:
        said.setdefault("step", NextStep(StepKind.REDIRECT, "https://bank.example/cashier"))
    return PayResult(outcome, payment.payment_no, **said)


def refunded(refund_no: str, minor: int, outcome: Outcome = Outcome.SUCCEEDED) -> RefundResult:
    """The acquirer says how a refund went."""
    return RefundResult(
        outcome,
        refund_no,
        amount=Money(minor),
        merchant_id="M001",
        acquirer_refund_no=f"B{refund_no[-8:]}",
    )


def hear(payment: Payment, source: str, result: Any) -> ChannelFact:
    """Let payments hear it, and bring the row up to date."""
    fact = apply_channel_fact(source=source, account=payment.account, result=result)
    payment.refresh_from_db()
    return fact


def told(fact: str | None = None) -> list[str]:
    """The facts told to the floors above, in order."""
    rows = OutboxEvent.objects.order_by("pk")
    return list((rows.filter(fact=fact) if fact else rows).values_list("fact", flat=True))


def edges(payment: Payment) -> list[str]:
    """The numbers of the edges a payment went along."""
    return list(payment.transitions.values_list("edge", flat=True))


class SaysItAgain:
    """An acquirer that, asked about a transaction, says once more what it said of it last."""

    caps = SandboxAdapter.caps

    @classmethod
    def from_account(cls, _account: AcquirerAccount) -> SaysItAgain:
        """Nothing to set up."""
        return cls()

    def query(self, ref: PayRef) -> PayResult:
        """Repeat the last word about this transaction; nothing is known where there was none."""
        told = ChannelFact.objects.filter(
            payment__payment_no=ref.payment_no, acquirer_no=ref.acquirer_no
        )
        fact = told.exclude(acquirer_no="").order_by("pk").last()
        if fact is None:
            return PayResult(Outcome.NOT_FOUND, ref.payment_no)
        amount = None if fact.amount_minor is None else Money(fact.amount_minor, fact.currency)
        said = {"acquirer_no": fact.acquirer_no, "amount": amount, "merchant_id": fact.merchant_id}
        return PayResult(Outcome(fact.outcome), ref.payment_no, **said)
