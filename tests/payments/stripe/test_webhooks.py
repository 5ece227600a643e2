"""Stripe's messages: believed when signed, of now and of our mode; read into our words."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payments.acquiring.contract import (
    AgreementStatus,
    NotificationRejectedError,
    NotifyKind,
    Outcome,
    RawHttp,
)
from payments.acquiring.registry import make_adapter
from payments.kernel.money import Money
from tests.localstripe import MERCHANT, WEBHOOK_SECRET, stripe_account

NUMBER = "P261122ABCDEFGHJKMNP"
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount": 19200,
    "amount_received": 19200,
    "currency": "cny",
    "client_secret": "pi_1_secret_x",
    "latest_charge": "ch_1",
    "last_payment_error": None,
    "metadata": {"linli_no": NUMBER},
}
PAGE: dict[str, Any] = {
    "id": "cs_1",
    "object": "checkout.session",
    "mode": "payment",
    "status": "complete",
    "payment_status": "paid",
    "payment_intent": "pi_1",
    "client_reference_id": NUMBER,
    "amount_total": 19200,
    "currency": "cny",
    "metadata": {"linli_no": NUMBER},
}
REFUND: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "status": "succeeded",
    "amount": 5000,
    "currency": "cny",
    "created": 1763800000,
    "metadata": {"linli_no": "R261122ABCDEFGHJKMNP", "linli_payment": NUMBER},
}
CARD: dict[str, Any] = {
    "id": "pm_1",
    "object": "payment_method",
    "type": "card",
    "customer": None,
    "created": 1763800000,
    "card": {
        "last4": "4242",
        "brand": "visa",
        "funding": "debit",
        "exp_year": 2040,
        "exp_month": 1,
    },
    "metadata": {"linli_no": "A261122ABCDEFGHJKMNP"},
}


def event(kind: str, thing: dict[str, Any], **more: Any) -> bytes:
    """Write an event as Stripe does."""
    data = {"id": "evt_1", "object": "event", "type": kind, "created": 1763800001}
    return json.dumps(data | {"livemode": False, "data": {"object": thing}} | more).encode()


def signature(body: bytes, stamp: int, secret: str = WEBHOOK_SECRET) -> str:
    """Sign as docs.stripe.com/webhooks#verify-manually says."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def message(body: bytes, header: str | None = None, *, age: int = 0) -> RawHttp:
    """A message as it arrives."""
    stamp = int(time.time()) - age
    header = header if header is not None else f"t={stamp},v1={signature(body, stamp)}"
    return RawHttp("POST", "/payments/notify/stripe/", b"", {"stripe-signature": header}, body)


@pytest.fixture(scope="module")
def adapter():
    return make_adapter(stripe_account())


def heard(adapter, body: bytes):
    (told,) = adapter.parse_notification(adapter.verify_notification(message(body)))
    return told


def test_a_signed_message_of_now_is_believed(adapter):
    body = event("payment_intent.succeeded", {**INTENT, "description": "荔枝 5 斤"})

    verified = adapter.verify_notification(message(body))

    assert (verified.event_id, verified.content) == ("evt_1", body)
    assert verified.account_code == "stripe"
    assert "whsec" not in verified.key_serial


def test_while_a_secret_is_rotated_either_is_believed():
    adapter = make_adapter(stripe_account(webhook_secrets="whsec_new,x whsec_old"))
    body, stamp = event("payment_intent.succeeded", INTENT), int(time.time())
    old, foreign = signature(body, stamp, "whsec_old"), signature(body, stamp, "whsec_x")

    adapter.verify_notification(message(body, f"t={stamp},v1={foreign},v1={old},v0=zzz"))
    adapter.verify_notification(message(body, f"t={stamp}, v1={old}"))
    with pytest.raises(NotificationRejectedError):
        adapter.verify_notification(message(body, f"t={stamp},v1={foreign}"))


@pytest.mark.parametrize("age", [-299, 299])
def test_five_minutes_either_way_are_now(adapter, age):
    body = event("payment_intent.succeeded", INTENT)

    assert adapter.verify_notification(message(body, age=age)).event_id == "evt_1"


def _bad_messages() -> dict[str, tuple[RawHttp, str]]:
    body, stamp = event("payment_intent.succeeded", INTENT), int(time.time())
    good = signature(body, stamp)
    live = event("payment_intent.succeeded", INTENT, livemode=True)
    return {
        "stale": (message(body, age=302), "stale"),
        "of tomorrow": (message(body, age=-302), "stale"),
        "other body": (
            message(body.replace(b"19200", b"19201"), f"t={stamp},v1={good}"),
            "signature",
        ),
        "other time": (message(body, f"t={stamp - 1},v1={good}"), "signature"),
        "v0 only": (message(body, f"t={stamp},v0={good}"), "signature"),
        "no signature": (message(body, f"t={stamp}"), "signature"),
        "no time": (message(body, f"v1={good}"), "format"),
        "two times": (message(body, f"t={stamp},t={stamp},v1={good}"), "format"),
        "no header": (message(body, ""), "format"),
        "time in words": (message(body, f"t=²,v1={good}"), "format"),
        "not ascii": (message(body, f"t={stamp},v1=\udcff签"), "signature"),
        "no event": (message(b"[]"), "format"),
        "not json": (message(b"\xff\x00{"), "format"),
        "empty": (message(b""), "format"),
        "too deep": (message(b"[" * 60_000), "format"),
        "an object": (message(json.dumps(INTENT).encode()), "format"),
        "live": (message(live), "merchant"),
    }


@pytest.mark.parametrize("what", list(_bad_messages()))
def test_what_proves_nothing_is_refused(adapter, what):
    raw, reason = _bad_messages()[what]

    with pytest.raises(NotificationRejectedError) as caught:
        adapter.verify_notification(raw)

    assert caught.value.reason == reason


def test_an_account_without_a_secret_believes_nobody():
    adapter = make_adapter(stripe_account(webhook_secrets=""))
    body, stamp = event("payment_intent.succeeded", INTENT), int(time.time())

    with pytest.raises(NotificationRejectedError):
        adapter.verify_notification(message(body, f"t={stamp},v1={signature(body, stamp, '')}"))


@pytest.mark.parametrize(
    ("kind", "changes", "outcome"),
    [
        ("succeeded", {}, Outcome.SUCCEEDED),
        ("processing", {"status": "processing"}, Outcome.PENDING),
        ("canceled", {"status": "canceled"}, Outcome.CLOSED),
        ("requires_action", {"status": "requires_action"}, Outcome.REQUIRES_ACTION),
        (
            "payment_failed",
            {"status": "requires_payment_method", "last_payment_error": {"code": "expired_card"}},
            Outcome.FAILED,
        ),
        # On Stripe's page the payer may try another card: nothing has failed yet.
        (
            "payment_failed",
            {
                "status": "requires_payment_method",
                "last_payment_error": {"code": "expired_card"},
                "metadata": {"linli_no": NUMBER, "linli_way": "page"},
            },
            Outcome.PENDING,
        ),
    ],
)
def test_what_becomes_of_a_payment(adapter, kind, changes, outcome):
    told = heard(adapter, event(f"payment_intent.{kind}", {**INTENT, **changes}))

    assert (told.kind, told.result.outcome) == (NotifyKind.PAY, outcome)
    assert (told.result.payment_no, told.result.acquirer_no) == (NUMBER, "pi_1")
    assert (told.result.amount, told.result.merchant_id) == (Money(19200), MERCHANT)
    assert "secret" not in str(told.result.raw)
    assert told.result.raw["latest_charge"] == "ch_1"
    is_paid = outcome is Outcome.SUCCEEDED
    assert (told.result.paid_at == told.occurred_at) is is_paid


def test_what_was_received_counts_and_not_what_was_asked(adapter):
    thing = {**INTENT, "amount_received": 19199}

    told = heard(adapter, event("payment_intent.succeeded", thing))

    assert told.result.amount == Money(19199)


@pytest.mark.parametrize(
    ("kind", "changes", "outcome", "number"),
    [
        ("completed", {}, Outcome.SUCCEEDED, "pi_1"),
        ("completed", {"payment_status": "unpaid"}, Outcome.PENDING, "pi_1"),
        ("async_payment_failed", {"payment_status": "unpaid"}, Outcome.FAILED, "pi_1"),
        (
            "expired",
            {"status": "expired", "payment_status": "unpaid", "payment_intent": None},
            Outcome.CLOSED,
            "cs_1",
        ),
    ],
)
def test_what_becomes_of_a_page(adapter, kind, changes, outcome, number):
    told = heard(adapter, event(f"checkout.session.{kind}", {**PAGE, **changes}))

    assert (told.kind, told.result.outcome) == (NotifyKind.PAY, outcome)
    assert (told.result.payment_no, told.result.acquirer_no) == (NUMBER, number)


@pytest.mark.parametrize(
    ("kind", "changes", "outcome", "code"),
    [
        ("refund.updated", {}, Outcome.SUCCEEDED, None),
        ("refund.created", {"status": "pending"}, Outcome.PENDING, None),
        (
            "refund.failed",
            {"status": "failed", "failure_reason": "expired_or_canceled_card"},
            Outcome.FAILED,
            "card_expired",
        ),
        ("charge.refund.updated", {"status": "canceled"}, Outcome.CLOSED, None),
    ],
)
def test_what_becomes_of_a_refund(adapter, kind, changes, outcome, code):
    told = heard(adapter, event(kind, {**REFUND, **changes}))

    assert (told.kind, told.result.outcome) == (NotifyKind.REFUND, outcome)
    assert (told.result.refund_no, told.result.payment_no) == ("R261122ABCDEFGHJKMNP", NUMBER)
    assert (told.result.amount, told.result.merchant_id) == (Money(5000), MERCHANT)
    assert (told.result.failure.code if told.result.failure else None) == code


def test_a_card_untied_elsewhere_is_revoked(adapter):
    told = heard(adapter, event("payment_method.detached", CARD))

    assert (told.kind, told.result.status) == (
        NotifyKind.AGREEMENT,
        AgreementStatus.REVOKED_BY_USER,
    )
    assert (told.result.agreement_no, told.result.last4) == ("A261122ABCDEFGHJKMNP", "4242")


@pytest.mark.parametrize(
    ("kind", "thing", "more"),
    [
        ("customer.created", {"id": "cus_1", "metadata": {"linli_no": "A1"}}, {}),
        ("charge.refunded", {"id": "ch_1"}, {}),
        ("payment_intent.succeeded", {**INTENT, "metadata": {}}, {}),
        ("payment_intent.succeeded", INTENT, {"account": "acct_somebody"}),
        ("checkout.session.completed", {**PAGE, "mode": "setup"}, {}),
        ("a.kind.of.tomorrow", {}, {}),
    ],
)
def test_what_is_not_ours_is_received_and_does_nothing(adapter, kind, thing, more):
    told = heard(adapter, event(kind, thing, **more))

    assert (told.kind, told.result) == (NotifyKind.ECHO, None)


@pytest.mark.parametrize(
    "body",
    [
        event("payment_intent.succeeded", {**INTENT, "status": "dancing"}),
        event("payment_intent.succeeded", {**INTENT, "amount_received": "19200"}),
        event("payment_intent.succeeded", {**INTENT, "currency": "xyz"}),
        event("payment_intent.succeeded", INTENT, created=10**30),
        event("payment_intent.succeeded", INTENT, data=[]),
        event("payment_intent.succeeded", INTENT, account=[]),
    ],
)
def test_a_proven_message_that_cannot_be_read_is_refused(adapter, body):
    verified = adapter.verify_notification(message(body))

    with pytest.raises(NotificationRejectedError) as caught:
        adapter.parse_notification(verified)

    assert caught.value.reason == "format"


_GOOD = event("payment_intent.succeeded", INTENT)


@given(st.binary(max_size=400), st.text(max_size=120))
@example(_GOOD, "t=1763800001,v1=" + "0" * 64)
def test_no_made_up_message_is_believed(adapter, body, header):
    with pytest.raises(NotificationRejectedError):
        adapter.verify_notification(message(body, header))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from([INTENT, PAGE, REFUND, CARD]), st.data())
def test_whatever_a_signed_message_says_it_is_read_or_refused(adapter, thing, data):
    name = data.draw(st.sampled_from(sorted(thing)))
    kinds = ["payment_intent.succeeded", "checkout.session.completed", "refund.updated"]
    kind = data.draw(st.sampled_from([*kinds, "payment_method.updated"]))
    body = event(kind, {**thing, name: data.draw(_JSON)})

    verified, reason, events = adapter.verify_notification(message(body)), "", []
    try:
        events = adapter.parse_notification(verified)
    except NotificationRejectedError as error:
        reason = error.reason

    assert reason in {"", "format"}
    numbers = ("payment_no", "acquirer_no", "refund_no", "acquirer_refund_no", "token", "last4")
    said = [getattr(one.result, name, "") for one in events for name in numbers]
    assert [value for value in said if not isinstance(value, str)] == []


def test_the_answer_stripe_wants(adapter):
    assert adapter.ack(accepted=True).status == 200
    refused = adapter.ack(accepted=False, reason="refused")
    assert (refused.status, json.loads(refused.body)["received"]) == (400, False)
