"""An account that does not answer gets no new payments, until it answers again."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payments import jobs
from payments.acquiring.contract import (
    ConfigError,
    DeclinedError,
    NotSentError,
    NotSupportedError,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.registry import forget_adapters
from payments.api import PaymentUnavailableError, payment_view, refresh_payment, send_payment
from payments.models import AcquirerAccount, AcquirerHealth, Incident, Payment, Refund
from payments.services.health import Contact, admit, note_answer, put_back, take_out
from tests.machines import free_port
from tests.payments.banking import another_account, circuit, dead_account, lead
from tests.payments.desk import Shop, make_account, open_payment

pytestmark = pytest.mark.usefixtures("english")
NO_WAY = NotSentError("nobody listens")
PAY, ASK, ERRAND = Contact.PAY, Contact.ASK, Contact.ERRAND


def fail(account, times: int = 1, contact: Contact = PAY, error: Exception = NO_WAY) -> None:
    for _ in range(times):
        note_answer(account, contact, error=error)


def state_of(code: str = "sandbox") -> str:
    row = circuit(code)
    return "" if row is None else row.state


def let_time_pass(code: str, **times: timedelta) -> None:
    """Put instants of the row into the past."""
    for name, ago in times.items():
        AcquirerHealth.objects.filter(account_code=code).update(**{name: timezone.now() - ago})


def back_to_life(account: AcquirerAccount, acquirer) -> None:
    """Let somebody listen at the dead account's address again."""
    address = {**account.settings, "base_url": acquirer.base_url}
    AcquirerAccount.objects.filter(pk=account.pk).update(settings=address)
    forget_adapters()


def test_what_works_is_not_written_about(account):
    note_answer(account, PAY)
    note_answer(account, ASK)

    assert circuit("sandbox") is None


def test_a_success_in_good_times_writes_nothing(account):
    fail(account)
    note_answer(account, PAY)

    with CaptureQueriesContext(connection) as asked:
        note_answer(account, PAY)

    assert [q["sql"].split()[0] for q in asked] == ["SELECT"]


@pytest.mark.parametrize(
    "error", [NO_WAY, OutcomeUnknownError("silence"), ConfigError("wrong key")], ids=str
)
def test_five_failures_in_a_row_open_the_circuit(account, error):
    fail(account, 4, error=error)
    before = state_of()
    fail(account, error=error)

    row = circuit("sandbox")
    assert (before, row.state, row.openings, row.pay_failures) == ("closed", "open", 1, 5)
    assert row.last_error == f"{type(error).__name__}: {error.message}"
    incident = Incident.objects.get(kind="acquirer_out")
    assert (incident.subject_no, incident.data["error"]) == ("sandbox", row.last_error)


@pytest.mark.parametrize(
    "error",
    [
        DeclinedError("no money", code="insufficient_funds"),
        RateLimitedError("slow down"),
        NotSupportedError("not here"),
    ],
    ids=str,
)
def test_a_no_is_an_answer(account, error):
    fail(account, 9, error=error)

    assert state_of() == ""


def test_an_answer_in_between_begins_the_count_anew(account):
    fail(account, 4)
    note_answer(account, PAY, error=DeclinedError("no money", code="insufficient_funds"))
    fail(account, 4)

    assert state_of() == "closed"


def test_failures_far_apart_are_not_a_row(account):
    fail(account, 4)
    let_time_pass("sandbox", last_failed_at=timedelta(seconds=61))
    fail(account)

    assert (state_of(), circuit("sandbox").pay_failures) == ("closed", 1)


def test_questions_that_are_answered_do_not_hide_payments_that_fail(account):
    for _ in range(5):
        fail(account)
        note_answer(account, ASK)

    assert circuit("sandbox").openings == 1


def test_a_product_that_is_not_ours_says_nothing_about_payments(account):
    fail(account, 9, ERRAND, ConfigError("no payouts for you"))
    fail(account, 9, ERRAND, OutcomeUnknownError("silence"))
    assert state_of() == ""

    fail(account, 5, ERRAND, NO_WAY)
    assert state_of() == "open"


def test_refunds_that_reach_nobody_count_too(acquirer):
    view = open_payment()
    send_payment(view.payment_no)
    acquirer.sim_pay(view.payment_no)
    Shop.closed.add(view.reference)
    refresh_payment(view.payment_no)
    dead = f"http://127.0.0.1:{free_port()}"
    account = AcquirerAccount.objects.get()
    AcquirerAccount.objects.update(settings={**account.settings, "base_url": dead})
    forget_adapters()

    for _ in range(5):
        Refund.objects.update(next_action_at=timezone.now())
        jobs.run_refunds()

    assert state_of() == "open"


def test_many_failures_call_a_person_once(account):
    fail(account, 12)

    assert Incident.objects.filter(kind="acquirer_out").count() == 1
    assert circuit("sandbox").openings == 1


def test_who_is_out_of_order_gets_no_new_payments(acquirer):
    dead = dead_account()
    lead("dead")
    first = open_payment("M1")
    for number in range(5):
        jobs_due = open_payment(f"N{number}")
        assert send_payment(jobs_due.payment_no).kind == "processing"

    later = open_payment("M2")

    assert (first.account_code, later.account_code) == ("dead", "sandbox")
    assert state_of(dead.code) == "open"
    # What was made for it and never sent goes to one that is in order.
    assert send_payment(first.payment_no).kind == "redirect"
    row = Payment.objects.select_related("account").get(payment_no=first.payment_no)
    assert (row.account.code, row.merchant) == ("sandbox", f"sandbox:{row.account.merchant_id}")


def test_nobody_left_is_said_and_the_payment_waits(account):
    view = open_payment()
    fail(account, 5)

    with pytest.raises(PaymentUnavailableError) as refused:
        send_payment(view.payment_no)

    assert "nothing was charged" in str(refused.value.user_message)
    assert payment_view(view.payment_no).status == "created"
    assert Payment.objects.get().sent_at is None
    # An order can still be placed; its payment waits for the account that will take it.
    assert open_payment("M2").account_code == "sandbox"


def test_what_was_begun_goes_on_being_asked_about(acquirer):
    view = open_payment()
    send_payment(view.payment_no)
    acquirer.sim_pay(view.payment_no)
    account = AcquirerAccount.objects.get()
    take_out("sandbox", by="mei")
    fail(account, 5)

    assert refresh_payment(view.payment_no).status == "succeeded"


def test_one_number_nobody_can_answer_about_takes_no_account_out(acquirer):
    """A question that is always answered with rubbish is asked again and again."""
    view = open_payment()
    send_payment(view.payment_no)

    with acquirer.fault("garbage_body", number=view.payment_no):
        for _ in range(12):
            Payment.objects.update(queried_at=None)
            refresh_payment(view.payment_no)

    assert state_of() == "closed"
    assert circuit("sandbox").ask_failures == 1


def test_it_is_asked_tried_and_trusted_again(acquirer):
    dead = dead_account()
    lead("dead")
    fail(dead, 5)

    not_yet = jobs.probe_acquirers()
    let_time_pass("dead", next_probe_at=timedelta(seconds=1))
    silent = jobs.probe_acquirers()
    back_to_life(dead, acquirer)
    let_time_pass("dead", next_probe_at=timedelta(seconds=1))
    answered = jobs.probe_acquirers()

    assert (not_yet, silent, answered) == ({}, {"open": 1}, {"half_open": 1})
    on_trial, elsewhere = open_payment("M1"), open_payment("M2")
    assert (on_trial.account_code, elsewhere.account_code) == ("dead", "dead")
    assert send_payment(on_trial.payment_no).kind == "redirect"
    assert state_of("dead") == "closed"
    incident = Incident.objects.get(kind="acquirer_out")
    assert (incident.resolved_by, incident.note) == ("circuit", "answers again after 0 min")


def test_of_two_new_payments_one_is_on_trial(account):
    fail(account, 5)
    note_answer(account, ASK)

    assert (state_of(), admit("sandbox"), admit("sandbox")) == ("half_open", True, False)
    let_time_pass("sandbox", trial_until=timedelta(seconds=1))
    assert admit("sandbox")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_is_on_trial(account):
    fail(account, 5)
    note_answer(account, ASK)
    barrier, admitted = Barrier(6), []

    def try_it() -> None:
        barrier.wait()
        with transaction.atomic():
            admitted.append(admit("sandbox"))
        connection.close()

    threads = [Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(admitted) == [False] * 5 + [True]


def test_a_trial_that_fails_sends_it_out_again(account):
    fail(account, 5)
    note_answer(account, ASK)
    fail(account)

    row = circuit("sandbox")
    assert (row.state, row.openings) == ("open", 1)
    assert row.next_probe_at > timezone.now()
    assert Incident.objects.filter(kind="acquirer_out").count() == 1


def test_what_a_person_takes_out_stays_out(acquirer):
    account = AcquirerAccount.objects.get()
    another_account("second", priority=1)

    assert take_out("sandbox", by="mei")
    assert not take_out("sandbox", by="mei")
    note_answer(account, ASK)
    note_answer(account, PAY)

    assert jobs.probe_acquirers() == {}
    assert (state_of(), circuit("sandbox").held_by) == ("open", "mei")
    assert open_payment().account_code == "second"
    assert not Incident.objects.exists()
    assert put_back("sandbox", by="mei")
    assert (state_of(), circuit("sandbox").held_by) == ("closed", "")
    assert open_payment("M2").account_code == "sandbox"


def test_a_person_may_take_over_from_the_circuit(account):
    fail(account, 5)

    assert take_out("sandbox", by="mei")
    assert circuit("sandbox").next_probe_at is None
    assert put_back("sandbox", by="mei")
    assert Incident.objects.get(kind="acquirer_out").resolved_by == "mei"
    assert not put_back("sandbox", by="mei")


def test_accounts_are_judged_apart(account):
    other = make_account(code="second", merchant_id="M002")
    fail(account, 5)

    assert (state_of("sandbox"), state_of("second")) == ("open", "")
    note_answer(other, PAY)
    assert state_of("sandbox") == "open"
