"""Messages of the bank: proven as raw bytes, confirmed by a question, cards never kept."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest

from payments.acquiring.contract import (
    NotificationRejectedError,
    NotifyKind,
    Outcome,
    RawHttp,
    Scene,
)
from payments.acquiring.registry import forget_adapters
from payments.kernel.clock import now
from payments.models import AcquirerAccount, ChannelFact, Incident, Notification, Payment
from payments.sandbox.dialects.ccb import keys
from payments.services.notifications import reprocess_notification
from tests.contract.benches.ccb import MERCHANT, set_portal
from tests.contract.papers import pay_request, price
from tests.payments.desk import open_payment
from tests.waiting import until

NUMBER = "P261122ABCDEFGHJKM0"


@pytest.fixture
def key(bench):
    """The bank's half of the counter's key."""
    return keys.counter_key(bench.bank.keys_dir.parent / "ccb" / "counter.pem")


def text(bench, **changes: str) -> str:
    """What the bank signs."""
    settings = bench.account().settings
    fields = {
        "POSID": settings["pos_id"],
        "BRANCHID": settings["branch_id"],
        "ORDERID": NUMBER,
        "PAYMENT": "192.00",
        "CURCODE": "01",
        "REMARK1": "",
        "REMARK2": "",
        "SUCCESS": "Y",
        **changes,
    }
    return "&".join(f"{name}={value}" for name, value in fields.items())


def message(key, said: str, *, query: bool = False) -> RawHttp:
    """The bank's message that says this."""
    raw = said.encode("gb18030")
    signed = raw + b"&SIGN=" + keys.signed(key, raw).encode()
    if query:
        return RawHttp("GET", "/", signed, {}, b"")
    return RawHttp("POST", "/", b"", {}, signed)


def test_a_message_is_read_from_the_query_and_from_the_body(bench, ccb, key):
    for query in (True, False):
        raw = message(key, text(bench), query=query)
        (event,) = ccb.parse_notification(ccb.verify_notification(raw))

        assert (event.kind, event.result.payment_no) == (NotifyKind.PAY, NUMBER)
        assert (event.result.outcome, event.result.amount) == (Outcome.SUCCEEDED, price(bench))
        assert event.result.merchant_id == MERCHANT


def test_chinese_remarks_are_proven_raw_and_percent_encoded(bench, ccb, key):
    said = text(bench, REMARK1="荔枝 2斤")
    raw = message(key, said)
    body, _, sign = raw.body.partition(b"&SIGN=")
    encoded = quote(body, safe="=&").encode() + b"&SIGN=" + sign

    for one in (raw, replace(raw, body=encoded)):
        verified = ccb.verify_notification(one)
        assert verified.content == said.encode("gb18030")
    utf8 = quote(said.encode(), safe="=&").encode() + b"&SIGN=" + sign
    with pytest.raises(NotificationRejectedError):
        ccb.verify_notification(replace(raw, body=utf8))


def test_what_stands_around_the_signed_part_says_nothing(bench, ccb, key):
    raw = message(key, text(bench))
    content = ccb.verify_notification(raw).content

    for around in (
        b"ORDERID=PX&PAYMENT=9.00&" + raw.body,
        raw.body + b"&PAYMENT=9.00&SUCCESS=Y",
    ):
        assert ccb.verify_notification(replace(raw, body=around)).content == content


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"POSID": "999999999"}, "merchant"),
        ({"BRANCHID": "110000000"}, "merchant"),
        ({"REMARK2": "x&PAYMENT=9.00"}, "format"),
    ],
)
def test_a_genuine_message_about_another_counter_or_with_a_field_twice_is_refused(
    bench, ccb, key, changes, reason
):
    raw = message(key, text(bench, **changes))

    with pytest.raises(NotificationRejectedError) as caught:
        ccb.parse_notification(ccb.verify_notification(raw))

    assert caught.value.reason == reason


def test_every_attack_on_the_bytes_is_refused(bench, ccb, key):
    raw = message(key, text(bench))
    other = message(keys.counter_key(bench.bank.keys_dir.parent / "x.pem"), text(bench))
    sign = raw.body.rpartition(b"=")[2]
    attacks = [
        other.body,
        raw.body.replace(b"192.00", b"1.00"),
        raw.body.replace(b"SUCCESS=Y", b"SUCCESS=N"),
        raw.body[: -len(sign)],
        raw.body + sign,
        raw.body.replace(sign, sign[::-1]),
        raw.body + b"&SIGN=" + sign,
        raw.body.decode().encode("utf-16"),
        b"POSID=1&SIGN=" + sign,
        b"&SIGN=" + sign + b"&" + raw.body.partition(b"&SIGN=")[0],
        raw.body + b"x" * 9000,
        b"",
    ]

    for body in attacks:
        with pytest.raises(NotificationRejectedError):
            ccb.verify_notification(replace(raw, body=body))


def test_a_failed_try_ends_nothing(bench, ccb, key):
    (event,) = ccb.parse_notification(
        ccb.verify_notification(message(key, text(bench, SUCCESS="N")))
    )

    assert event.result.outcome is Outcome.PENDING


def test_a_payers_card_is_masked_in_what_is_read_and_cut_out_of_what_is_kept(bench, ccb):
    opened = ccb.create(pay_request(bench, Scene.NATIVE_QR))
    bench.pay(opened)
    (raw,) = until(lambda: bench.messages(opened.payment_no))
    assert b"USRMSG=" in raw.body

    (event,) = ccb.parse_notification(ccb.verify_notification(raw))
    kept = ccb.kept_form(raw)

    assert set(event.result.raw["USRMSG"]) == {"holder_mask", "last4"}
    assert b"&USRMSG=&SIGN=" in kept.body


@pytest.fixture
def counter(db, bench, settings):
    """Our account there in this test's database."""
    settings.LINLI_PAYABLE = "tests.payments.desk.Shop"
    forget_adapters()
    spec = bench.account()
    yield AcquirerAccount.objects.create(
        code="ccb",
        adapter="ccb",
        merchant_id=MERCHANT,
        priority=1,
        settings=dict(spec.settings),
        keys=dict(spec.keys),
    )
    forget_adapters()


def opened_payment(bench, ccb, **columns) -> Payment:
    """A payment of ours that the bank has a code for."""
    number = open_payment(scene=Scene.NATIVE_QR).payment_no
    ccb.create(replace(pay_request(bench, Scene.NATIVE_QR), payment_no=number))
    Payment.objects.filter(payment_no=number).update(status="pending", sent_at=now(), **columns)
    return Payment.objects.get(payment_no=number)


def test_a_genuine_message_about_money_that_never_came_pays_nothing(
    client, bench, ccb, key, counter
):
    payment = opened_payment(bench, ccb)
    raw = message(key, text(bench, ORDERID=payment.payment_no))

    answer = client.post(
        "/payments/notify/ccb/", raw.body, content_type="application/x-www-form-urlencoded"
    )

    payment.refresh_from_db()
    assert (answer.status_code, payment.status) == (200, "pending")
    assert Notification.objects.get().status == "applied"


def test_a_message_in_the_address_is_confirmed_by_a_question_and_its_card_is_gone(
    client, bench, ccb, counter
):
    payment = opened_payment(bench, ccb)
    bench.bank.told(f"/_sim/pay/{payment.payment_no}?merchant={MERCHANT}")
    (raw,) = until(lambda: bench.messages(payment.payment_no))

    answer = client.get(f"/payments/notify/ccb/?{raw.body.decode('ascii')}")

    payment.refresh_from_db()
    row = Notification.objects.get()
    assert (answer.status_code, payment.status) == (200, "succeeded")
    assert payment.acquirer_no.startswith("SB")
    assert ChannelFact.objects.get(verdict="applied").source == "query"
    assert (row.status, b"USRMSG=&SIGN" in bytes(row.query)) == ("applied", True)
    assert client.get("/payments/notify/ccb/").status_code == 405


def test_a_number_we_never_gave_out_is_kept_as_an_orphan(client, bench, key, counter):
    raw = message(key, text(bench))

    client.generic("POST", "/payments/notify/ccb/", raw.body, content_type="text/plain")

    assert ChannelFact.objects.get().verdict == "orphaned"
    assert Incident.objects.filter(kind="orphan_notify").exists()


def test_a_message_sent_by_address_arrives(bench, ccb):
    set_portal(bench.bank, bench._box.url, "GET")
    opened = ccb.create(pay_request(bench, Scene.NATIVE_QR))
    bench.pay(opened)

    raw = until(lambda: [r for r in bench._box.kept if opened.payment_no.encode() in r.query])[0]

    assert urlsplit(bench._box.url).path == raw.path
    assert ccb.verify_notification(raw).content.startswith(b"POSID=")


def test_a_message_about_a_payment_that_is_over_waits_for_the_banks_word(
    client, bench, ccb, key, counter
):
    payment = opened_payment(bench, ccb)
    Payment.objects.filter(pk=payment.pk).update(status="closed", next_action_at=None)
    raw = message(key, text(bench, ORDERID=payment.payment_no))

    answer = client.generic("POST", "/payments/notify/ccb/", raw.body, content_type="text/plain")

    row = Notification.objects.get()
    assert (answer.status_code, row.status, row.tries) == (400, "verified", 1)
    bench.bank.told(f"/_sim/pay/{payment.payment_no}?merchant={MERCHANT}")
    Payment.objects.filter(pk=payment.pk).update(queried_at=None)
    assert reprocess_notification(row.pk) == "applied"
    payment.refresh_from_db()
    assert payment.status == "succeeded"
