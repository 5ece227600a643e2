"""Claiming in a round: on time, while there are some, once per person, whoever she says she is."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from mall.vouchers.claiming import claim
from mall.vouchers.errors import (
    AlreadyYoursError,
    NotEligibleError,
    RoundNotOpenError,
    RoundOverError,
    RoundUnknownError,
    SoldOutError,
)
from mall.vouchers.lifecycle import call_off, end, pause, tend_due
from mall.vouchers.models import ClaimSlot, Voucher, VoucherBatch
from mall.vouchers.selectors import RoundState, round_shown, rounds_shown, usable_count
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import make_batch, make_round

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vouchers_agree")]


def click(claim_round, resident, name="a"):
    return claim(resident_id=resident.pk, round_id=claim_round.pk, click=name)


def test_the_same_click_twice_is_one_voucher():
    claim_round, resident = make_round(), make_person()

    first = click(claim_round, resident)
    second = click(claim_round, resident)

    claim_round.refresh_from_db()
    assert first == second
    assert (claim_round.claimed_count, Voucher.objects.count()) == (1, 1)
    assert usable_count(resident.pk) == 1
    assert first.expires_at == first.claimed_at + timedelta(hours=72)


def test_another_click_is_told_what_she_has():
    claim_round, resident = make_round(), make_person()
    first = click(claim_round, resident)

    with pytest.raises(AlreadyYoursError) as refused:
        click(claim_round, resident, "b")

    assert refused.value.data["voucher_no"] == first.voucher_no
    assert round_shown(resident.pk, claim_round.pk).state == RoundState.YOURS


def test_a_round_is_open_from_ten_o_clock_to_the_end_while_it_has_some():
    claim_round = make_round(stock=1)

    with (
        time_machine.travel(claim_round.opens_at - timedelta(microseconds=1), tick=False),
        pytest.raises(RoundNotOpenError),
    ):
        click(claim_round, make_person())
    with (
        time_machine.travel(claim_round.closes_at, tick=False),
        pytest.raises(RoundOverError),
    ):
        click(claim_round, make_person())
    with time_machine.travel(claim_round.opens_at, tick=False):
        click(claim_round, make_person())
        with pytest.raises(SoldOutError):
            click(claim_round, make_person())


def test_sold_out_is_said_without_a_write(django_assert_num_queries):
    claim_round = make_round(stock=1)
    click(claim_round, make_person())
    late = make_person()

    with django_assert_num_queries(2), pytest.raises(SoldOutError):
        click(claim_round, late)


def test_the_batch_may_be_empty_before_the_round_is():
    batch = make_batch(total_stock=1)
    claim_round = make_round(batch)
    click(claim_round, make_person())

    with pytest.raises(SoldOutError):
        click(claim_round, make_person())

    assert tend_due(10) == {"ended": 0, "exhausted": 1}
    assert tend_due(10) == {"ended": 0, "exhausted": 0}


def test_a_budget_ends_where_the_next_voucher_does_not_fit():
    claim_round = make_round(make_batch(budget_minor=5999))
    click(claim_round, make_person())

    with pytest.raises(SoldOutError):
        click(claim_round, make_person())

    assert Voucher.objects.count() == 1
    assert ClaimSlot.objects.count() == 1


def test_limits_of_round_batch_and_worth_count_each():
    batch = make_batch(person_limit=2, campaign="autumn", worth_limit=3)
    twin = make_batch(campaign="autumn", worth_limit=3)
    at = now()
    rounds = [make_round(batch, opens_at=at - timedelta(hours=hours)) for hours in (1, 2, 3)]
    others = [make_round(twin, opens_at=at - timedelta(hours=hours)) for hours in (1, 2)]
    resident = make_person()

    for each in (*rounds[:2], others[0]):
        click(each, resident)
    with pytest.raises(AlreadyYoursError) as of_the_batch:
        click(rounds[2], resident)
    with pytest.raises(AlreadyYoursError) as of_the_worth:
        click(others[1], resident)

    assert of_the_batch.value.data["scope"] == "batch"
    assert of_the_worth.value.data["scope"] == "worth"
    assert {view.state for view in rounds_shown(resident.pk)} == {RoundState.YOURS}


def test_some_rounds_are_for_new_residents_or_card_holders():
    new = make_round(make_batch(audience="new_residents", new_within_days=7))
    cards = make_round(make_batch(audience="card_holders", issuers=["CCB"]))
    old = make_person(date_joined=now() - timedelta(days=8))
    young = make_person(date_joined=now() - timedelta(days=6))

    click(new, young)
    with pytest.raises(NotEligibleError) as not_new:
        click(new, old)
    with pytest.raises(NotEligibleError) as no_card:
        click(cards, young)

    assert not_new.value.data == {"reason": "not_new"}
    assert no_card.value.data == {"reason": "no_card"}


def test_paused_ended_called_off_and_unknown_rounds():
    claim_round, resident = make_round(), make_person()

    pause(claim_round.batch)
    with pytest.raises(RoundNotOpenError):
        click(claim_round, resident)
    end(claim_round.batch)
    with pytest.raises(RoundOverError):
        click(claim_round, resident)
    called_off = make_round()
    call_off(called_off)
    call_off(called_off)
    with pytest.raises(RoundUnknownError):
        click(called_off, resident)
    with pytest.raises(RoundUnknownError):
        claim(resident_id=resident.pk, round_id=0, click="a")
    assert Voucher.objects.count() == 0


def test_what_a_visitor_sees(django_assert_max_num_queries):
    at = now()
    batch = make_batch()
    make_round(batch)
    make_round(batch, opens_at=at + timedelta(days=1), closes_at=at + timedelta(days=2))
    make_round(batch, opens_at=at + timedelta(days=9), closes_at=at + timedelta(days=10))
    make_round(make_batch(state=VoucherBatch.State.DRAFT))
    make_round(opens_at=at - timedelta(hours=5), closes_at=at - timedelta(hours=1))

    with django_assert_max_num_queries(1):
        states = [view.state for view in rounds_shown(None)]
    resident = make_person()
    with django_assert_max_num_queries(5):
        assert [view.state for view in rounds_shown(resident.pk)] == states

    assert states == [RoundState.OPEN, RoundState.COMING, RoundState.OVER]
