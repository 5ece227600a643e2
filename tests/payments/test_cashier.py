"""The page a payer comes back to: her own payments only, asked of the bank, in every state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from payments.acquiring.contract import Outcome
from payments.api import send_payment
from payments.models import Payment
from tests.payments.desk import ORDER, Shop, answer, hear, open_payment, payment_in, success

S = Payment.Status


@pytest.fixture
def lin(db):
    """Lin Mei, who pays."""
    return get_user_model().objects.create_user(username="lin", phone="+8613800000001")


@pytest.fixture
def shows(lin, client: Client, settings):
    """How Lin sees the result of a payment, in English."""
    settings.LANGUAGE_CODE = "en"
    client.force_login(lin)

    def show(payment_no: str, **headers: str):
        with translation.override("en"):
            url = reverse("cashier:result", args=[payment_no])
            return client.get(url, headers={"accept-language": "en", **headers})

    return show


def _hers(lin, payment: Payment) -> str:
    Payment.objects.filter(pk=payment.pk).update(payer_ref=str(lin.pk))
    return payment.payment_no


def test_the_bank_is_asked_and_the_browser_is_not_believed(acquirer, lin, shows):
    number = open_payment(payer_ref=str(lin.pk)).payment_no
    send_payment(number)

    before = shows(number).content.decode()
    acquirer.sim_pay(number)
    Payment.objects.update(queried_at=timezone.now() - timedelta(seconds=5))
    after = shows(number).content.decode()

    assert 'data-state="confirming"' in before
    assert 'hx-trigger="every 2s"' in before
    assert "Please do not pay again" in before
    assert 'data-state="paid"' in after
    assert "hx-trigger" not in after.split('id="result"')[1].split(">")[0]
    assert "¥208.00" in after
    assert "−¥16.00" in after
    assert "¥192.00" in after
    assert 'href="/orders/1/"' in after


def test_only_the_changing_part_is_sent_to_a_page_that_asks_again(account, lin, shows):
    number = _hers(lin, payment_in(S.SUCCEEDED))

    whole, part = shows(number), shows(number, **{"hx-request": "true"})

    assert "<html" in whole.content.decode()
    assert part.content.decode().lstrip().startswith("<section")
    assert "no-store" in part.headers["Cache-Control"]


def test_after_a_minute_it_asks_less_often(account, lin, shows):
    payment = payment_in(S.CLOSING, created_at=timezone.now() - timedelta(seconds=90))
    Payment.objects.update(queried_at=timezone.now())

    assert 'hx-trigger="every 10s"' in shows(_hers(lin, payment)).content.decode()


def test_a_refused_payment_says_why_and_what_to_do(account, lin, shows):
    payment = payment_in(S.SENT)
    hear(payment, "create", answer(payment, Outcome.FAILED))

    shown = shows(_hers(lin, payment)).content.decode()

    assert 'data-state="failed"' in shown
    assert "The bank declined this card." in shown
    assert "Please choose another way to pay." in shown


def test_a_closed_payment_charges_nothing(account, lin, shows):
    shown = shows(_hers(lin, payment_in(S.CLOSED))).content.decode()

    assert 'data-state="closed"' in shown


def test_money_that_came_too_late_is_on_its_way_back(account, lin, shows):
    payment = payment_in(S.CLOSED)
    Shop.closed.add(ORDER)
    hear(payment, "notify", success(payment))

    shown = shows(_hers(lin, payment)).content.decode()

    assert 'data-state="surplus"' in shown
    assert "refunded in full automatically" in shown


def test_what_was_never_sent_is_not_asked_about(account, lin, shows):
    shown = shows(_hers(lin, payment_in(S.CREATED))).content.decode()

    assert 'data-state="waiting"' in shown


@pytest.mark.parametrize("number", ["P26112200000000000000", "nonsense", "P1"])
def test_a_number_that_is_not_there_is_not_found(lin, shows, number):
    assert shows(number).status_code == 404


def test_another_persons_payment_is_not_found(account, lin, shows):
    payment = payment_in(S.SUCCEEDED)

    assert shows(payment.payment_no).status_code == 404


def test_a_stranger_is_asked_to_sign_in(account, client):
    payment = payment_in(S.SUCCEEDED)

    response = client.get(f"/pay/{payment.payment_no}/result/")

    assert response.status_code == 302
