"""Every refusal becomes the word that says what to do next: by status and code, never by text."""

from __future__ import annotations

import json

import pytest

from payments.acquiring.contract import (
    Advice,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    OutcomeUnknownError,
)
from payments.acquiring.registry import make_adapter
from payments.acquiring.transport import HttpAnswer
from payments.adapters.stripe.codes import MissingError
from payments.adapters.stripe.wire import API_BASE, API_VERSION, Keys, Profile, read_answer
from tests.localstripe import stripe_account


def answer(status: int, body: object = None, **error: object) -> HttpAnswer:
    """An answer with an error, or with any other body."""
    if body is None:
        body = {"error": {"type": "invalid_request_error", "message": "words", **error}}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status, {}, raw)


@pytest.mark.parametrize(
    ("status", "error", "class_", "code"),
    [
        (401, {}, ConfigError, None),
        (403, {"code": "account_invalid"}, ConfigError, None),
        (400, {"code": "parameter_unknown", "param": "colour"}, ConfigError, None),
        (400, {"type": "idempotency_error"}, AlreadyDoneError, None),
        (400, {"code": "payment_intent_unexpected_state"}, AlreadyDoneError, None),
        (400, {"code": "charge_already_refunded"}, DeclinedError, "refund_too_much"),
        (400, {"code": "balance_insufficient"}, DeclinedError, "balance_too_low"),
        (400, {"code": "amount_too_small"}, DeclinedError, "amount_not_accepted"),
        (
            400,
            {"code": "resource_missing", "param": "payment_method"},
            DeclinedError,
            "agreement_not_active",
        ),
        (
            400,
            {"code": "resource_missing", "param": "destination"},
            DeclinedError,
            "receiver_unknown",
        ),
        (400, {"code": "resource_missing", "param": "colour"}, ConfigError, None),
        (404, {"code": "resource_missing", "param": "intent"}, MissingError, "not_found"),
        (409, {"code": "lock_timeout"}, OutcomeUnknownError, None),
        (409, {"code": "idempotency_key_in_use"}, OutcomeUnknownError, None),
        (424, {}, OutcomeUnknownError, None),
        (402, {"type": "card_error", "code": "card_declined"}, DeclinedError, "card_declined"),
        # A stand-in names another type and no decline code: the status decides.
        (402, {"code": "card_declined"}, DeclinedError, "card_declined"),
        (402, {"code": "expired_card"}, DeclinedError, "card_expired"),
        (402, {"code": "a_code_of_tomorrow"}, DeclinedError, "card_declined"),
    ],
)
def test_a_refusal_by_status_and_code(status, error, class_, code):
    with pytest.raises(class_) as caught:
        read_answer(answer(status, **error))

    assert type(caught.value) is class_
    assert getattr(caught.value, "code", None) == code


@pytest.mark.parametrize(
    ("theirs", "code", "advice"),
    [
        ("insufficient_funds", "insufficient_funds", Advice.NEW_METHOD),
        ("lost_card", "card_lost_or_stolen", Advice.DO_NOT_RETRY),
        ("fraudulent", "suspected_fraud", Advice.DO_NOT_RETRY),
        ("issuer_not_available", "issuer_unavailable", Advice.RETRY_LATER),
        ("authentication_required", "authentication_required", Advice.REAUTHENTICATE),
        ("revocation_of_authorization", "agreement_not_active", Advice.REAUTHENTICATE),
        ("generic_decline", "card_declined", Advice.NEW_METHOD),
    ],
)
def test_a_decline_says_what_may_be_tried(theirs, code, advice):
    error = {"type": "card_error", "code": "card_declined", "decline_code": theirs}

    with pytest.raises(DeclinedError) as caught:
        read_answer(answer(402, payment_intent={"id": "pi_1", "client_secret": "s"}, **error))

    assert (caught.value.code, caught.value.acquirer_code) == (code, theirs)
    assert caught.value.advice is advice
    assert caught.value.raw == {"status": 402, "code": theirs, "payment_intent": "pi_1"}


@pytest.mark.parametrize("words", ["Keys for idempotent requests", "card_declined", "locked"])
def test_the_text_decides_nothing(words):
    with pytest.raises(ConfigError):
        read_answer(answer(400, message=words))


@pytest.mark.parametrize(
    ("status", "class_"),
    [
        (200, OutcomeUnknownError),
        (400, OutcomeUnknownError),
        (401, ConfigError),
        (402, DeclinedError),
        (404, ConfigError),
        (409, OutcomeUnknownError),
        (418, OutcomeUnknownError),
    ],
)
@pytest.mark.parametrize("body", [b"404: Not Found", b"", b"[]", b'{"error": 5}', b"\xff"])
def test_a_body_nobody_can_read_is_judged_by_its_status(status, class_, body):
    if status == 200 and body.startswith(b"{"):
        assert read_answer(answer(200, body)) == {"error": 5}
        return
    with pytest.raises(class_):
        read_answer(answer(status, body))


def test_an_accounts_keys_and_profile():
    live = stripe_account(secret_key="rk_live_1", webhook_secrets="whsec_new\nwhsec_old")
    keys, profile = Keys.from_account(live), Profile.from_account(live)

    assert (keys.is_live, keys.webhook_secrets) == (True, ("whsec_new", "whsec_old"))
    assert "rk_live_1" not in repr(keys)
    assert "whsec" not in repr(keys)
    assert Keys.from_account(stripe_account()).is_live is False
    assert Keys.from_account(stripe_account(secret_key="sk_org_live_1")).is_live is True
    assert (profile.currency, profile.version) == ("CNY", API_VERSION)
    assert (profile.hosted_pages, profile.connect, profile.lenient) == (False, False, False)
    assert API_BASE == "https://api.stripe.com"


@pytest.mark.parametrize(
    "facts",
    [
        {"secret_key": "pk_test_1"},
        {"secret_key": "钥匙"},
        {"currency": "XYZ"},
        {"base_url": "file:///etc/passwd"},
        {"base_url": "http://api.stripe.com", "secret_key": "sk_live_1"},
    ],
)
def test_an_account_that_cannot_work_is_refused(facts):
    with pytest.raises(ConfigError):
        make_adapter(stripe_account(**facts))
