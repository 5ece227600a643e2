"""Signatures counted twice: by the adapter, and slowly by hand from the published rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.adapters.unionpay import wire
from payments.sandbox.dialects.unionpay import wire as banks_wire
from tests.payments.unionpay.papers import key
from tests.payments.unionpay.slowproof import is_proven, signature_of

NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
FIELDS = st.dictionaries(NAMES.filter(lambda name: name != "signature"), VALUES, max_size=12)
PUBLIC = key().public_key().public_numbers()
PRIVATE = key().private_numbers()


@settings(max_examples=50, deadline=None)
@given(FIELDS)
def test_what_we_sign_is_proven_by_the_slow_way(fields):
    signed = wire.sign(fields, key())

    assert is_proven(signed, n=PUBLIC.n, e=PUBLIC.e)
    assert wire.is_signed(signed, key().public_key())


@settings(max_examples=50, deadline=None)
@given(FIELDS)
def test_what_is_signed_the_slow_way_is_proven_by_us(fields):
    signed = {**fields, "signature": signature_of(fields, n=PUBLIC.n, d=PRIVATE.d)}

    assert wire.is_signed(signed, key().public_key())


@settings(max_examples=40, deadline=None)
@given(FIELDS, st.data())
def test_a_field_more_or_less_or_other_is_not_proven(fields, data):
    signed = wire.sign({"orderId": "P1", **fields}, key())
    name = data.draw(st.sampled_from(sorted(set(signed) - {"signature"})))

    assert not wire.is_signed({**signed, name: signed[name] + "0"}, key().public_key())
    assert not wire.is_signed({**signed, name: ""}, key().public_key())
    assert not wire.is_signed({**signed, "more" + name: "1"}, key().public_key())


@settings(max_examples=50, deadline=None)
@given(FIELDS)
def test_a_form_is_read_as_it_was_written(fields):
    assert wire.read_form(wire.form_body(fields) or b"a=") == (fields or {"a": ""})


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, st.text("{}=中é+/ab", max_size=9), min_size=1, max_size=6))
def test_an_answer_is_read_or_refused_and_nothing_else(fields):
    body = banks_wire.answer_body(fields)
    try:
        read = wire.read_answer(body)
    except wire.UnreadableError:
        return
    # A brace that closes in a later value swallows the names between; nothing is made up or lost.
    assert "&".join(f"{name}={value}" for name, value in read.items()).encode() == body


def test_values_in_braces_stay_whole():
    body = b"orderId=P1&tokenPayData={token=TK1&trId=62000000001}&respCode=00"

    assert wire.read_answer(body) == {
        "orderId": "P1",
        "tokenPayData": "{token=TK1&trId=62000000001}",
        "respCode": "00",
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"a", b"a=1&b", b"a=1&a=2", b"a={b=1", b"a={b=1}x", b"a=1&&b=2", b"\xff=1", b"\xe4=1"],
)
def test_what_is_no_answer_is_refused(body):
    with pytest.raises(wire.UnreadableError):
        wire.read_answer(body)


@pytest.mark.parametrize(
    "body", [b"", b"a", b"a=1&a=2", b"a=%ff", b"%C3%A9=1", b"a=1&&b=2", b"=1", b"a b=1"]
)
def test_what_is_no_form_is_refused(body):
    with pytest.raises(wire.UnreadableError):
        wire.read_form(body)


def test_a_form_of_very_many_fields_is_refused():
    with pytest.raises(wire.UnreadableError):
        wire.read_form(b"&".join(b"a%d=1" % n for n in range(500)))
