"""A resident pays through Stripe: our own services, a Stripe that remembers, its own messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from payments import invariants
from payments.acquiring.contract import Scene
from payments.acquiring.registry import forget_adapters
from payments.api import (
    Funder,
    Money,
    RefundStage,
    SigningNotAvailableError,
    TenderPart,
    drive_close,
    ensure_stripe_account,
    finish_binding,
    refresh_payment,
    request_refund,
    send_payment,
    start_binding,
    unbind,
)
from payments.models import CardAgreement, Incident, Notification, Payment, Refund
from payments.services.closing import want_close
from payments.services.refunds import send_refund
from tests import localstripe as cards
from tests.localstripe import LocalStripe
from tests.payments.desk import ORDER, edges, open_payment, told
from tests.payments.stripe import test_webhooks as stripes_hand
from tests.payments.wallet import agreed
from tests.waiting import until

S = Payment.Status
HOLDER: dict[str, Any] = {
    "holder_phone": "13800138000",
    "return_url": "http://127.0.0.1/cards/",
}


@pytest.fixture(autouse=True)
def _banks_with_stripe(settings):
    settings.LINLI_ACQUIRER_ACCOUNT = "stripe"
    forget_adapters()
    yield
    forget_adapters()


@pytest.fixture
def shop(stripe_row, localstripe) -> LocalStripe:
    """Our account at localstripe, in use."""
    return localstripe


def tie(stripe: LocalStripe, *, asks_owner: bool = False) -> str:
    """Tie a card for the owner 7. This Stripe has no page, so its kit in an app signs instead."""
    with pytest.raises(SigningNotAvailableError):
        start_binding(owner_ref="7", consent=agreed(), **HOLDER)
    agreement = CardAgreement.objects.get()
    setups = stripe.ask("GET", "/v1/setup_intents?limit=100")["data"]
    ours = {"linli_no": agreement.agreement_no}
    stripe.sign(next(one["id"] for one in setups if one["metadata"] == ours))
    assert finish_binding(agreement.agreement_no).status == "active"
    if asks_owner:
        agreement.refresh_from_db()
        customer, card = agreement.token.split(":")[0], stripe.card(cards.ASKS_OWNER)
        stripe.ask("POST", f"/v1/payment_methods/{card}/attach", customer=customer)
        CardAgreement.objects.update(token=f"{customer}:{card}")
    return agreement.agreement_no


def charged(stripe: LocalStripe, **how: bool) -> Payment:
    """Open a payment by a tied card and send it."""
    view = open_payment(scene=Scene.CARD_TOKEN, agreement_no=tie(stripe, **how))
    send_payment(view.payment_no)
    return Payment.objects.select_related("account").get(payment_no=view.payment_no)


def wish(payment: Payment, key: str, minor: int) -> Refund:
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=[TenderPart(funder=Funder.PAYER, amount=Money(minor))],
            reason="shortage",
            reference=ORDER,
            stage=RefundStage.BEFORE_PICKUP,
        )
    send_refund(view.refund_no)
    return Refund.objects.get(refund_no=view.refund_no)


def deliver(client: Any, stripe: LocalStripe, *words: str) -> Any:
    """Carry one of localstripe's messages, byte for byte, to our door."""
    body, headers = stripe.letterbox.letter_about(*words)
    return _post(client, body, headers)


def _post(client: Any, body: bytes, headers: dict[str, str]) -> Any:
    return client.generic(
        "POST",
        "/payments/notify/stripe/",
        body,
        content_type="application/json",
        headers=headers,
    )


def written(kind: str, thing: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A message localstripe does not send, signed with its secret."""
    body = stripes_hand.event(kind, thing)
    raw = stripes_hand.message(body)
    return body, {"Stripe-Signature": raw.headers["stripe-signature"]}


def broken_rules() -> list[str]:
    """What verify_books would complain about."""
    return [wrong.detail for result in invariants.check() for wrong in result.violations]


def test_a_tied_card_pays_and_is_refunded_in_parts(shop, client):
    payment = charged(shop)
    parts = [wish(payment, "one", 10000), wish(payment, "rest", 9200)]
    first = deliver(client, shop, "payment_intent.succeeded", payment.acquirer_no)
    again = deliver(client, shop, "payment_intent.succeeded", payment.acquirer_no)

    payment.refresh_from_db()
    assert (payment.status, payment.application) == (S.SUCCEEDED, "applied")
    assert payment.acquirer_no.startswith("pi_")
    assert [part.status for part in parts] == ["succeeded"] * 2
    assert all(part.acquirer_refund_no.startswith("re_") for part in parts)
    assert (first.status_code, again.status_code) == (200, 200)
    assert Notification.objects.get().copies == 2
    assert told() == [
        "agreement.signed",
        "payment.succeeded",
        "refund.succeeded",
        "refund.succeeded",
    ]
    assert broken_rules() == []
    assert Incident.objects.exists() is False


def test_a_bank_that_asks_the_owner_is_believed_by_its_message(shop, client):
    payment = charged(shop, asks_owner=True)
    before = payment.status
    asked = shop.ask("GET", "/v1/payment_intents?limit=100")["data"]
    ours = {"linli_no": payment.payment_no}
    intent = next(one["id"] for one in asked if one["metadata"] == ours)

    shop.authenticate(intent, success=True)
    response = deliver(client, shop, "payment_intent.succeeded", intent)

    payment.refresh_from_db()
    assert (before, response.status_code) == (S.PENDING, 200)
    assert (payment.status, payment.application) == (S.SUCCEEDED, "applied")
    assert payment.acquirer_no == intent
    assert told() == ["agreement.signed", "payment.succeeded"]


def test_an_owner_who_says_no_has_not_paid(shop):
    payment = charged(shop, asks_owner=True)
    asked = shop.ask("GET", "/v1/payment_intents?limit=100")["data"]
    ours = {"linli_no": payment.payment_no}

    shop.authenticate(next(x["id"] for x in asked if x["metadata"] == ours), success=False)
    view = refresh_payment(payment.payment_no)

    assert (view.status, view.failure_code) == (S.FAILED, "authentication_failed")
    assert told() == ["agreement.signed", "payment.failed"]


def test_a_payment_nobody_finished_is_closed_at_stripe(shop):
    payment = charged(shop, asks_owner=True)
    with transaction.atomic():
        want_close(Payment.objects.select_for_update().get(pk=payment.pk), reason="expired")

    view = drive_close(payment.payment_no)

    assert view.status == S.CLOSED
    assert told() == ["agreement.signed", "payment.closed"]


def test_a_refund_that_came_back_after_success_calls_a_person(shop, client):
    payment = charged(shop)
    refund = wish(payment, "one", 5000)
    metadata = {"linli_no": refund.refund_no, "linli_payment": payment.payment_no}
    thing = {
        "id": refund.acquirer_refund_no,
        "object": "refund",
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "amount": 5000,
        "currency": "cny",
        "created": 1,
        "metadata": metadata,
    }

    response = _post(client, *written("refund.failed", thing))

    refund.refresh_from_db()
    assert response.status_code == 200
    assert (refund.status, refund.failure_code) == ("failed_after_success", "card_expired")
    assert Incident.objects.get().kind == "refund_came_back"


@pytest.mark.parametrize("amount", [19199, 19201])
def test_a_genuine_message_about_another_amount_pays_nothing(shop, client, amount):
    payment = charged(shop, asks_owner=True)
    thing = {**stripes_hand.INTENT, "amount": amount, "amount_received": amount}
    thing["metadata"] = {"linli_no": payment.payment_no}

    response = _post(client, *written("payment_intent.succeeded", thing))

    payment.refresh_from_db()
    assert response.status_code == 200
    assert (payment.status, payment.application) == (S.PENDING, "held")
    assert Incident.objects.get().kind == "amount_mismatch"


def test_a_forged_message_changes_nothing(shop, client):
    payment = charged(shop, asks_owner=True)
    body, headers = written("payment_intent.succeeded", {"metadata": {}})
    forged = body.replace(b"{}", b'{"linli_no": "%s"}' % payment.payment_no.encode())

    response = _post(client, forged, headers)

    payment.refresh_from_db()
    assert (response.status_code, payment.status) == (400, S.PENDING)
    assert Notification.objects.get().reject_reason == "signature"


def test_what_is_about_nothing_of_ours_is_received(shop, client):
    charged(shop)
    agreement = CardAgreement.objects.get()

    response = deliver(client, shop, "customer.created", agreement.token.split(":")[0])

    assert response.status_code == 200
    assert Notification.objects.get().status == "applied"


def test_a_card_untied_here_is_untied_there(shop):
    agreement_no = tie(shop)
    token = CardAgreement.objects.get().token

    assert unbind(agreement_no, "7").status == "ended"

    assert shop.ask("GET", f"/v1/payment_methods/{token.split(':')[1]}")["customer"] is None


def test_on_stripes_own_page_everything_goes_by_browser(db, strict, client):
    ensure_stripe_account(
        environ={
            "STRIPE_API_BASE": strict.url,
            "STRIPE_SECRET_KEY": cards.SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": cards.WEBHOOK_SECRET,
            "STRIPE_ACCOUNT_ID": cards.MERCHANT,
            "STRIPE_HOSTED_PAGES": "true",
        }
    )
    signing = start_binding(owner_ref="7", consent=agreed(), **HOLDER)
    strict.sign_page(signing.url.rsplit("/", 1)[1])
    view = open_payment()
    step = send_payment(view.payment_no)
    intent = strict.pay_page(step.url.rsplit("/", 1)[1])

    response = _post(client, *written("payment_intent.succeeded", intent))

    payment = Payment.objects.get(payment_no=view.payment_no)
    assert finish_binding(signing.agreement_no).status == "active"
    assert (step.kind, response.status_code) == ("redirect", 200)
    assert (payment.status, payment.acquirer_no) == (S.SUCCEEDED, intent["id"])
    assert edges(payment)[-2:] == ["9", "20"]
    refund = wish(payment, "all", 19200)
    assert refund.status == "processing"
    strict.things[refund.acquirer_refund_no]["status"] = "succeeded"
    Refund.objects.update(updated_at=timezone.now() - timedelta(seconds=5))
    until(lambda: send_refund(refund.refund_no).status == "succeeded", what="the refund")
