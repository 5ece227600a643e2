"""Messages to us: what only this protocol can get wrong. The rest is in tests/contract."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from payments.acquiring.contract import (
    NotificationRejectedError,
    Outcome,
    OutcomeUnknownError,
    RefundRequest,
)
from payments.adapters.unionpay import codes, messages, notices, wire
from payments.kernel.money import Money
from tests.payments.unionpay.papers import FIELDS, MERCHANT, NOW, chain, message, signer, trust


def prove(raw, *, at=NOW, merchant_id=MERCHANT):
    return notices.prove(raw, trust=trust(), merchant_id=merchant_id, at=at)


def reason(raw, **how) -> str:
    with pytest.raises(NotificationRejectedError) as caught:
        prove(raw, **how)
    return caught.value.reason


def test_a_genuine_message_is_proven_and_names_no_secret():
    found = prove(message(accNo="6221680000000017", customerInfo=""))

    assert found.key_serial == str(chain()[2].certificate.serial_number)
    assert json.loads(found.content)["txnAmt"] == "19200"
    assert b"signature" not in found.content
    assert b"customerInfo" not in found.content


def test_what_is_kept_for_good_holds_no_card_and_no_token():
    raw = message(accNo="AAAA", customerInfo="BBBB", tokenPayData="{token=TK1}")

    kept = notices.without_secrets(raw).body

    assert b"orderId=" in kept
    for secret in (b"accNo", b"customerInfo", b"tokenPayData", b"TK1"):
        assert secret not in kept


def test_the_same_message_signed_anew_is_the_same_event():
    again = signer(by=chain()[1], number=3)

    assert prove(message()).event_id == prove(message(again)).event_id


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"version": "5.0.0"}, "signature"),
        ({"signMethod": "11"}, "signature"),
        ({"encoding": "GBK"}, "format"),
        ({"merId": "777290058119999"}, "merchant"),
        ({"txnTime": "20251122115900"}, "stale"),
        ({"txnTime": "20271122115900"}, "stale"),
        ({"txnTime": "2026112211590"}, "format"),
        ({"txnTime": "20261399115900"}, "format"),
    ],
)
def test_another_version_coding_merchant_or_age_is_refused_though_signed(changed, why):
    assert reason(message(**changed)) == why


def test_a_certificate_of_ones_own_is_refused_though_everything_fits():
    assert reason(message(signer(number=6))) == "serial"


def test_a_merchants_own_certificate_is_not_unionpays():
    shop = signer("051@777290058119999@OTHER@1", by=chain()[1], number=6)

    assert reason(message(shop)) == "serial"


def test_a_field_that_is_there_twice_is_refused():
    raw = message()

    for more in (b"&txnAmt=1", b"&respCode=00", b"&x=1&x=2"):
        assert reason(replace(raw, body=raw.body + more)) == "format"


def test_blank_fields_are_as_if_they_were_not_there():
    raw = message()
    with_blank = replace(raw, body=raw.body + b"&queryId2=")

    assert prove(with_blank).content == prove(raw).content


def test_only_a_post_is_a_message():
    assert reason(replace(message(), method="GET")) == "format"


def test_a_message_with_no_proof_is_refused():
    for name in ("signature", "signPubKeyCert"):
        fields = {**wire.read_form(message().body)}
        del fields[name]
        assert reason(replace(message(), body=wire.form_body(fields))) in {"signature", "serial"}


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("00", Outcome.SUCCEEDED),
        ("A6", Outcome.SUCCEEDED),
        ("05", Outcome.PENDING),
        ("03", Outcome.UNKNOWN),
        ("04", Outcome.UNKNOWN),
        ("42", Outcome.UNKNOWN),
        ("75", Outcome.UNKNOWN),
        ("99", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
        ("a6", Outcome.UNKNOWN),
        ("64", Outcome.FAILED),
        ("01", Outcome.FAILED),
    ],
)
def test_a_code_decides_about_money_only_where_it_is_definite(code, outcome):
    assert messages.outcome_of(code) is outcome


def test_no_code_is_two_things_at_once():
    groups = [codes.DONE, codes.ACCEPTED, codes.UNKNOWN, codes.OUR_FAULT, set(codes.REASONS)]
    together = [code for group in groups for code in group]

    assert len(together) == len(set(together))
    assert {codes.NOT_FOUND, codes.DUPLICATE, codes.FILE_ABSENT}.isdisjoint(together)


@pytest.mark.parametrize("text", ["1.00", "-1", "+1", "１", "01", "1" * 13, " 1", "1e3"])
def test_what_is_no_whole_number_of_fen_is_no_amount(text):
    with pytest.raises(OutcomeUnknownError):
        messages.amount_of({"txnAmt": text, "currencyCode": "156"})


def test_another_currency_is_no_amount():
    with pytest.raises(OutcomeUnknownError):
        messages.amount_of({"txnAmt": "100", "currencyCode": "840"})


def test_the_moment_of_a_payment_over_new_year_is_in_the_new_year():
    at = messages.moment_of({"txnTime": "20261231235950", "traceTime": "0101000010"})

    assert f"{at:%Y-%m-%d %H:%M:%S %z}" == "2027-01-01 00:00:10 +0800"


def test_a_moment_that_cannot_be_read_is_none():
    assert messages.moment_of({"txnTime": "20261122115900", "traceTime": "0231000010"}) is None
    assert messages.moment_of({}) is None


def test_what_is_paid_for_is_cut_by_bytes_and_holds_no_sign_of_theirs():
    text = messages.described("荔枝&{2}=斤 " * 9)

    assert len(text.encode()) <= messages.DESCRIPTION_BYTES_MAX
    assert not set("&={}[]") & set(text)


def test_nothing_secret_of_a_message_is_kept():
    fields = {
        **FIELDS,
        "accNo": "6221680000000017",
        "customerInfo": "e30=",
        "signPubKeyCert": chain()[2].pem,
        "signature": "xx",
        "tokenPayData": "{token=TK1&trId=1}",
    }

    assert not {"accNo", "customerInfo", "signature", "signPubKeyCert"} & set(messages.kept(fields))
    assert "TK1" not in repr(messages.kept(fields))


def test_discounts_must_make_up_the_difference():
    parts = (
        "W3sic3Buc3JJZCI6IkNDQiIsInR5cGUiOiJERDAxIiwib2Zmc3RBbXQiOiIxNjAwIiwiaWQiOiJDQ0I6bSJ9XQ=="
    )
    good = {"txnAmt": "19200", "origTxnAmt": "20800", "couponInfo": parts}

    asked, tenders = messages.tenders_of(good, Money(19200))

    assert asked == Money(20800)
    assert [(t.funder, t.ref, t.amount.minor) for t in tenders] == [("bank", "CCB:m", 1600)]
    for bad in ({"origTxnAmt": "20801"}, {"couponInfo": "AAAA"}, {"origTxnAmt": "x"}):
        with pytest.raises(OutcomeUnknownError):
            messages.tenders_of({**good, **bad}, Money(19200))


def test_a_whole_payment_of_today_is_told_by_its_number():
    def of(number, amount, at):
        request = RefundRequest("R1", number, Money(amount), Money(200), "", "", "q")
        return notices.is_whole_and_of_today(request, at)

    assert of("P261122ABCDEFGHIJKLM", 200, NOW)
    assert not of("P261122ABCDEFGHIJKLM", 100, NOW)
    assert not of("P261121ABCDEFGHIJKLM", 200, NOW)
    assert not of("P261122ABCDEFGHIJKLM", 200, NOW + timedelta(hours=11))
