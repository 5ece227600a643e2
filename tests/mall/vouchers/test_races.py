"""Ten o'clock: however many press at once, nobody gets two and there are never more than there are.

Each control takes one guard away and must see the race go wrong: a race that passes without its
guard would prove nothing.
"""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import IntegrityError
from django.db.models import F

from mall.accounts.models import User
from mall.vouchers import claiming, codes, holding, invariants
from mall.vouchers.claiming import claim
from mall.vouchers.errors import VoucherGoneError
from mall.vouchers.granting import grant_by_hand
from mall.vouchers.models import ClaimRound, ClaimSlot, HandGrant, Redemption, Voucher, VoucherUse
from mall.vouchers.redeeming import open_code, redeem, undo
from payments.api import balance, now
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import (
    make_batch,
    make_merchant,
    make_round,
    make_voucher,
    put_on_order,
)

pytestmark = pytest.mark.django_db(transaction=True)
CLAIMANTS, VOUCHERS, THREADS = 500, 50, 25


def rush(claim_round: ClaimRound, residents: list[int], *, clicks: int = 1) -> Counter[str]:
    """Let all of them press, THREADS at a time; count vouchers and refusals by code."""

    def press(share: list[int]) -> list[str]:
        told = []
        for resident_id in share:
            for click in range(clicks):
                try:
                    claim(resident_id=resident_id, round_id=claim_round.pk, click=f"{click}")
                    told.append("voucher")
                except Exception as error:  # noqa: BLE001 - what it raised is the result
                    told.append(getattr(error, "code", type(error).__name__))
        return told

    shares = [residents[n::THREADS] for n in range(THREADS)]
    ends = all_at_once([lambda share=share: press(share) for share in shares])
    return Counter(told for end in ends for told in end)


def people(count: int) -> list[int]:
    made = User.objects.bulk_create(
        User(username=f"claimant-{n}", phone=f"+86137{n:08d}") for n in range(count)
    )
    return [each.pk for each in made]


def assert_the_books_agree() -> None:
    assert [each for result in invariants.check() for each in result.violations] == []


def test_five_hundred_claimants_for_fifty_vouchers():
    claim_round = make_round(stock=VOUCHERS)

    told = rush(claim_round, people(CLAIMANTS))

    claim_round.refresh_from_db()
    assert told == {"voucher": VOUCHERS, "vouchers_sold_out": CLAIMANTS - VOUCHERS}
    assert claim_round.claimed_count == Voucher.objects.count() == VOUCHERS
    assert Voucher.objects.values("resident").distinct().count() == VOUCHERS
    assert_the_books_agree()


def test_without_the_condition_the_race_runs_into_the_check(monkeypatch):
    """Control: counted without looking, only the check constraint is left between us and 51."""

    def careless(batch, claim_round, _worth_minor):
        ClaimRound.objects.filter(pk=claim_round.pk).update(claimed_count=F("claimed_count") + 1)

    monkeypatch.setattr(claiming, "take_stock", careless)
    claim_round = make_round(stock=VOUCHERS)

    told = rush(claim_round, people(CLAIMANTS))

    assert told["IntegrityError"] > 0
    assert told["voucher"] == VOUCHERS


def test_eight_tabs_of_one_person_and_her_second_account_get_one_voucher():
    claim_round = make_round(stock=VOUCHERS)
    (resident,) = people(1)

    told = rush(claim_round, [resident] * 8, clicks=3)

    # The same three clicks in each tab: one is the voucher wherever it is asked for again.
    assert Voucher.objects.count() == 1
    assert set(told) == {"voucher", "voucher_already_yours"}
    assert_the_books_agree()


def test_without_places_one_person_gets_as_many_as_she_presses(monkeypatch):
    """Control: without a place per person the same rush gives her several."""
    monkeypatch.setattr(claiming, "take_places", lambda *_args: None)
    claim_round = make_round(stock=VOUCHERS)

    rush(claim_round, people(1) * 8, clicks=3)

    assert Voucher.objects.count() == 3


def test_one_card_in_two_accounts_counts_once(monkeypatch):
    claim_round = make_round(stock=VOUCHERS)
    first, second = people(2)

    def with_the_same_card(resident_id):
        return claiming.Claimant(resident_id=resident_id, joined_at=now(), fingerprints=("fp-1",))

    monkeypatch.setattr(claiming, "claimant_of", with_the_same_card)

    told = rush(claim_round, [first, second] * 6)

    assert Voucher.objects.count() == 1
    assert set(told) == {"voucher", "voucher_already_yours"}
    assert set(ClaimSlot.objects.values_list("subject", flat=True)) > {"card:fp-1"}


def test_two_orders_want_one_voucher_and_one_gets_it():
    voucher = make_voucher()

    ends = all_at_once([lambda n=n: put_on_order(voucher, f"M{n}") for n in range(8)])

    assert ends.count(None) == 1
    assert sum(isinstance(end, VoucherGoneError) for end in ends) == 7
    assert VoucherUse.objects.count() == 1
    assert_the_books_agree()


def test_two_orders_would_both_have_it_without_the_condition(monkeypatch):
    """Control: locked without looking at its state, only the unique use is left."""
    voucher = make_voucher()
    monkeypatch.setattr(holding, "_IN_THE_WALLET", tuple(Voucher.State))

    ends = all_at_once([lambda n=n: put_on_order(voucher, f"M{n}") for n in range(8)])

    assert sum(isinstance(end, IntegrityError) for end in ends) == 7


def test_one_voucher_at_eight_tills_and_in_a_basket_is_taken_once():
    cashier = make_person("王秀兰")
    merchant = make_merchant(cashier)
    voucher = make_voucher(batch=make_batch(place="both", code="noodles"))
    code = codes.code_for(voucher_no=voucher.voucher_no, resident_id=voucher.resident_id)
    open_code(merchant=merchant, by=cashier, code=code.code)

    def take():
        return redeem(
            merchant=merchant, by=cashier, voucher_no=voucher.voucher_no, bill_minor=12000
        ).redemption_no

    ends = all_at_once([*[take] * 8, lambda: put_on_order(voucher)])

    taken = {end for end in ends if isinstance(end, str)}
    assert Redemption.objects.count() == len(taken) <= 1
    assert len(taken) + VoucherUse.objects.count() == 1
    if taken:
        (number,) = taken
        all_at_once([lambda: undo(redemption_no=number, by=cashier)] * 4)
        assert balance("2201", party=merchant.payout_label) == 0
    assert_the_books_agree()


def test_a_form_sent_eight_times_at_once_gives_one_voucher():
    batch, resident, clerk = make_batch(), make_person("13900000301"), make_person("13900000302")

    def press() -> str:
        given = grant_by_hand(
            batch=batch, resident=resident, by=clerk, reason="apology", form_key="f1"
        )
        return given.voucher_no

    told = all_at_once([press] * 8)

    assert len(set(told)) == 1
    assert (Voucher.objects.count(), HandGrant.objects.count()) == (1, 1)
    assert [wrong for rule in invariants.check() for wrong in rule.violations] == []
