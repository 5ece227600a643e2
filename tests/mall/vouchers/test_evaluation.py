"""What a voucher takes off: within its worth, its goods and what is left to pay, to the fen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall.promotions.rules import LineFacts
from mall.vouchers.evaluation import Refusal, VoucherFacts, judge, off_the_bill, rank

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def voucher(**changes) -> VoucherFacts:
    fields = {
        "voucher_id": 1,
        "voucher_no": "V1",
        "name": "满100减30",
        "worth_minor": 3000,
        "threshold_minor": 10000,
        "valid_from": AT - timedelta(days=1),
        "expires_at": AT + timedelta(days=1),
        "claimed_at": AT - timedelta(days=1),
        "funding": (),
    }
    return VoucherFacts(**{**fields, **changes})


def lines(*values: int) -> list[LineFacts]:
    return [LineFacts(product_id=n, value_minor=value) for n, value in enumerate(values, start=1)]


@pytest.mark.parametrize(
    ("values", "discount", "refusal", "missing"),
    [
        ((10000,), 3000, Refusal.NONE, 0),
        ((9999,), 0, Refusal.BELOW_THRESHOLD, 1),
        ((6000, 4000), 3000, Refusal.NONE, 0),
        ((), 0, Refusal.NO_SUCH_GOODS, 10000),
    ],
)
def test_the_threshold_counts_to_the_fen(values, discount, refusal, missing):
    judged = judge(voucher(), lines(*values), at=AT)

    assert (judged.discount_minor, judged.refusal) == (discount, refusal)
    assert judged.missing_minor == missing


def test_goods_left_out_count_for_nothing_and_bear_nothing():
    judged = judge(voucher(excluded=frozenset({2})), lines(10000, 5000), at=AT)

    assert judged.shares == (3000, 0)
    judged = judge(voucher(included=frozenset({2})), lines(10000, 5000), at=AT)
    assert judged.refusal == Refusal.BELOW_THRESHOLD
    service = LineFacts(product_id=9, value_minor=50000, is_physical=False)
    assert judge(voucher(), [service], at=AT).refusal == Refusal.NO_SUCH_GOODS


def test_a_red_packet_is_worth_no_more_than_the_goods_and_leaves_a_fen():
    packet = voucher(worth_minor=1000, threshold_minor=0)

    assert judge(packet, lines(600), at=AT).discount_minor == 599
    assert judge(packet, lines(1), at=AT).refusal == Refusal.NOTHING_LEFT
    half = voucher(worth_minor=1000, threshold_minor=0, included=frozenset({1}))
    assert judge(half, lines(600, 5000), at=AT).shares == (600, 0)


def test_time_rules_except_for_the_order_that_holds_it():
    late = {"expires_at": AT}

    assert judge(voucher(**late), lines(10000), at=AT).refusal == Refusal.EXPIRED
    held = judge(voucher(**late, is_ours=True, is_free=False), lines(10000), at=AT)
    assert held.discount_minor == 3000
    early = voucher(valid_from=AT + timedelta(microseconds=1))
    assert judge(early, lines(10000), at=AT).refusal == Refusal.NOT_YET
    elsewhere = judge(voucher(is_free=False), lines(10000), at=AT)
    assert elsewhere.refusal == Refusal.ON_ANOTHER_ORDER


def test_of_two_alike_the_higher_threshold_then_the_earlier_expiry_goes_first():
    plain = voucher(voucher_id=5)
    ordered = [
        voucher(voucher_id=9, threshold_minor=12000),
        voucher(voucher_id=8, expires_at=AT + timedelta(hours=1)),
        voucher(voucher_id=7, claimed_at=AT - timedelta(days=2)),
        plain,
        voucher(voucher_id=6),
    ]

    shuffled = [ordered[n] for n in (3, 0, 4, 2, 1)]
    assert sorted(shuffled, key=lambda facts: rank(facts, 3000)) == ordered
    assert rank(plain, 3001) < rank(ordered[0], 3000)


@given(
    values=st.lists(st.integers(1, 50_000), min_size=1, max_size=8),
    worth=st.integers(1, 60_000),
    threshold=st.integers(0, 60_000),
    excluded=st.frozensets(st.integers(1, 8)),
)
def test_shares_are_exact_and_within_their_lines(values, worth, threshold, excluded):
    facts = voucher(worth_minor=worth, threshold_minor=threshold, excluded=excluded)
    basket = lines(*values)

    judged = judge(facts, basket, at=AT)

    counted = [0 if line.product_id in excluded else line.value_minor for line in basket]
    assert sum(judged.shares) == judged.discount_minor
    assert all(0 <= share <= most for share, most in zip(judged.shares, counted, strict=True))
    assert judged.discount_minor < sum(values)
    if sum(counted) >= max(threshold, 1) and not judged.refusal:
        assert judged.discount_minor == min(worth, sum(counted), sum(values) - 1)


@pytest.mark.parametrize(
    ("bill", "off"), [(9999, 0), (10000, 3000), (0, 0), (-5, 0), (1_000_000, 3000)]
)
def test_a_merchants_bill(bill, off):
    assert off_the_bill(worth_minor=3000, threshold_minor=10000, bill_minor=bill) == off
    assert off_the_bill(worth_minor=3000, threshold_minor=0, bill_minor=1200) == 1200
