"""Market pay: what is signed, who gets what of an order, refunds, messages and their answers."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    NotificationRejectedError,
    NotifyKind,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    Scene,
    SplitShare,
    StepKind,
)
from payments.adapters.ccb_hsb.splice import OF_MESSAGES, splice
from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from payments.sandbox.dialects.ccb_hsb.paper import joined
from tests.contract.papers import pay_request, price, refund_request
from tests.contract.paying import paid
from tests.waiting import until

ONE = "41060860800415000002"
OTHER = "41060860800415000003"
TEXTS = st.text(max_size=6)
PAPERS = st.recursive(
    TEXTS | st.none(),
    lambda inner: st.lists(
        st.dictionaries(st.sampled_from("abcXY_"), inner, max_size=3), max_size=3
    ),
    max_leaves=12,
)


def test_the_published_splice_is_ours():
    """Where LINLI_VECTORS names a folder."""
    folder = os.environ.get("LINLI_VECTORS", "")
    known = json.loads((Path(folder) / "vectors.json").read_text("utf-8")) if folder else {}
    for one in known.get("ccb_hsb", []):
        assert splice(one["json"]) == one["expect"]
        assert splice({**one["json"], "Sign_Inf": "x", "Rsp_Inf": "y"}) == one["expect"]
        assert splice({**one["json"], "Rsp_Inf": "y"}, OF_MESSAGES) != one["expect"]


@settings(max_examples=150, deadline=None)
@given(paper=st.dictionaries(st.sampled_from(["Amt", "Vno", "List", "b", "Z"]), PAPERS, max_size=5))
def test_both_sides_write_the_same_text_to_sign(paper):
    assert splice(paper) == joined(paper)


def shares(*parts: tuple[str, int]) -> tuple[SplitShare, ...]:
    """Who gets how many fen."""
    return tuple(SplitShare(new_number("H"), who, Money(minor)) for who, minor in parts)


def kept_shares(bench, payment_no: str) -> list[tuple[str, int, bool]]:
    """What the bank's books say of an order's shares."""
    books = bench.bank.keys_dir.parent / "sandbox.sqlite3"
    with sqlite3.connect(books) as connection:
        rows = connection.execute(
            "SELECT seller, s.amount_minor, released_ms FROM hsb_shares s"
            " JOIN orders o ON o.id = order_id WHERE our_no = ? ORDER BY seq_no",
            (payment_no,),
        ).fetchall()
    return [(seller, minor, released is not None) for seller, minor, released in rows]


def test_an_order_is_shared_out_when_it_begins_and_paid_out_when_the_goods_arrive(bench, hsb):
    request = pay_request(bench, shares=shares((ONE, 18_000), (OTHER, 1_200)))
    opened = hsb.create(request)
    bench.pay(opened)
    ref = PayRef(request.payment_no, acquirer_no=opened.acquirer_no, sent_at=now())
    assert kept_shares(bench, request.payment_no) == [(ONE, 18_000, False), (OTHER, 1_200, False)]

    for _ in range(2):
        hsb.confirm_arrival(ref)

    assert kept_shares(bench, request.payment_no) == [(ONE, 18_000, True), (OTHER, 1_200, True)]
    with pytest.raises(AlreadyDoneError):
        hsb.create(replace(request, shares=shares((ONE, 19_200))))


@pytest.mark.parametrize(
    "parts",
    [((ONE, 19_199),), ((ONE, 9_600), (ONE, 9_600)), tuple((f"S{n}", 800) for n in range(24))],
)
def test_shares_that_do_not_add_up_are_never_sent(bench, hsb, parts):
    with pytest.raises(ConfigError):
        hsb.create(pay_request(bench, shares=shares(*parts)))


def test_the_payer_is_sent_to_a_page_a_code_or_pays_inside_a_mini_program(bench):
    hsb = bench.adapter(sub_appid="wx0123456789abcdef")
    steps = {
        scene: hsb.create(pay_request(bench, scene, payer_id="o-7")).step.kind
        for scene in sorted(hsb.caps.scenes)
    }

    assert steps == {
        Scene.H5: StepKind.REDIRECT,
        Scene.NATIVE_QR: StepKind.QR_CODE,
        Scene.MINIPROGRAM: StepKind.SDK_PAYLOAD,
    }


def test_a_refunds_message_is_read_and_answered_as_the_platform_wants(bench, hsb):
    payment = paid(bench, hsb)
    request = refund_request(bench, payment, 2769)
    hsb.refund(request)

    (raw,) = until(lambda: bench.messages(request.refund_no))
    (event,) = hsb.parse_notification(hsb.verify_notification(raw))
    answer = json.loads(hsb.ack(accepted=True).body)

    assert (event.kind, event.result.refund_no) == (NotifyKind.REFUND, request.refund_no)
    assert (event.result.outcome, event.result.amount) == (Outcome.SUCCEEDED, price(bench, 2769))
    assert answer["Svc_Rsp_St"] == "00"
    assert (len(answer["Rcv_Tm"]), len(answer["Ittparty_Tms"])) == (14, 17)


def test_a_name_twice_and_an_item_moved_between_lists_prove_nothing_more(bench, hsb):
    payment = paid(bench, hsb)
    (raw,) = until(lambda: bench.messages(payment.payment_no))

    twice = raw.body.replace(b'{"Main_Ordr_No"', b'{"Ordr_Stcd":"2","Main_Ordr_No"', 1)
    for body in (twice, raw.body.decode().encode("utf-16"), b"[" * 5000, b"{}", b"null"):
        with pytest.raises(NotificationRejectedError):
            hsb.verify_notification(replace(raw, body=body))
    assert hsb.caps.notifications_need_query


def test_an_answer_of_another_key_or_another_order_is_none(bench, hsb):
    ref = paid(bench, hsb)
    paid(bench, hsb)
    for fault in ("bad_response_signature", "response_for_other_order", "garbage_body"):
        with (
            bench.bank.fault(fault, number=ref.payment_no, route="POST gatherEnquireOrder"),
            pytest.raises(OutcomeUnknownError),
        ):
            hsb.query(ref)
