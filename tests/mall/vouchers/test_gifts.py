"""First-tie gifts: told by the real acquirer, once per person, bank and kind, once per card."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mall.vouchers import invariants
from mall.vouchers.gifts import (
    end,
    gift_for,
    give,
    give_for_signing,
    launch,
    open_gifts,
    pause,
    resume,
)
from mall.vouchers.models import Gift, GiftRule, Voucher
from payments.api import IllegalTransitionError, now, unbind
from tests.acquirer import CCB_CREDIT, CCB_DEBIT, card_number
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.ordering.tying import tie
from tests.mall.vouchers.batches import make_batch

pytestmark = pytest.mark.django_db(transaction=True)


def make_rule(**changes) -> GiftRule:
    at = now()
    batch = changes.pop("batch", None) or make_batch(threshold_minor=0, discount_minor=800)
    fields = {"name": "首绑有礼", "starts_at": at - timedelta(days=1)}
    rule = GiftRule.objects.create(
        batch=batch, ends_at=at + timedelta(days=9), **{**fields, **changes}
    )
    launch(rule)
    return rule


def assert_the_books_agree() -> None:
    assert [each for result in invariants.check() for each in result.violations] == []


def test_each_first_card_of_a_bank_and_kind_brings_one(acquirer):
    rule, resident = make_rule(), make_person()

    credit = tie(resident, acquirer, CCB_CREDIT)
    unbind(credit, str(resident.pk))
    tie(resident, acquirer, CCB_CREDIT)
    tie(resident, acquirer, card_number("622168", serial=2))
    debit = tie(resident, acquirer, CCB_DEBIT)

    rule.refresh_from_db()
    given = Gift.objects.order_by("pk").values_list("agreement_no", "card_kind")
    assert list(given) == [(credit, "credit"), (debit, "debit")]
    assert rule.given_count == Voucher.objects.filter(resident=resident).count() == 2
    assert gift_for(credit).source == Voucher.Source.GIFT
    assert_the_books_agree()


def test_the_same_card_in_another_account_brings_none(acquirer):
    make_rule()
    first, second = make_person(), make_person()

    tie(first, acquirer, CCB_CREDIT)
    again = tie(second, acquirer, CCB_CREDIT)

    assert Gift.objects.get().resident == first
    assert gift_for(again) is None
    assert_the_books_agree()


def test_told_often_and_at_once_it_is_one(acquirer):
    resident = make_person()
    number = tie(resident, acquirer, CCB_CREDIT)
    make_rule()
    told = {
        "agreement_no": number,
        "owner_ref": str(resident.pk),
        "issuer_code": "CCB",
        "kind": "credit",
        "is_first": True,
    }

    give_for_signing({**told, "is_first": False})
    assert Gift.objects.count() == 0
    ends = all_at_once([lambda: give_for_signing(told)] * 6)

    assert ends == [None] * 6
    assert Gift.objects.count() == Voucher.objects.count() == 1
    assert_the_books_agree()


def test_the_largest_gift_that_fits_and_has_room(acquirer):
    psbc = make_rule(issuer_code="PSBC", batch=make_batch(discount_minor=5000))
    last = make_rule(issuer_code="CCB", total_limit=1, batch=make_batch(discount_minor=2000))
    any_bank = make_rule()
    first, second, third = (make_person() for _ in range(3))
    numbers = [
        tie(person, acquirer, card_number("622168", serial=serial))
        for serial, person in enumerate((first, second), start=1)
    ]

    told = {gift.agreement_no: gift.rule for gift in Gift.objects.all()}
    assert [told[number] for number in numbers] == [last, any_bank]
    assert [gift.issuer_code for gift in open_gifts()] == ["PSBC", ""]
    end(psbc)
    pause(any_bank)
    tie(third, acquirer, card_number("622168", serial=3))
    assert Gift.objects.count() == 2
    resume(any_bank)
    assert give(agreement_no=numbers[0], resident_id=1, issuer_code="", card_kind="") is None
    with pytest.raises(IllegalTransitionError):
        resume(psbc)
    assert_the_books_agree()
