"""Collecting through the real sandbox acquirer: asked once, closed by it, never guessed."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from payments import jobs
from payments.acquiring.registry import ADAPTERS, forget_adapters
from payments.acquiring.transport import CallInsideTransactionError
from payments.api import (
    CardNotUsableError,
    IdempotencyConflictError,
    Scene,
    UnknownNumberError,
    drive_close,
    ensure_sandbox_account,
    payment_view,
    refresh_payment,
    request_close,
    send_payment,
)
from payments.models import AcquirerAccount, Incident, Notification, Payment, Refund
from tests import acquirer as cards
from tests.payments.desk import ORDER, WITH_BANK, Shop, edges, open_payment, told
from tests.payments.wallet import tie
from tests.waiting import until

S = Payment.Status


def _row(payment_no: str) -> Payment:
    return Payment.objects.get(payment_no=payment_no)


def _again(payment_no: str) -> None:
    """Let the next question be due at once."""
    past = timezone.now() - timedelta(minutes=2)
    Payment.objects.filter(payment_no=payment_no).update(queried_at=past, next_action_at=past)


def _close(payment_no: str) -> None:
    with transaction.atomic():
        request_close(payment_no, reason="cancelled")


def _wait_at_most(seconds: float) -> None:
    account = AcquirerAccount.objects.get()
    account.settings = {**account.settings, "read_seconds": seconds, "total_seconds": seconds + 1}
    account.save(update_fields=["settings"])
    forget_adapters()


def test_the_payer_is_sent_to_the_bank_and_the_bank_is_asked_what_became_of_it(acquirer):
    number = open_payment().payment_no

    step, again = send_payment(number), send_payment(number)
    acquirer.sim_pay(number)
    view = refresh_payment(number)

    assert (step.kind, again.kind, step.url) == ("redirect", "redirect", again.url)
    assert step.url.startswith(acquirer.base_url)
    assert (view.status, view.application, view.amount.minor) == ("succeeded", "applied", 19200)
    assert edges(_row(number)) == ["1", "2", "3", "9", "20"]
    assert send_payment(number).kind == "done"


def test_an_unpaid_payment_is_still_waiting(acquirer):
    number = open_payment().payment_no
    send_payment(number)

    assert refresh_payment(number).status == "pending"


def test_the_same_question_within_a_moment_is_asked_once(acquirer):
    number = open_payment().payment_no
    send_payment(number)
    refresh_payment(number)
    acquirer.sim_pay(number)

    assert refresh_payment(number).status == "pending"
    _again(number)
    assert refresh_payment(number).status == "succeeded"


def test_a_tied_card_is_charged_at_once(acquirer):
    number = open_payment(scene=Scene.CARD_TOKEN, agreement_no=tie(acquirer)).payment_no

    step = send_payment(number)

    assert (step.kind, step.view.status) == ("done", "succeeded")
    assert edges(_row(number)) == ["1", "2", "4", "20"]


def test_edge_5_a_declined_card_is_a_definite_no_with_advice(acquirer):
    card = tie(acquirer, cards.CCB_CREDIT_DECLINED)
    number = open_payment(scene=Scene.CARD_TOKEN, agreement_no=card).payment_no

    step = send_payment(number)

    assert (step.kind, step.view.failure_code) == ("failed", "insufficient_funds")
    assert step.view.failure_advice == "new_method"
    assert edges(_row(number))[-1] == "5"
    assert told("payment.failed") == ["payment.failed"]


def test_a_card_whose_bank_asks_for_a_code_is_paid_on_the_banks_page(acquirer):
    card = tie(acquirer, cards.CCB_CREDIT_ASKS_CODE)
    number = open_payment(scene=Scene.CARD_TOKEN, agreement_no=card).payment_no

    step = send_payment(number)
    acquirer.confirm_code(step.url)

    assert step.kind == "redirect"
    assert refresh_payment(number).status == "succeeded"


def test_edge_7_a_slow_bank_is_not_a_failed_payment(acquirer):
    card = tie(acquirer, cards.CCB_CREDIT_SLOW)
    _wait_at_most(1)
    number = open_payment(scene=Scene.CARD_TOKEN, agreement_no=card).payment_no

    step = send_payment(number)
    assert (step.kind, step.view.status) == ("processing", "unknown")

    def paid() -> bool:
        _again(number)
        jobs.ask_about_payments()
        return payment_view(number).status == "succeeded"

    until(paid, timeout=cards.SLOW_SECONDS + 10)
    assert told("payment.succeeded") == ["payment.succeeded"]


def test_edge_6_a_bank_that_cannot_be_reached_got_nothing(acquirer):
    account = AcquirerAccount.objects.get()
    account.settings = {**account.settings, "base_url": "http://127.0.0.1:9"}
    account.save(update_fields=["settings"])
    forget_adapters()
    number = open_payment().payment_no

    step = send_payment(number)
    assert (step.kind, step.view.status) == ("processing", "created")
    AcquirerAccount.objects.update(settings=ensure_sandbox_account().settings)
    forget_adapters()
    Payment.objects.update(next_action_at=timezone.now())

    assert jobs.send_queued() == {"pending": 1}
    assert edges(_row(number)) == ["1", "2", "6", "2", "3"]


def test_edge_14_an_unpaid_payment_is_closed_by_the_bank(acquirer):
    number = open_payment().payment_no
    send_payment(number)
    _close(number)

    view = drive_close(number)

    assert (view.status, view.close_reason) == ("closed", "cancelled")
    assert edges(_row(number))[-2:] == ["13", "14"]
    assert told() == ["payment.closed"]
    assert acquirer.admin(f"/_sim/pay/{number}").status_code == 409


def test_edge_15_money_that_came_before_the_close_is_kept(acquirer):
    number = open_payment().payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    _close(number)

    view = drive_close(number)

    assert (view.status, view.application) == ("succeeded", "applied")
    assert edges(_row(number))[-3:] == ["13", "15", "20"]


def test_edge_15_money_that_came_for_a_cancelled_order_goes_back(acquirer):
    number = open_payment().payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    _close(number)
    Shop.closed.add(ORDER)

    assert drive_close(number).application == "surplus"

    def returned() -> bool:
        Refund.objects.update(next_action_at=timezone.now())
        jobs.run_refunds()
        return Refund.objects.get().status == "succeeded"

    until(returned)
    assert told() == ["payment.succeeded", "refund.succeeded"]


@pytest.mark.parametrize(("minutes", "status"), [(-2, S.CLOSED), (10, S.CLOSING)])
def test_edge_17_where_the_bank_cannot_close_only_time_and_its_word_do(
    acquirer, monkeypatch, minutes, status
):
    monkeypatch.setitem(ADAPTERS, "plain", "tests.payments.banking.PlainAdapter")
    number = open_payment().payment_no
    send_payment(number)
    AcquirerAccount.objects.update(adapter="plain")
    forget_adapters()
    _close(number)
    Payment.objects.update(expires_at=timezone.now() + timedelta(minutes=minutes))

    _again(number)
    view = drive_close(number)

    assert view.status == status
    assert (edges(_row(number))[-1] == "17") is (status == S.CLOSED)


def test_edge_17_money_that_came_at_the_last_moment_is_kept(acquirer, monkeypatch):
    monkeypatch.setitem(ADAPTERS, "plain", "tests.payments.banking.PlainAdapter")
    number = open_payment().payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    AcquirerAccount.objects.update(adapter="plain")
    forget_adapters()
    _close(number)
    Payment.objects.update(expires_at=timezone.now() - timedelta(minutes=2))

    _again(number)

    assert drive_close(number).status == "succeeded"


def test_edge_11_what_the_bank_never_saw_is_sent_again_under_its_number(acquirer):
    number = open_payment().payment_no
    with acquirer.fault("drop_before_execute", number=number, count=1):
        send_payment(number)
    _again(number)
    long_ago = timezone.now() - timedelta(seconds=61)
    Payment.objects.filter(payment_no=number).update(sent_at=long_ago)

    assert refresh_payment(number).status == "created"
    step = send_payment(number)
    acquirer.sim_pay(number)
    _again(number)

    assert step.kind == "redirect"
    assert refresh_payment(number).status == "succeeded"
    assert edges(_row(number)) == ["1", "2", "7", "11", "2", "3", "9", "20"]


def test_edge_16_without_an_answer_it_stays_closing(acquirer):
    number = open_payment().payment_no
    send_payment(number)
    _close(number)
    AcquirerAccount.objects.update(
        settings={**AcquirerAccount.objects.get().settings, "base_url": "http://127.0.0.1:9"}
    )
    forget_adapters()

    assert drive_close(number).status == "closing"
    assert told() == []


def test_what_has_expired_is_closed_by_the_jobs(acquirer):
    soon = timezone.now() + timedelta(seconds=30)
    number = open_payment(expires_at=soon).payment_no
    send_payment(number)
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=61))

    assert jobs.expire_payments() == {"closing": 1}
    assert jobs.drive_closings() == {"closed": 1}


def test_a_sender_that_died_is_replaced_by_a_question(acquirer):
    number = open_payment().payment_no
    past = timezone.now() - timedelta(seconds=40)
    Payment.objects.update(status=S.SENT, sent_at=past, next_action_at=past)

    jobs.ask_about_payments()

    assert payment_view(number).status == "unknown"
    assert edges(_row(number))[-1] == "7"
    Payment.objects.update(sent_at=past - timedelta(seconds=40))
    _again(number)
    jobs.ask_about_payments()
    assert edges(_row(number))[-1] == "11"
    assert jobs.send_queued() == {"pending": 1}


def test_a_wrong_key_stops_nothing_but_calls_an_operator(acquirer, tmp_path):
    account = AcquirerAccount.objects.get()
    account.keys = {**account.keys, "merchant_private_key": str(tmp_path / "missing")}
    account.save(update_fields=["keys"])
    forget_adapters()
    number = open_payment().payment_no

    step = send_payment(number)

    assert (step.kind, step.view.status) == ("processing", "created")
    assert Incident.objects.get().kind == Incident.Kind.ACQUIRER_CONFIG


def test_nobody_waits_for_the_bank_inside_a_transaction(acquirer, transactional_db):
    number = open_payment().payment_no

    with transaction.atomic(), pytest.raises(CallInsideTransactionError):
        send_payment(number)

    assert payment_view(number).status == "created"


def test_the_same_way_and_amount_is_the_same_attempt(acquirer):
    first = open_payment()

    assert open_payment().payment_no == first.payment_no
    with pytest.raises(IdempotencyConflictError):
        open_payment(tenders=WITH_BANK[:1])


def test_a_card_of_somebody_else_is_not_charged(acquirer):
    card = tie(acquirer, owner="8")

    with pytest.raises(CardNotUsableError):
        open_payment(scene=Scene.CARD_TOKEN, agreement_no=card)


def test_a_number_we_never_gave_out_is_unknown(acquirer):
    with pytest.raises(UnknownNumberError):
        send_payment("P26112200000000000000")


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_request(acquirer):
    card = tie(acquirer)
    number = open_payment(scene=Scene.CARD_TOKEN, agreement_no=card).payment_no
    barrier, kinds = Barrier(4), []

    def press() -> None:
        barrier.wait()
        kinds.append(send_payment(number).kind)
        connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(kinds) <= {"done", "processing"}
    assert "done" in kinds
    assert edges(_row(number)) == ["1", "2", "4", "20"]


@pytest.mark.django_db(transaction=True)
def test_the_banks_own_messages_pay_tie_and_refund(acquirer, live_server, settings):
    settings.SITE_URL = live_server.url
    number = open_payment().payment_no
    send_payment(number)

    acquirer.sim_pay(number)

    until(lambda: payment_view(number).application == "applied")
    kept = Notification.objects.get()
    assert (kept.status, kept.subjects) == ("applied", [["pay", number]])
    assert edges(_row(number)) == ["1", "2", "3", "9", "20"]
