"""UnionPay's page sends the browser back with a form: nothing in it is read or believed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from payments.models import Payment
from tests.payments.desk import make_account, open_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    """A browser that brings no token of ours, as a form of another site does not."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize(
    "path",
    [lambda: reverse("cashier:result", args=["P1"]), lambda: reverse("storefront:card-tied")],
)
def test_a_form_from_elsewhere_leads_to_the_same_page(browser, path):
    there = f"{path()}?next=/a"

    answer = browser.post(there, {"respCode": "00", "signature": "AAAA"})

    assert (answer.status_code, answer.headers["Location"]) == (303, there)


def test_it_changes_nothing_of_the_payment(browser):
    make_account()
    number = open_payment().payment_no
    before = Payment.objects.values().get(payment_no=number)

    browser.post(reverse("cashier:result", args=[number]), {"respCode": "00", "txnAmt": "1"})

    assert Payment.objects.values().get(payment_no=number) == before
