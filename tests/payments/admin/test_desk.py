"""The desk: stuck money is dealt with on its page, by those who may, and by two of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from mall.accounts.models import User
from payments.models import Decision, Payment, Refund, SplitReturn, Transfer
from tests.payments.desk import hear, payment_in, success
from tests.payments.errand_desk import refund_in, return_in, transfer_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    """Sign somebody in who may do these things, and may look."""

    def _sign_in(name: str, *may: str):
        person = User.objects.create_user(username=name, password="x" * 12, is_staff=True)
        looks = ("view_refund", "view_payment", "view_transfer", "view_decision")
        names = (*may, *looks, "view_splitreturn")
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(person)
        return client

    return _sign_in


def press(client, row, action: str, **said):
    meta = row._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_{action}", args=[row.pk])
    asked = client.get(url)
    answered = client.post(url, said, follow=True)
    row.refresh_from_db()
    return asked.status_code, answered.content.decode()


def test_a_refused_refund_is_sent_again_from_its_page(account, sign_in):
    refund = refund_in("failed")

    status, _page = press(sign_in("anna", "retry_refund"), refund, "retry")

    assert (status, refund.status) == (200, "created")


def test_who_may_only_look_does_nothing(account, sign_in):
    refund = refund_in("failed")

    status, _page = press(sign_in("eve"), refund, "retry")

    assert (status, refund.status) == (403, "failed")


def test_paid_by_hand_is_proposed_by_one_and_decided_by_another(account, sign_in):
    refund = refund_in("abnormal")
    client = sign_in("anna", "propose_decision", "carry_out_decision")
    press(client, refund, "paid_by_hand", reason="")
    without_reason = Decision.objects.count()
    press(client, refund, "paid_by_hand", reason="receipt 42")
    decision = Decision.objects.get()
    own, _page = press(client, decision, "let_happen")

    other, page = press(sign_in("bo", "carry_out_decision"), decision, "let_happen")

    refund.refresh_from_db()
    assert (without_reason, own, other) == (0, 403, 200)
    assert (decision.status, refund.status) == ("carried_out", "paid_by_hand")
    assert "receipt 42" in page


def test_held_money_is_returned_from_the_payments_page(account, sign_in, says_it_again):
    payment = payment_in("created")
    hear(payment, "query", success(payment, acquirer_no="THIS"))
    hear(payment, "query", success(payment, acquirer_no="ANOTHER"))

    _status, page = press(
        sign_in("anna", "propose_decision"),
        payment,
        "return_held",
        reason="paid twice",
        choice="ANOTHER",
    )
    decision = Decision.objects.get()
    press(sign_in("bo", "carry_out_decision"), decision, "let_happen")

    assert (decision.acquirer_no, decision.amount_minor) == ("ANOTHER", 19200)
    assert Refund.objects.get().of_acquirer_no == "ANOTHER"
    assert "ANOTHER" in page


def test_a_made_up_transaction_is_refused_with_words(account, sign_in):
    payment = payment_in("created")
    hear(payment, "query", success(payment))
    hear(payment, "query", success(payment, acquirer_no="ANOTHER"))

    _status, page = press(
        sign_in("anna", "propose_decision"), payment, "return_held", reason="x", choice="MADE-UP"
    )

    assert Decision.objects.exists() is False
    assert "没有可作此处理的挂起款" in page
    assert Payment.objects.get().application == "applied"


def test_a_large_transfer_is_approved_by_another_and_taken_back_by_whoever_may(
    account, sign_in, settings
):
    settings.LINLI_PAYOUT_FOUR_EYES_MINOR = 100
    transfer = transfer_in("created")
    Transfer.objects.update(created_by="anna")

    own, _page = press(sign_in("anna", "approve_transfer"), transfer, "approve")
    other, _page = press(sign_in("bo", "approve_transfer"), transfer, "approve")

    assert (own, other, transfer.status) == (403, 200, "approved")
    assert transfer.approved_by == "bo"


def test_a_share_that_did_not_come_back_is_asked_for_again(account, sign_in):
    found = return_in("failed")

    press(sign_in("anna", "retry_splitreturn"), found, "retry")

    assert SplitReturn.objects.get().status == "created"
