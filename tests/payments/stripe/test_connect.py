"""Sharing out through Connect: each share a transfer, each return a reversal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payments.acquiring.contract import (
    AgreementPay,
    BillKind,
    BillLineKind,
    DeclinedError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    SplitMode,
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitReturn,
    SplitShare,
)
from payments.acquiring.registry import make_adapter
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.localstripe import MERCHANT, stripe_account

SUPPLIER, LEADER = "acct_known_supplier", "acct_known_leader"


@pytest.fixture
def paid(stripe, strict):
    token = f"cus_1:{strict.card('cus_1')}"
    expires_at = now() + timedelta(minutes=15)
    asked = AgreementPay(
        new_number("P"), "", token, Money(19200), "荔枝", expires_at, "", "http://b"
    )
    return stripe.pay_with_agreement(asked)


def request(paid, *shares: SplitShare) -> SplitRequest:
    return SplitRequest(new_number("S"), paid.payment_no, paid.acquirer_no, shares)


def share(receiver: str, minor: int) -> SplitShare:
    return SplitShare(new_number("H"), receiver, Money(minor))


def back(asked: SplitRequest, number: int, minor: int, no: str = "") -> SplitReturn:
    of = asked.shares[number]
    return SplitReturn(
        no or new_number("T"),
        asked.split_no,
        of.receiver,
        Money(minor),
        share_no=of.share_no,
        payment_no=asked.payment_no,
    )


def test_every_receiver_gets_its_share_once(stripe, strict, paid):
    asked = request(paid, share(SUPPLIER, 15000), share(LEADER, 1900))

    first, again = (stripe.split(asked) for _ in range(2))
    told = stripe.query_split(SplitRef(asked.split_no, paid.payment_no))

    assert first == again
    assert (first.outcome, first.merchant_id) == (Outcome.SUCCEEDED, MERCHANT)
    assert [(s.share_no, s.receiver, s.amount.minor) for s in first.shares] == [
        (s.share_no, s.receiver, s.amount.minor) for s in asked.shares
    ]
    assert {s.share_no for s in told.shares} == {s.share_no for s in asked.shares}
    assert [thing["transfer_group"] for thing in strict.all("transfer")] == [paid.payment_no] * 2


def test_a_share_that_is_refused_does_not_hide_the_other(stripe, paid):
    asked = request(paid, share("acct_unknown", 100), share(LEADER, 1900), share(SUPPLIER, 19000))

    done = stripe.split(asked)

    outcomes = [(one.outcome, one.failure.code if one.failure else "") for one in done.shares]
    assert outcomes == [
        (Outcome.FAILED, "receiver_unknown"),
        (Outcome.SUCCEEDED, ""),
        (Outcome.FAILED, "balance_too_low"),
    ]
    assert done.outcome is Outcome.SUCCEEDED


def test_a_split_nobody_gets_anything_of_has_failed(stripe, paid):
    assert stripe.split(request(paid, share("acct_unknown", 100))).outcome is Outcome.FAILED


def test_a_lost_answer_leaves_the_split_unknown_and_it_is_sent_again(stripe, strict, paid):
    asked = request(paid, share(SUPPLIER, 15000), share(LEADER, 1900))
    strict.lost.append("POST /v1/transfers")

    with pytest.raises(OutcomeUnknownError):
        stripe.split(asked)
    assert [s.receiver for s in stripe.query_split(_ref(asked)).shares] == [SUPPLIER]
    stripe.split(asked)

    assert len(strict.all("transfer")) == 2


def _ref(asked: SplitRequest) -> SplitRef:
    return SplitRef(asked.split_no, asked.payment_no)


def test_a_split_nobody_sent_is_not_found(stripe, paid):
    ref = SplitRef(new_number("S"), paid.payment_no)

    assert stripe.query_split(ref).outcome is Outcome.NOT_FOUND
    assert stripe.unfreeze(ref).outcome is Outcome.NOT_FOUND


def test_a_share_is_taken_back_in_parts_and_not_a_fen_more(stripe, strict, paid):
    asked = request(paid, share(SUPPLIER, 15000), share(LEADER, 1900))
    stripe.split(asked)
    part = back(asked, 1, 1000)

    first, again = (stripe.split_return(part) for _ in range(2))

    assert (first.outcome, first.return_no, first.amount) == (
        Outcome.SUCCEEDED,
        part.return_no,
        Money(1000),
    )
    assert (first.merchant_id, again.acquirer_return_no) == (MERCHANT, first.acquirer_return_no)
    assert len(strict.all("transfer_reversal")) == 1
    with pytest.raises(DeclinedError) as caught:
        stripe.split_return(back(asked, 1, 901))
    assert caught.value.code == "return_too_much"
    assert stripe.split_return(back(asked, 1, 900)).outcome is Outcome.SUCCEEDED


def test_sent_again_after_a_day_nothing_moves_twice(stripe, strict, paid):
    """Stripe forgets its keys after a day; a number of ours is for good."""
    asked = request(paid, share(SUPPLIER, 5000), share(LEADER, 1900))
    part = back(asked, 1, 400)
    first = stripe.split(asked), stripe.split_return(part)
    strict.a_day_passes()

    again = stripe.split(asked), stripe.split_return(part)

    assert again == first
    assert len(strict.all("transfer")) == 2
    assert len(strict.all("transfer_reversal")) == 1
    assert stripe.split_return(back(asked, 1, 500)).outcome is Outcome.SUCCEEDED


def test_a_transfer_of_somebody_elses_is_never_taken_back(stripe, strict, paid):
    asked = request(paid, share(SUPPLIER, 5000))
    stripe.split(asked)
    by_hand = strict.make("tr", "transfer", amount=900, currency="cny", amount_reversed=0)
    by_hand["transfer_group"] = ""

    with pytest.raises(OutcomeUnknownError):
        stripe.split_return(SplitReturn(new_number("B"), asked.split_no, SUPPLIER, Money(100)))

    assert strict.all("transfer_reversal") == []


def test_a_share_nobody_got_cannot_be_taken_back(stripe, paid):
    with pytest.raises(DeclinedError) as caught:
        stripe.split_return(back(request(paid, share(LEADER, 1)), 0, 1))

    assert caught.value.code == "share_not_found"


def test_a_receiver_has_an_account_that_may_receive(stripe, strict):
    for name, state in ((SUPPLIER, "active"), (LEADER, "pending")):
        strict.things[name] = {
            "id": name,
            "object": "account",
            "capabilities": {"transfers": state},
        }

    stripe.add_receiver(SplitReceiver(SUPPLIER, "果园"))
    stripe.remove_receiver(SplitReceiver(SUPPLIER, "果园"))
    with pytest.raises(DeclinedError, match="may not receive"):
        stripe.add_receiver(SplitReceiver(LEADER, "王姐"))
    with pytest.raises(DeclinedError):
        stripe.add_receiver(SplitReceiver("acct_nobody", "无"))


def test_the_statement_of_shares(stripe, paid, tmp_path):
    asked = request(paid, share(SUPPLIER, 15000))
    stripe.split(asked)
    returned = back(asked, 0, 500)
    stripe.split_return(returned)

    bill = stripe.download_bill(business_date(), BillKind.SPLIT, into=tmp_path / "bill")
    lines = sorted(stripe.parse_bill(bill.path.open("rb"), BillKind.SPLIT), key=lambda x: x.kind)

    assert [(x.kind, x.own_no, x.amount.minor, x.related_no) for x in lines] == [
        (BillLineKind.SPLIT, asked.shares[0].share_no, 15000, asked.split_no),
        (BillLineKind.SPLIT_RETURN, returned.return_no, 500, asked.split_no),
    ]
    assert lines[0].party == SUPPLIER


def test_without_connect_nothing_is_shared_out(strict):
    plain = make_adapter(stripe_account(base_url=strict.url))

    assert (plain.caps.split, plain.caps.split_return) == (SplitMode.NONE, False)
    assert BillKind.SPLIT not in plain.caps.bill_kinds
    for method in (plain.split, plain.query_split, plain.split_return, plain.add_receiver):
        with pytest.raises(NotSupportedError):
            method(None)
    for method in (plain.unfreeze, plain.remove_receiver, plain.transfer, plain.query_transfer):
        with pytest.raises(NotSupportedError):
            method(None)
    assert strict.calls == []
