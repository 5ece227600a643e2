"""Messages: what is genuine is read, whatever else comes in its place is refused.

Ten thousand changed messages per acquirer are tried: of each that is still accepted, the content
must be the genuine one to the byte. A sample of them goes through our own door.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from payments.acquiring.contract import (
    NotificationRejectedError,
    NotifyKind,
    Outcome,
    RawHttp,
    Scene,
)
from payments.acquiring.registry import forget_adapters
from payments.kernel.clock import wall_now
from payments.models import AcquirerAccount, Notification, OutboxEvent, Payment
from tests.contract.papers import charge_request, pay_request, price
from tests.contract.tampering import tampered
from tests.payments.desk import open_payment
from tests.waiting import until

tells = pytest.mark.needs(lambda caps: NotifyKind.PAY in caps.notify_kinds)
CASES = 2_000
THROUGH_THE_DOOR = 250


@pytest.fixture
def genuine(bench, adapter) -> RawHttp:
    """A message that a payment of 192.00 succeeded."""
    return genuine_about(bench, adapter)[1]


def genuine_about(bench, adapter) -> tuple[str, RawHttp]:
    """Let a payment succeed; return its number and the message that says so."""
    pages = [s for s in (Scene.H5, Scene.NATIVE_QR) if s in adapter.caps.scenes]
    if pages:
        request = pay_request(bench, pages[0])
        bench.pay(adapter.create(request))
    else:
        request = charge_request(bench, bench.tie_card(adapter))
        adapter.pay_with_agreement(request)

    def success() -> RawHttp | None:
        for raw in bench.messages(request.payment_no):
            for event in adapter.parse_notification(adapter.verify_notification(raw)):
                if event.kind is NotifyKind.PAY and event.result.outcome is Outcome.SUCCEEDED:
                    return raw
        return None

    return request.payment_no, until(success)


@tells
def test_a_genuine_message_says_who_paid_what(bench, adapter):
    number, raw = genuine_about(bench, adapter)

    verified = adapter.verify_notification(raw)
    (event,) = adapter.parse_notification(verified)

    assert (event.kind, event.result.payment_no) == (NotifyKind.PAY, number)
    assert (event.result.outcome, event.result.amount) == (Outcome.SUCCEEDED, price(bench))
    assert event.result.merchant_id == adapter.merchant_id
    assert verified.event_id == event.event_id
    assert abs(verified.signed_at - wall_now()) < timedelta(minutes=5)


@tells
def test_our_answers_say_yes_and_no_and_nothing_else(adapter):
    yes, no = adapter.ack(accepted=True), adapter.ack(accepted=False, reason="signature")

    assert yes.status == 200
    assert (no.status, no.body) != (yes.status, yes.body)
    assert b"signature" not in no.body or no.status >= 400


@tells
def test_thousands_of_changed_messages_prove_nothing_else(adapter, genuine):
    prove_nothing_else(adapter, genuine, seed=11, count=CASES)


@tells
@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20, 25))
def test_ten_thousand_changed_messages_prove_nothing_else(adapter, genuine, seed):
    prove_nothing_else(adapter, genuine, seed=seed, count=10_000)


def prove_nothing_else(adapter, genuine, *, seed: int, count: int) -> None:
    content = adapter.verify_notification(genuine).content
    accepted = refused = 0

    for case in tampered(genuine, seed=seed, count=count):
        try:
            verified = adapter.verify_notification(case)
        except NotificationRejectedError:
            refused += 1
            continue
        assert verified.content == content, case
        accepted += 1

    assert accepted + refused == count
    # What is left: spellings of the same proof, headers nobody reads.
    assert refused >= count * 0.9


@tells
def test_a_message_that_grew_old_proves_nothing(bench, adapter, genuine):
    if not bench.messages_carry_time:
        assert adapter.caps.notifications_need_query
        return
    stale = bench.stale_after_seconds
    for seconds in (stale + 2, -stale - 2, max(86_400, 3 * stale)):
        with time_machine.travel(wall_now() + timedelta(seconds=seconds), tick=False):
            with pytest.raises(NotificationRejectedError) as caught:
                adapter.verify_notification(genuine)
            assert caught.value.reason == "stale"


@tells
def test_another_account_believes_none_of_our_messages(bench, genuine):
    with pytest.raises(NotificationRejectedError):
        bench.stranger().verify_notification(genuine)


@pytest.fixture
def waiting(db, bench, settings) -> Iterator[Payment]:
    """Our account there in this test's database, and a payment that waits for its message."""
    settings.LINLI_PAYABLE = "tests.payments.desk.Shop"
    forget_adapters()
    spec = bench.account()
    account = AcquirerAccount.objects.create(
        code="contract",
        adapter=spec.adapter,
        merchant_id=bench.adapter().merchant_id,
        settings=dict(spec.settings),
        keys=dict(spec.keys),
    )
    AcquirerAccount.objects.create(code="sandbox", adapter="sandbox", merchant_id="M001")
    view = open_payment()
    Payment.objects.filter(payment_no=view.payment_no).update(
        account=account,
        status=Payment.Status.PENDING,
        currency=bench.currency,
        sent_at=wall_now(),
    )
    yield Payment.objects.get(payment_no=view.payment_no)
    forget_adapters()


def post(client, raw: RawHttp):
    """Bring a message to our door."""
    headers = {k: v for k, v in raw.headers.items() if k not in {"host", "content-length"}}
    kind = headers.pop("content-type", "application/json")
    try:
        return client.generic(
            raw.method,
            f"/payments/notify/contract/{'?' + raw.query.decode('latin-1') if raw.query else ''}",
            raw.body,
            content_type=kind,
            headers=headers,
        )
    except UnicodeEncodeError:
        return None  # no HTTP server would let such a header through


@tells
def test_at_our_door_none_is_believed_and_none_breaks_it(client, bench, adapter, waiting):
    number, genuine = genuine_about(bench, adapter)
    Payment.objects.filter(pk=waiting.pk).update(payment_no=number)
    cases = list(tampered(genuine, seed=12, count=4 * THROUGH_THE_DOOR))
    false = [case for case in cases if _is_false(adapter, case)]

    for case in random.Random(13).sample(false, THROUGH_THE_DOOR):
        response = post(client, case)
        if response is not None:
            assert 400 <= response.status_code < 500, case

    waiting.refresh_from_db()
    assert (waiting.status, waiting.application) == (Payment.Status.PENDING, "none")
    assert Notification.objects.filter(status=Notification.Status.REJECTED).exists()
    assert not Notification.objects.exclude(status=Notification.Status.REJECTED).exists()
    assert not OutboxEvent.objects.exists()
    assert post(client, genuine).content == adapter.ack(accepted=True).body
    waiting.refresh_from_db()
    assert waiting.status == Payment.Status.SUCCEEDED


def _is_false(adapter, case: RawHttp) -> bool:
    try:
        adapter.verify_notification(case)
    except NotificationRejectedError:
        return True
    return False


@tells
def test_the_same_message_again_and_again_is_one_payment(client, bench, adapter, waiting):
    number, genuine = genuine_about(bench, adapter)
    Payment.objects.filter(pk=waiting.pk).update(payment_no=number)

    answers = {post(client, genuine).content for _ in range(5)}

    assert answers == {adapter.ack(accepted=True).body}
    assert OutboxEvent.objects.filter(fact="payment.succeeded").count() == 1


@tells
def test_too_big_a_message_is_refused_unread(client, waiting, genuine):
    response = post(client, replace(genuine, body=genuine.body + b" " * 70_000))

    assert 400 <= response.status_code < 500
    assert not OutboxEvent.objects.exists()
