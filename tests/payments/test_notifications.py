"""Messages at our door: genuine, repeated, reordered, early, late, forged, tampered, foreign."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from payments import jobs
from payments.invariants.messages import applied_notifications_left_evidence
from payments.ledger.balances import balance
from payments.models import (
    AcquirerAccount,
    Incident,
    JournalTransaction,
    Notification,
    OutboxEvent,
    Payment,
    Refund,
)
from payments.services import notifications
from tests.payments.desk import ORDER, Shop, edges, open_payment, told
from tests.payments.post import letter, order

ACK = b'{"code":"SUCCESS"}'
S = Payment.Status


@pytest.fixture
def waiting(acquirer) -> Payment:
    """A payment the bank is asked to collect: 192.00 of 208.00."""
    return _pending(open_payment().payment_no)


def _pending(payment_no: str) -> Payment:
    Payment.objects.filter(payment_no=payment_no).update(
        status=S.PENDING, sent_at=timezone.now(), next_action_at=timezone.now() + timedelta(hours=1)
    )
    return Payment.objects.get(payment_no=payment_no)


def test_a_genuine_message_is_stored_believed_and_acknowledged(client, waiting):
    response = letter(order(waiting)).post(client)

    waiting.refresh_from_db()
    kept = Notification.objects.get()
    assert (response.status_code, response.content) == (200, ACK)
    assert (waiting.status, waiting.application) == (S.SUCCEEDED, "applied")
    assert (kept.status, kept.copies) == (Notification.Status.APPLIED, 1)
    assert kept.facts.get().payment == waiting
    assert told() == ["payment.succeeded"]


def test_the_same_bytes_twice_are_one_message_and_one_effect(client, waiting):
    message = letter(order(waiting))

    answers = [message.post(client).content for _ in range(3)]

    assert answers == [ACK] * 3
    assert Notification.objects.get().copies == 3
    assert sorted(JournalTransaction.objects.values_list("kind", flat=True)) == ["capture", "fee"]
    assert OutboxEvent.objects.count() == 1


def test_the_same_event_signed_anew_changes_nothing(client, waiting):
    for _ in range(3):
        assert letter(order(waiting), event_id="EV1").post(client).content == ACK

    assert Notification.objects.count() == 3
    assert sorted(JournalTransaction.objects.values_list("kind", flat=True)) == ["capture", "fee"]
    assert OutboxEvent.objects.count() == 1
    assert Incident.objects.exists() is False


@pytest.mark.parametrize("sequence", list(permutations(["NOTPAY", "USERPAYING", "SUCCESS"])))
def test_in_whatever_order_they_come_the_end_is_the_same(client, waiting, sequence):
    for state in sequence:
        assert letter(order(waiting, state)).post(client).content == ACK

    waiting.refresh_from_db()
    assert (waiting.status, waiting.application) == (S.SUCCEEDED, "applied")
    assert told() == ["payment.succeeded"]


def test_a_failure_after_the_success_is_ignored(client, waiting):
    letter(order(waiting)).post(client)

    response = letter(order(waiting, "CLOSED"), event_type="payment.closed").post(client)

    waiting.refresh_from_db()
    assert (response.content, waiting.status) == (ACK, S.SUCCEEDED)
    assert told() == ["payment.succeeded"]


def test_a_success_after_the_failure_still_pays(client, waiting):
    letter(order(waiting, "PAYERROR"), event_type="payment.failed").post(client)

    letter(order(waiting)).post(client)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.application) == (S.SUCCEEDED, "applied")
    assert told() == ["payment.failed", "payment.succeeded"]


def test_a_success_that_overtakes_our_own_answer_pays(client, waiting):
    Payment.objects.filter(pk=waiting.pk).update(status=S.SENT)

    letter(order(waiting)).post(client)

    waiting.refresh_from_db()
    assert edges(waiting)[-2:] == ["8", "20"]


def test_a_late_success_is_acknowledged_and_goes_back(client, waiting):
    Payment.objects.filter(pk=waiting.pk).update(status=S.CLOSED)
    Shop.closed.add(ORDER)

    response = letter(order(waiting)).post(client)

    assert response.content == ACK
    assert Refund.objects.get().resident_minor == 19200
    assert balance("2101", reference=ORDER) == 0


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"amount": {"minor": 1, "currency": "CNY"}}, "amount_mismatch"),
        ({"amount": {"minor": 19200, "currency": "USD"}}, "amount_mismatch"),
        ({"merchant_id": "SOMEBODY"}, "amount_mismatch"),
        ({"our_no": "P261122NOBODYKNOWS0"}, "orphan_notify"),
    ],
)
def test_genuine_but_wrong_is_acknowledged_held_and_reported(client, waiting, changes, kind):
    response = letter(order(waiting, **changes)).post(client)

    waiting.refresh_from_db()
    assert response.content == ACK
    assert waiting.status == S.PENDING
    assert Incident.objects.get().kind == kind
    assert told() == []


def _forged(waiting):
    good = letter(order(waiting))
    stamp = good.headers["Sandbox-Timestamp"]
    old = datetime.now(UTC) - timedelta(seconds=301)
    return {
        "signature": good.with_header("Sandbox-Signature", "Zm9yZ2Vk"),
        "no signature": good.with_header("Sandbox-Signature", ""),
        "body": good.with_body(good.body.replace(b"payment.succeeded", b"payment.succeedeD")),
        "cut": good.with_body(good.body[:-1]),
        "empty": good.with_body(b""),
        "not json": good.with_body(b"\xff\x00{"),
        "key": good.with_header("Sandbox-Serial", "0000"),
        "time": good.with_header("Sandbox-Timestamp", str(int(stamp) + 1)),
        "stale": letter(order(waiting), at=old),
        "merchant": letter(order(waiting), merchant_id="M-OTHER"),
        "nonce": good.with_header("Sandbox-Nonce", "another"),
    }


@pytest.mark.parametrize(
    "what",
    [
        *("signature", "no signature", "body", "cut", "empty", "not json", "key", "time"),
        *("stale", "merchant", "nonce"),
    ],
)
def test_edge_23_what_proves_nothing_changes_nothing(client, waiting, what):
    response = _forged(waiting)[what].post(client)

    waiting.refresh_from_db()
    kept = Notification.objects.get()
    assert (response.status_code, response.content) == (
        400,
        b'{"code":"FAIL","message":"refused"}',
    )
    assert (kept.status, kept.facts.exists()) == (Notification.Status.REJECTED, False)
    assert (waiting.status, waiting.application) == (S.PENDING, "none")
    assert waiting.next_action_at <= timezone.now()
    assert told() == []
    assert JournalTransaction.objects.exists() is False


def test_a_flood_of_false_messages_fills_no_disk(client, waiting, monkeypatch):
    monkeypatch.setattr(notifications, "FLOOD_MESSAGES", 4)
    good = letter(order(waiting))

    for number in range(4):
        good.with_body(b"%d" % number).post(client)
    good.post(client)

    kept = [bytes(row.body) for row in Notification.objects.order_by("pk")]
    assert kept == [b"0", b"1", b"", b"", good.body]
    waiting.refresh_from_db()
    assert waiting.status == S.SUCCEEDED


def test_every_flipped_bit_is_refused(client, waiting):
    good, dice = letter(order(waiting)), random.Random(20261122)

    for _ in range(60):
        body = bytearray(good.body)
        body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        assert good.with_body(bytes(body)).post(client).status_code == 400

    waiting.refresh_from_db()
    assert waiting.status == S.PENDING


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_the_door_takes_posts_only(client, waiting, method):
    assert getattr(client, method)("/payments/notify/sandbox/").status_code == 405


def test_a_huge_body_is_not_read(client, waiting):
    response = letter(order(waiting)).with_body(b"x" * 65_537).post(client)

    assert response.status_code == 413
    assert Notification.objects.exists() is False


def test_an_unknown_account_is_told_nothing(client, waiting):
    response = letter(order(waiting)).post(client, "nobody")

    assert (response.status_code, response.content) == (404, b'{"code":"FAIL"}')


def test_cookies_are_nobodys_evidence(client, waiting):
    letter(order(waiting)).with_header("Cookie", "sessionid=secret").post(client)

    assert "cookie" not in Notification.objects.get().headers


def test_older_keys_still_verify_what_they_began(client, waiting):
    old = waiting.account
    AcquirerAccount.objects.filter(pk=old.pk).update(status="verify_only")
    new = {**old.settings, "base_url": "http://127.0.0.1:9"}
    AcquirerAccount.objects.create(
        code=old.code,
        version=old.version + 1,
        adapter=old.adapter,
        merchant_id=old.merchant_id,
        settings=new,
        keys=old.keys,
    )

    assert letter(order(waiting)).post(client).content == ACK


def test_a_crash_between_storing_and_judging_is_made_good(client, waiting, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(notifications, "_judge", _crash)
        with pytest.raises(KeyboardInterrupt):
            letter(order(waiting)).post(client)
    assert Notification.objects.get().status == Notification.Status.RECEIVED
    Notification.objects.update(next_action_at=timezone.now())

    counts = jobs.process_notifications()

    waiting.refresh_from_db()
    assert counts == {"applied": 1}
    assert waiting.status == S.SUCCEEDED


def test_a_failure_while_acting_is_not_acknowledged_and_made_good(client, waiting, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(notifications, "apply_channel_fact", _fail)
        response = letter(order(waiting)).post(client)
    kept = Notification.objects.get()
    assert response.status_code == 400
    assert (kept.status, kept.error) == (Notification.Status.VERIFIED, "RuntimeError: no disk")
    Notification.objects.update(next_action_at=timezone.now())

    jobs.process_notifications()

    waiting.refresh_from_db()
    assert (waiting.status, Notification.objects.get().status) == (S.SUCCEEDED, "applied")


def test_a_genuine_message_too_old_to_judge_anew_becomes_a_question(client, waiting, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(notifications, "apply_channel_fact", _fail)
        letter(order(waiting), at=datetime.now(UTC) - timedelta(seconds=250)).post(client)
    Notification.objects.update(next_action_at=timezone.now())
    later = timezone.now() + timedelta(seconds=200)

    with monkeypatch.context() as clock:
        clock.setattr("payments.adapters.sandbox.adapter.wall_now", lambda: later)
        jobs.process_notifications()

    waiting.refresh_from_db()
    assert waiting.status == S.PENDING
    assert waiting.next_action_at <= timezone.now()
    assert Notification.objects.get().error == "asked"
    assert applied_notifications_left_evidence().violations == ()


def _crash(*_args: object) -> None:
    raise KeyboardInterrupt


def _fail(**_kwargs: object) -> None:
    raise RuntimeError("no disk")
