"""A day's statement: what Stripe's transactions become, and what is wrong with a false file."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from payments.acquiring.contract import (
    BadBillError,
    BillKind,
    BillLine,
    BillLineKind,
    BillReadiness,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
)
from payments.acquiring.registry import make_adapter
from payments.adapters.stripe import line
from payments.kernel.money import Money
from tests.localstripe import stripe_account

DAY = date(2026, 11, 20)
# 2026-11-20 00:00 in Shanghai.
BEGIN = int(datetime(2026, 11, 19, 16, tzinfo=UTC).timestamp())
OURS = {"linli_no": "P261120ABCDEFGHJKMNP"}


def transaction(strict, kind: str, amount: int, *, fee: int = 0, at: int = BEGIN, **source) -> str:
    """Let something have happened on the day; the source's id."""
    made = strict.make(kind[:2], kind, currency="cny", amount=abs(amount), **source)
    strict.record(kind, made, amount, fee)
    newest = strict.all("balance_transaction")[0]
    newest["created"] = at
    return made["id"]


def read(stripe, folder, kind: BillKind = BillKind.TRADE) -> list[BillLine]:
    bill = stripe.download_bill(DAY, kind, into=folder / "bill")
    with bill.path.open("rb") as file:
        return list(stripe.parse_bill(file, kind))


def test_a_day_in_shanghai_from_its_first_second_to_its_last(stripe, strict, tmp_path):
    for at in (BEGIN - 1, BEGIN, BEGIN + 86_399, BEGIN + 86_400):
        transaction(strict, "charge", at, at=at, metadata=OURS)

    lines = read(stripe, tmp_path)

    assert [one.amount.minor for one in lines] == [BEGIN + 86_399, BEGIN]
    assert [one.line_no for one in lines] == [1, 2]


@pytest.mark.parametrize(
    ("kind", "amount", "fee", "said"),
    [
        ("charge", 19200, 653, (BillLineKind.PAY, 19200, 653, Outcome.SUCCEEDED)),
        ("payment", 19200, 73, (BillLineKind.PAY, 19200, 73, Outcome.SUCCEEDED)),
        ("refund", -5000, 0, (BillLineKind.REFUND, 5000, 0, Outcome.SUCCEEDED)),
        ("payment_refund", -5000, -17, (BillLineKind.REFUND, 5000, -17, Outcome.SUCCEEDED)),
        ("refund_failure", 5000, 0, (BillLineKind.REFUND, 5000, 0, Outcome.FAILED)),
        ("stripe_fee", -200, 0, (BillLineKind.FEE, 200, 0, Outcome.SUCCEEDED)),
        ("stripe_fee", 200, 0, (BillLineKind.FEE, 0, -200, Outcome.SUCCEEDED)),
    ],
)
def test_a_transaction_becomes_a_line(stripe, strict, tmp_path, kind, amount, fee, said):
    source = transaction(strict, kind, amount, fee=fee, metadata=OURS)

    (one,) = read(stripe, tmp_path)

    assert (one.kind, one.amount.minor, one.fee.minor, one.outcome) == said
    assert (one.own_no, one.acquirer_no) == (OURS["linli_no"], source)
    assert one.at == datetime.fromtimestamp(BEGIN, UTC)


@pytest.mark.parametrize(
    ("amount", "outcome"), [(-19200, Outcome.SUCCEEDED), (19200, Outcome.FAILED)]
)
def test_money_a_bank_took_is_nobodys_refund(stripe, strict, tmp_path, amount, outcome):
    transaction(strict, "adjustment", amount, fee=10_000, metadata=OURS)

    (one,) = read(stripe, tmp_path)

    assert (one.kind, one.own_no, one.amount) == (BillLineKind.REFUND, "", Money(19200))
    assert one.outcome is outcome


def test_what_is_set_aside_concerns_nobody_and_is_kept(stripe, strict, tmp_path):
    transaction(strict, "reserve_hold", -100)
    transaction(strict, "charge", 19200, metadata=OURS)

    assert [one.kind for one in read(stripe, tmp_path)] == [BillLineKind.PAY]
    assert "reserve_hold" in (tmp_path / "bill").read_text()


def test_a_kind_nobody_has_heard_of_is_noticed(stripe, strict, tmp_path):
    transaction(strict, "kindness", 1)

    with pytest.raises(BadBillError) as caught:
        read(stripe, tmp_path)

    assert caught.value.reason == "format"


def test_a_payment_settled_in_another_currency_keeps_its_own(stripe, strict, tmp_path):
    transaction(strict, "charge", 2650, fee=90, metadata=OURS)
    settled, charge = strict.all("balance_transaction")[0], strict.all("charge")[0]
    settled |= {"currency": "usd", "exchange_rate": 0.138}
    charge["amount"] = 19200

    (one,) = read(stripe, tmp_path)

    assert (one.amount, one.fee) == (Money(19200), Money(90, "USD"))
    assert one.raw["exchange_rate"] == "0.138"


def test_the_settlement_is_what_went_to_our_bank(stripe, strict, tmp_path):
    transaction(strict, "payout", -18547)
    transaction(strict, "payout_failure", 18547)
    transaction(strict, "charge", 19200, metadata=OURS)

    lines = read(stripe, tmp_path)

    assert [(x.kind, x.amount.minor) for x in lines] == [
        (BillLineKind.PAY, 19200),
        (BillLineKind.SETTLEMENT, -18547),
        (BillLineKind.SETTLEMENT, 18547),
    ]
    assert lines[2].acquirer_no.startswith("pa_")


def test_pages_are_leafed_through_to_the_end(stripe, strict, tmp_path, monkeypatch):
    monkeypatch.setattr(line, "PAGE_ITEMS", 3)
    for number in range(8):
        transaction(strict, "charge", 100 + number, metadata=OURS)

    assert [one.amount.minor for one in read(stripe, tmp_path)] == list(range(107, 99, -1))


def test_the_file_is_evidence_without_persons_and_secrets(stripe, strict, tmp_path):
    person = {"billing_details": {"name": "李小娟"}, "client_secret": "pi_secret"}
    transaction(strict, "charge", 19200, metadata=OURS, **person)

    bill = stripe.download_bill(DAY, BillKind.TRADE, into=tmp_path / "bill")

    raw = bill.path.read_bytes()
    assert (bill.declared_digest, bill.digest_name) == (hashlib.sha256(raw).hexdigest(), "sha256")
    assert OURS["linli_no"].encode() in raw
    assert "李小娟" not in raw.decode()
    assert b"secret" not in raw
    again = stripe.download_bill(DAY, BillKind.TRADE, into=tmp_path / "again")
    assert again.declared_digest == bill.declared_digest


def test_a_statement_that_broke_off_leaves_no_file(stripe, strict, tmp_path):
    transaction(strict, "charge", 19200)
    strict.all("balance_transaction")[0]["net"] = "19200"

    with pytest.raises(OutcomeUnknownError):
        stripe.download_bill(DAY, BillKind.TRADE, into=tmp_path / "bill")

    assert list(tmp_path.iterdir()) == []


def test_when_a_statement_is_ready(stripe, strict):
    end = datetime.fromtimestamp(BEGIN, UTC) + timedelta(days=1)
    with time_machine.travel(end + timedelta(minutes=59), tick=False):
        early = stripe.bill_available(DAY, BillKind.TRADE)
    with time_machine.travel(end + timedelta(minutes=61), tick=False):
        empty = stripe.bill_available(DAY, BillKind.TRADE)
        transaction(strict, "charge", 19200)
        ready = stripe.bill_available(DAY, BillKind.TRADE)

    assert (early.readiness, early.retry_at) == (BillReadiness.NOT_YET, end + timedelta(hours=1))
    assert (empty.readiness, ready.readiness) == (BillReadiness.EMPTY, BillReadiness.READY)


def test_a_statement_stripe_does_not_have_is_not_offered(stripe, tmp_path):
    for kind in (BillKind.TRANSFER, BillKind.FUND):
        with pytest.raises(NotSupportedError):
            stripe.bill_available(DAY, kind)
        with pytest.raises(NotSupportedError):
            stripe.download_bill(DAY, kind, into=tmp_path / "bill")


@pytest.fixture
def good(stripe, strict, tmp_path) -> bytes:
    transaction(strict, "charge", 19200, fee=653, metadata=OURS)
    transaction(strict, "refund", -5000, metadata={"linli_no": "R1", **OURS})
    return stripe.download_bill(DAY, BillKind.TRADE, into=tmp_path / "bill").path.read_bytes()


def _without(raw: bytes, number: int) -> bytes:
    lines = raw.splitlines(keepends=True)
    return b"".join(lines[:number] + lines[number + 1 :])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw[:-1], "truncated"),
        (lambda raw: _without(raw, 3), "truncated"),
        (lambda raw: raw[: len(raw) // 2], "truncated"),
        (lambda raw: _without(raw, 1), "totals"),
        (lambda raw: raw.replace(b"19200", b"19201"), "totals"),
        (lambda raw: raw + raw, "format"),
        (lambda raw: _without(raw, 0), "header"),
        (lambda raw: b"", "header"),
        (lambda raw: raw.replace(b'"kind":"trade"', b'"kind":"fund"'), "header"),
        (lambda raw: raw.replace(b"acct_linli", b"acct_other"), "merchant"),
        (lambda raw: raw.replace(b'"type":"charge"', b'"type":"charm"'), "format"),
        (lambda raw: raw.replace(b'"amount":19200', b'"amount":"x"'), "format"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "format"),
        (lambda raw: "账单\n".encode("gbk") + raw, "encoding"),
        (lambda raw: b"[]\n", "format"),
    ],
)
def test_a_false_statement_is_refused(stripe, good, change, reason):
    with pytest.raises(BadBillError) as caught:
        list(stripe.parse_bill(io.BytesIO(change(good)), BillKind.TRADE))

    assert caught.value.reason == reason


def test_a_statement_is_read_without_stripe(good):
    offline = make_adapter(stripe_account(base_url="http://127.0.0.1:1"))

    lines = list(offline.parse_bill(io.BytesIO(good), BillKind.TRADE))

    assert [one.kind for one in lines] == [BillLineKind.REFUND, BillLineKind.PAY]
    assert json.loads(good.splitlines()[-1]) == {
        "lines": 2,
        "amount": 14200,
        "fee": 653,
        "net": 13547,
    }
