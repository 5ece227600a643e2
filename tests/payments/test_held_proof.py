"""Held money leaves only for the figure the acquirer names again; asked over the wire."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import Outcome, PayRef, PayResult
from payments.api import Money, SecondPersonError, refresh_payment, send_payment
from payments.invariants import check
from payments.jobs import run_refunds
from payments.ledger.balances import balance
from payments.models import Decision, Incident, Payment, Refund
from payments.services.decisions import carry_out, reject
from payments.services.facts import apply_channel_fact
from payments.services.held import held_money
from payments.services.held_proof import HeldFigureDiffersError, NoAnswerAboutHeldError
from payments.services.proposals import propose_return_of_held
from tests.payments.desk import open_payment
from tests.waiting import until

pytestmark = pytest.mark.django_db
ASKED = "GET /v1/orders/{our_no}"


@pytest.fixture
def paid(acquirer) -> Payment:
    """A payment whose 192.00 the acquirer has; we have not heard of it yet."""
    number = open_payment().payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    return Payment.objects.select_related("account").get(payment_no=number)


def proposed(payment: Payment) -> Decision:
    (held,) = [each for each in held_money(payment) if not each.is_decided]
    return propose_return_of_held(
        payment.payment_no, acquirer_no=held.acquirer_no, reason="too much", by="anna"
    )


def ask(payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk).update(queried_at=None)
    refresh_payment(payment.payment_no)
    payment.refresh_from_db()


def paid_again(payment: Payment, acquirer, said: Money | None = None) -> Money:
    """The payer pays a second time; we are told, rightly or not. Returns what really came."""
    ask(payment)
    acquirer.sim_pay(payment.payment_no, how="again")
    truth = acquirer.adapter().query(PayRef(payment.payment_no))
    (second,) = truth.further
    result = PayResult(
        Outcome.SUCCEEDED,
        payment.payment_no,
        acquirer_no=second.acquirer_no,
        amount=said or second.amount,
        merchant_id=truth.merchant_id,
    )
    apply_channel_fact(source="query", account=payment.account, result=result)
    return second.amount


def violations() -> list[str]:
    return [str(found) for result in check() for found in result.violations]


def test_a_figure_that_was_wrong_once_is_not_given_back(acquirer, paid):
    rule = {"number": paid.payment_no, "route": ASKED, "count": 1, "args": {"minor": 100}}
    with acquirer.fault("amount_tamper", **rule):
        ask(paid)
    decision = proposed(paid)
    assert (paid.application, decision.amount) == ("held", Money(19300))

    with pytest.raises(SecondPersonError):
        carry_out(decision.decision_no, by="anna")
    with pytest.raises(HeldFigureDiffersError) as refused:
        carry_out(decision.decision_no, by="bo")

    paid.refresh_from_db()
    decision.refresh_from_db()
    assert (refused.value.data["proposed_minor"], refused.value.data["said_minor"]) == (
        19300,
        19200,
    )
    assert Refund.objects.exists() is False
    assert decision.status == "proposed"
    assert Incident.objects.filter(key__endswith=decision.decision_no, resolved_at=None).exists()
    assert (paid.status, paid.captured_minor) == ("succeeded", 19200)
    assert violations() == []


def test_money_that_came_twice_goes_back_once_the_acquirer_names_it_again(acquirer, paid):
    second = paid_again(paid, acquirer)

    carry_out(proposed(paid).decision_no, by="bo")
    until(lambda: run_refunds(10) is not None and Refund.objects.get().status == "succeeded")

    assert Refund.objects.get().amount == second
    assert balance("1101", party="sandbox") == 19200 - 73  # less the fee of the first
    assert violations() == []


def test_a_second_payment_told_wrongly_goes_back_for_what_it_was(acquirer, paid):
    second = paid_again(paid, acquirer, said=Money(19201))
    wrong = proposed(paid)

    with pytest.raises(HeldFigureDiffersError):
        carry_out(wrong.decision_no, by="bo")
    reject(wrong.decision_no, by="bo")
    right = proposed(paid)
    carry_out(right.decision_no, by="bo")

    assert (right.amount, Refund.objects.get().amount) == (second, second)
    assert violations() == []


def test_while_the_acquirer_says_nothing_nothing_leaves(acquirer, paid):
    paid_again(paid, acquirer)
    decision = proposed(paid)

    with (
        acquirer.fault("drop_after_execute", number=paid.payment_no, route=ASKED),
        pytest.raises(NoAnswerAboutHeldError),
    ):
        carry_out(decision.decision_no, by="bo")

    assert Refund.objects.exists() is False
    carry_out(decision.decision_no, by="bo")
    assert Refund.objects.count() == 1
