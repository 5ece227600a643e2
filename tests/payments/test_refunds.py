"""Giving money back: never more than came in, one wish one refund, a silence is not a failure."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from payments.acquiring.contract import Advice, Failure, Outcome
from payments.api import (
    Funder,
    IdempotencyConflictError,
    Money,
    NotRefundableError,
    RefundExceedsCapturedError,
    RefundStage,
    RefundView,
    TenderPart,
    request_refund,
    transact,
)
from payments.ledger.balances import balance
from payments.models import Incident, Payment, Refund
from payments.services import errands
from payments.services.facts import apply_channel_fact
from tests.payments.desk import ORDER, Shop, make_account, payment_in, refunded, told

S = Payment.Status
Sent = Refund.Status


def _wish(payment: Payment, key: str, payer: int, bank: int = 0) -> RefundView:
    with transaction.atomic():
        return _wish_inside(payment, key, payer, bank)


def _wish_inside(payment: Payment, key: str, payer: int, bank: int = 0) -> RefundView:
    parts = [TenderPart(funder=Funder.PAYER, amount=Money(payer))]
    if bank:
        parts.append(TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(bank)))
    return request_refund(
        payment_no=payment.payment_no,
        refund_key=key,
        tenders=parts,
        reason="shortage",
        reference=ORDER,
        stage=RefundStage.BEFORE_PICKUP,
    )


def _say(payment: Payment, view: RefundView, outcome: Outcome, **said: object) -> Refund:
    result = refunded(view.refund_no, view.amount.minor, outcome)
    if said:
        result = type(result)(outcome, view.refund_no, **said)
    apply_channel_fact(source="notify", account=payment.account, result=result)
    return Refund.objects.get(refund_no=view.refund_no)


@pytest.fixture
def paid(account) -> Payment:
    """192.00 paid, 16.00 by the bank."""
    return payment_in(S.SUCCEEDED)


def test_a_promise_is_reserved_and_booked_before_anybody_is_asked(paid):
    view = _wish(paid, "line-a", 2769, 231)

    paid.refresh_from_db()
    assert (view.status, view.amount) == ("created", Money(2769))
    assert paid.refund_committed_minor == 2769
    assert balance("2111", reference=view.refund_no) == -2769
    assert balance("1131", party="CCB", reference="minus16") == 1600 - 231
    assert balance("2101", reference=ORDER) == -20800 + 3000


def test_the_same_wish_is_one_refund(paid):
    first, again = _wish(paid, "line-a", 2769, 231), _wish(paid, "line-a", 2769, 231)

    paid.refresh_from_db()
    assert first.refund_no == again.refund_no
    assert paid.refund_committed_minor == 2769


def test_the_same_wish_with_other_figures_is_refused(paid):
    _wish(paid, "line-a", 2769, 231)

    with pytest.raises(IdempotencyConflictError):
        _wish(paid, "line-a", 2770, 231)


def test_a_refused_wish_leaves_nothing_behind_where_the_caller_goes_on(paid):
    with transaction.atomic():
        with pytest.raises(RefundExceedsCapturedError):
            _wish_inside(paid, "too-much", 19200, 1601)
        _wish_inside(paid, "all", 19200, 1600)

    assert list(Refund.objects.values_list("refund_key", flat=True)) == ["all"]
    paid.refresh_from_db()
    assert paid.refund_committed_minor == 19200


@pytest.mark.parametrize(("payer", "bank"), [(19201, 0), (19200, 1601), (1, 1601)])
def test_no_funder_gets_more_back_than_it_gave(paid, payer, bank):
    with pytest.raises(RefundExceedsCapturedError):
        _wish(paid, "too-much", payer, bank)

    paid.refresh_from_db()
    assert paid.refund_committed_minor == 0
    assert Refund.objects.exists() is False
    assert balance("2101", reference=ORDER) == -20800


def test_money_that_was_never_applied_is_not_refunded_by_wish(account):
    Shop.closed.add(ORDER)
    surplus = payment_in(S.SUCCEEDED)

    with pytest.raises(NotRefundableError):
        _wish(surplus, "again", 100)


def test_a_part_that_is_only_the_banks_needs_no_acquirer(paid):
    view = _wish(paid, "bank-only", 0, 231)

    assert view.status == "succeeded"
    assert told()[-1] == "refund.succeeded"


def test_success_is_booked_and_told_once(paid):
    view = _wish(paid, "line-a", 2769, 231)

    for _ in range(3):
        refund = _say(paid, view, Outcome.SUCCEEDED)

    assert refund.status == Sent.SUCCEEDED
    assert told("refund.succeeded") == ["refund.succeeded"]
    assert balance("2111", reference=view.refund_no) == 0
    assert balance("1101", party="sandbox") == 19200 - 2769


def test_a_refusal_is_owed_by_hand_and_reported(paid):
    view = _wish(paid, "line-a", 2769, 231)

    refund = _say(paid, view, Outcome.FAILED)

    paid.refresh_from_db()
    assert (refund.status, paid.refund_committed_minor) == (Sent.FAILED, 2769)
    assert balance("2113", reference=view.refund_no) == -2769
    assert Incident.objects.get().kind == Incident.Kind.REFUND_FAILED
    assert told("refund.failed") == ["refund.failed"]


def test_a_refund_that_comes_back_after_it_was_done_is_owed_by_hand(paid):
    view = _wish(paid, "line-a", 2769, 231)
    _say(paid, view, Outcome.SUCCEEDED)

    refund = _say(paid, view, Outcome.FAILED)

    assert refund.status == Sent.FAILED_AFTER_SUCCESS
    assert balance("2113", reference=view.refund_no) == -2769
    assert balance("1101", party="sandbox") == 19200
    assert Incident.objects.get().kind == Incident.Kind.REFUND_CAME_BACK


def test_a_success_after_a_refusal_is_a_contradiction_for_a_person(paid):
    view = _wish(paid, "line-a", 2769, 231)
    _say(paid, view, Outcome.FAILED)

    refund = _say(paid, view, Outcome.SUCCEEDED)

    assert refund.status == Sent.FAILED
    assert Incident.objects.filter(kind=Incident.Kind.CONTRADICTION).count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"amount": Money(2770), "merchant_id": "M001"},
        {"amount": Money(2769), "merchant_id": "M002"},
        {"amount": Money(2769), "merchant_id": "M001", "payment_no": "P-ANOTHER"},
    ],
)
def test_another_amount_merchant_or_payment_is_held_and_reported(paid, said):
    view = _wish(paid, "line-a", 2769, 231)

    refund = _say(paid, view, Outcome.SUCCEEDED, **said)

    assert refund.status == Sent.CREATED
    assert Incident.objects.get().kind == Incident.Kind.AMOUNT_MISMATCH
    assert told("refund.succeeded") == []


def test_a_silence_is_unknown_and_is_asked_about_with_the_same_number(paid):
    refund = Refund.objects.get(refund_no=_wish(paid, "line-a", 2769, 231).refund_no)
    errands._claim(refund)

    errands._note_silence(refund, why=TimeoutError())

    assert (refund.status, errands.is_due_to_ask(refund)) == (Sent.UNKNOWN, True)
    assert told("refund.failed") == []


def test_a_sender_that_died_is_replaced_by_a_question_not_by_a_second_request(paid):
    refund = Refund.objects.get(refund_no=_wish(paid, "line-a", 2769, 231).refund_no)
    assert [errands._claim(refund), errands._claim(refund)] == [True, False]
    assert errands.is_due_to_ask(refund) is False

    Refund.objects.update(next_action_at=timezone.now())

    refund.refresh_from_db()
    assert (refund.status, errands.is_due_to_ask(refund)) == (Sent.SENT, True)


def test_a_refund_the_acquirer_never_saw_is_sent_again_under_its_number(paid):
    view = _wish(paid, "line-a", 2769, 231)
    Refund.objects.update(status=Sent.UNKNOWN, sent_at=timezone.now() - timedelta(seconds=61))

    refund = _say(paid, view, Outcome.NOT_FOUND, payment_no=paid.payment_no)

    assert (refund.status, refund.refund_no) == (Sent.CREATED, view.refund_no)
    assert refund.next_action_at <= timezone.now()


def test_an_empty_balance_at_the_acquirer_is_waited_for(paid):
    view = _wish(paid, "line-a", 2769, 231)
    errands._claim(Refund.objects.get())
    failure = Failure("balance_too_low", "BALANCE_TOO_LOW", "", Advice.RETRY_LATER)

    refund = _say(paid, view, Outcome.FAILED, failure=failure)

    assert refund.status == Sent.CREATED
    assert refund.next_action_at > timezone.now() + timedelta(minutes=5)
    assert told("refund.failed") == []


@pytest.mark.django_db(transaction=True)
def test_twenty_refunds_of_30_on_192_at_once_are_six():
    make_account()
    paid = payment_in(S.SUCCEEDED)
    barrier, refused = Barrier(20), []

    @transact(retries=50)
    def wish(number: int) -> None:
        request_refund(
            payment_no=paid.payment_no,
            refund_key=f"part-{number}",
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(3000))],
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )

    def run(number: int) -> None:
        barrier.wait()
        try:
            wish(number)
        except RefundExceedsCapturedError:
            refused.append(number)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    paid.refresh_from_db()
    total = Refund.objects.aggregate(total=Sum("resident_minor"))["total"]
    assert (Refund.objects.count(), len(refused)) == (6, 14)
    assert paid.refund_committed_minor == total == 18000
