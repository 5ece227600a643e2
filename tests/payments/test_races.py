"""At the same moment, from several sides: one effect, whoever wins."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from payments.acquiring.contract import PayRef, Scene
from payments.api import refresh_payment, send_payment
from payments.kernel.transact import transact
from payments.ledger.balances import balance
from payments.models import (
    Incident,
    JournalTransaction,
    Notification,
    OutboxEvent,
    Payment,
    Refund,
)
from payments.services.payments import request_close
from tests.payments.desk import ORDER, edges, hear, make_account, open_payment, payment_in, success
from tests.payments.post import letter, order

pytestmark = pytest.mark.django_db(transaction=True)
S = Payment.Status


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Let every act begin at the same moment, each in its own thread; return what they said."""
    barrier, said = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            said.append(act())
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == len(acts)
    return said


def test_the_same_message_eight_times_at_once_is_one_effect(acquirer):
    payment = payment_in(S.PENDING)
    message = letter(order(payment))

    answers = at_once(*[lambda: message.post(Client()).status_code] * 8)

    assert set(answers) == {200}
    assert Notification.objects.get().copies == 8
    assert sorted(JournalTransaction.objects.values_list("kind", flat=True)) == ["capture", "fee"]
    assert OutboxEvent.objects.count() == 1


def test_eight_messages_of_one_event_at_once_are_one_effect(acquirer):
    payment = payment_in(S.PENDING)
    messages = [letter(order(payment), event_id="EV1") for _ in range(8)]

    answers = at_once(*[lambda m=m: m.post(Client()).status_code for m in messages])

    payment.refresh_from_db()
    assert set(answers) == {200}
    assert edges(payment)[-2:] == ["9", "20"]
    assert sorted(JournalTransaction.objects.values_list("kind", flat=True)) == ["capture", "fee"]
    assert OutboxEvent.objects.count() == 1


def test_message_question_and_closing_at_once_keep_the_money(acquirer):
    number = open_payment().payment_no
    send_payment(number)
    acquirer.sim_pay(number)
    payment = Payment.objects.get(payment_no=number)
    known = acquirer.adapter().query(PayRef(number)).acquirer_no
    message = letter(order(payment, acquirer_no=known))

    at_once(
        lambda: message.post(Client()).status_code,
        lambda: refresh_payment(number),
        lambda: transact(retries=20)(request_close)(number, reason="cancelled"),
    )

    payment.refresh_from_db()
    assert (payment.status, payment.application) == (S.SUCCEEDED, "applied")
    assert balance("1101", party="sandbox") == 19200 - 73
    assert OutboxEvent.objects.filter(fact="payment.succeeded").count() == 1
    assert Incident.objects.exists() is False


def test_two_attempts_paid_at_once_are_one_applied_and_one_returned():
    make_account()
    first = payment_in(S.PENDING)
    second = payment_in(S.PENDING, scene=Scene.NATIVE_QR)

    at_once(
        lambda: hear(first, "notify", success(first)),
        lambda: hear(second, "notify", success(second)),
    )

    applications = sorted(Payment.objects.values_list("application", flat=True))
    assert applications == ["applied", "surplus"]
    assert Refund.objects.get().resident_minor == 19200
    assert balance("2101", reference=ORDER) == -20800
