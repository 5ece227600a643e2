"""Held money: what came unasked goes back to where it came from, and two people decide so."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from payments.acquiring.contract import Outcome, RefundResult
from payments.api import IllegalTransitionError, Money, SecondPersonError, refunds_of
from payments.invariants import check
from payments.ledger.balances import balance
from payments.models import Decision, Incident, Payment, Refund
from payments.services.decisions import AlreadyProposedError, carry_out, reject
from payments.services.facts import apply_channel_fact
from payments.services.held import NotHeldError, held_money
from payments.services.held_proof import HeldFigureDiffersError
from payments.services.proposals import propose_release, propose_return_of_held
from tests.payments.desk import ORDER, answer, edges, hear, payment_in, success, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("says_it_again")]
S = Payment.Status


def paid_wrongly(**said: object) -> Payment:
    """The acquirer says, and means it, that another amount came."""
    payment = payment_in(S.CREATED)
    hear(payment, "query", success(payment, **{"amount": Money(100), **said}))
    return payment


def violations() -> list[str]:
    return [str(found) for result in check() for found in result.violations]


def gave_back(refund: Refund) -> None:
    result = RefundResult(
        Outcome.SUCCEEDED, refund.refund_no, amount=refund.amount, merchant_id="M001"
    )
    apply_channel_fact(source="query", account=refund.payment.account, result=result)


def propose_return(payment: Payment, by: str = "anna") -> Decision:
    (held,) = held_money(payment)
    return propose_return_of_held(
        payment.payment_no, acquirer_no=held.acquirer_no, reason="wrong amount", by=by
    )


def test_edge_22_money_of_another_amount_goes_back_and_the_attempt_is_over(account):
    payment = paid_wrongly()
    decision = propose_return(payment)

    carry_out(decision.decision_no, by="bo")

    payment.refresh_from_db()
    refund = Refund.objects.get()
    assert (payment.status, payment.application) == (S.CLOSED, "none")
    assert (edges(payment)[-1], payment.close_reason) == ("22", "held_returned")
    assert (refund.stage, refund.amount, refund.of_acquirer_no) == (
        "held",
        Money(100),
        decision.acquirer_no,
    )
    assert balance("1101", party="sandbox") == 100
    assert balance("2901", reference=decision.decision_no) == 0
    assert balance("2111", reference=refund.refund_no) == -100
    assert Incident.objects.filter(resolved_at__isnull=True).exists() is False
    assert told() == ["payment.closed"]

    gave_back(refund)
    assert balance("1101", party="sandbox") == 0
    assert told() == ["payment.closed"]
    assert refunds_of(payment.payment_no) == []
    assert violations() == []


def test_edge_19b_the_second_transaction_goes_back_and_the_first_stays(account):
    payment = payment_in(S.CREATED)
    hear(payment, "query", success(payment))
    hear(payment, "query", success(payment, acquirer_no="ANOTHER"))
    decision = propose_return(payment)

    carry_out(decision.decision_no, by="bo")

    payment.refresh_from_db()
    refund = Refund.objects.get()
    assert (payment.status, payment.application) == (S.SUCCEEDED, "applied")
    assert (refund.of_acquirer_no, refund.amount) == ("ANOTHER", Money(19200))
    assert payment.refund_committed_minor == 0
    assert balance("1101", party="sandbox") == 2 * 19200
    assert balance("2101", reference=ORDER) == -20800
    gave_back(refund)
    assert balance("1101", party="sandbox") == 19200
    assert violations() == []


@pytest.mark.parametrize("anna", ["anna", "anna" * 20])
def test_who_proposed_it_does_not_decide_it(account, anna):
    decision = propose_return(paid_wrongly(), by=anna)

    with pytest.raises(SecondPersonError):
        carry_out(decision.decision_no, by=anna)

    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(status="carried_out", decided_by=anna[:64])
    assert Refund.objects.exists() is False


def test_one_transaction_is_proposed_once_and_returned_once(account):
    payment = paid_wrongly()
    decision = propose_return(payment)
    number = decision.acquirer_no

    with pytest.raises(NotHeldError):
        propose_return(payment, by="cid")
    carry_out(decision.decision_no, by="bo")
    for _ in range(2):
        hear(payment, "query", success(payment, amount=Money(100), acquirer_no=number))
        with pytest.raises(IllegalTransitionError):
            carry_out(decision.decision_no, by="bo")

    payment.refresh_from_db()
    assert Refund.objects.count() == 1
    assert payment.application == "none"
    with pytest.raises(NotHeldError):
        propose_return(payment, by="cid")


def test_what_was_rejected_may_be_proposed_anew(account):
    payment = paid_wrongly()
    first = propose_return(payment)

    reject(first.decision_no, by="bo")
    again = propose_return(payment)

    assert again.decision_no != first.decision_no
    assert Refund.objects.exists() is False


def test_released_it_is_asked_about_again_and_paid_when_said_right(account):
    payment = paid_wrongly()
    decision = propose_release(payment.payment_no, reason="their mistake", by="anna")
    with pytest.raises(AlreadyProposedError):
        propose_release(payment.payment_no, reason="their mistake", by="cid")

    carry_out(decision.decision_no, by="bo")
    payment.refresh_from_db()
    seen = payment.application
    hear(payment, "query", success(payment))

    assert (seen, payment.status, payment.application) == ("none", S.SUCCEEDED, "applied")
    assert violations() == []


@pytest.mark.parametrize(
    "said",
    [
        {"merchant_id": "M002", "amount": Money(19200)},
        {"amount": Money(19200, "USD")},
        {"amount": None},
        {"acquirer_no": ""},
    ],
)
def test_what_did_not_come_to_us_is_not_returned_by_us(account, said):
    payment = paid_wrongly(**said)
    number = str(said.get("acquirer_no", f"A{payment.payment_no[-8:]}"))

    with pytest.raises(NotHeldError):
        propose_return_of_held(payment.payment_no, acquirer_no=number, reason="x", by="anna")


def test_money_that_paid_another_of_ours_is_never_returned_as_held(account):
    known, other = payment_in(S.SUCCEEDED), payment_in(S.PENDING, "M2")
    hear(other, "notify", success(other, acquirer_no=known.acquirer_no))

    with pytest.raises(NotHeldError):
        propose_return_of_held(
            other.payment_no, acquirer_no=known.acquirer_no, reason="x", by="anna"
        )


def test_a_payment_nobody_said_anything_odd_about_holds_nothing(account):
    payment = payment_in(S.PENDING)
    hear(payment, "query", answer(payment, Outcome.PENDING))

    assert held_money(payment) == []
    with pytest.raises(NotHeldError):
        propose_release(payment.payment_no, reason="x", by="anna")


def test_what_turned_out_to_be_the_payments_own_money_is_not_given_back_as_held(account):
    """Proposed while it was said wrongly, decided after it was said right: it paid the order."""
    payment = paid_wrongly()
    decision = propose_return(payment)
    hear(payment, "query", success(payment, acquirer_no=decision.acquirer_no))

    with pytest.raises(HeldFigureDiffersError):
        carry_out(decision.decision_no, by="bo")

    payment.refresh_from_db()
    decision.refresh_from_db()
    assert (payment.status, payment.application) == (S.SUCCEEDED, "applied")
    assert (Refund.objects.exists(), decision.status) == (False, "proposed")
    assert balance("1101", party="sandbox") == 19200
    assert violations() == []


def test_a_return_is_decided_for_the_amount_that_was_proposed(account):
    payment = paid_wrongly()
    decision = propose_return(payment)
    number = decision.acquirer_no
    hear(payment, "query", success(payment, amount=Money(38400), acquirer_no=number))

    with pytest.raises(HeldFigureDiffersError):
        carry_out(decision.decision_no, by="bo")

    assert Refund.objects.exists() is False


def test_what_was_given_back_pays_nothing_when_it_is_said_right_afterwards(account):
    payment = paid_wrongly()
    decision = propose_return(payment)
    carry_out(decision.decision_no, by="bo")

    hear(payment, "query", success(payment, acquirer_no=decision.acquirer_no))

    payment.refresh_from_db()
    assert (payment.status, payment.application) == (S.CLOSED, "none")
    assert Refund.objects.count() == 1
    assert Incident.objects.get(resolved_at__isnull=True).data["reason"] == "given_back"
    assert violations() == []
