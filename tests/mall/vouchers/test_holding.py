"""A voucher with its order: locked, used, released, taken back; each once, never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from mall.promotions.rules import LineFacts
from mall.vouchers.errors import VoucherGoneError
from mall.vouchers.holding import mark_used, release, take_back
from mall.vouchers.jobs import expire_due
from mall.vouchers.models import Voucher, VoucherBatch, VoucherUse
from mall.vouchers.quoting import vouchers_for
from payments.api import Funder, now
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import (
    BANK_PAYS,
    make_batch,
    make_voucher,
    pay_with,
    put_on_order,
    state_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vouchers_agree")]
State = Voucher.State
GOODS = [LineFacts(product_id=1, value_minor=20800)]


def quotes(voucher: Voucher, *, except_order: str = "", at=None):
    return vouchers_for(
        resident_id=voucher.resident_id, lines=GOODS, at=at or now(), except_order=except_order
    )


def test_a_voucher_goes_with_its_order():
    voucher = make_voucher()

    put_on_order(voucher)
    assert state_of(voucher) == State.LOCKED
    mark_used("M1")
    mark_used("M1")
    release("M1")

    assert state_of(voucher) == State.USED
    assert VoucherUse.objects.get().state == VoucherUse.State.USED


def test_an_order_that_ends_gives_it_back():
    voucher = make_voucher()
    put_on_order(voucher)

    release("M1")
    release("M1")

    assert state_of(voucher) == State.HELD
    put_on_order(voucher, "M2")
    mark_used("M1")
    assert state_of(voucher) == State.LOCKED


def test_it_is_not_hers_not_free_or_over():
    voucher = make_voucher()
    other = make_person()

    with pytest.raises(VoucherGoneError):
        put_on_order(Voucher(voucher_no=voucher.voucher_no, resident_id=other.pk))
    with pytest.raises(VoucherGoneError):
        put_on_order(voucher, discount_minor=3001)
    put_on_order(voucher)
    with pytest.raises(VoucherGoneError):
        put_on_order(voucher, "M2")
    late = make_voucher()
    with time_machine.travel(late.expires_at, tick=False), pytest.raises(VoucherGoneError):
        put_on_order(late, "M3")
    counter = make_voucher(batch=make_batch(place=VoucherBatch.Place.MERCHANTS))
    with pytest.raises(VoucherGoneError):
        put_on_order(counter, "M4")


def test_what_expires_on_an_order_stays_with_the_order():
    voucher = make_voucher()
    put_on_order(voucher)

    with time_machine.travel(voucher.expires_at + timedelta(minutes=1), tick=False):
        assert expire_due(100) == {"expired": 0}
        assert [quote.discount_minor for quote in quotes(voucher, except_order="M1")] == [3000]
        assert quotes(voucher) == []
        put_on_order(voucher, discount_minor=2500)
        mark_used("M1")

    assert state_of(voucher) == State.USED
    assert VoucherUse.objects.get().discount_minor == 2500


def test_given_back_too_late_it_has_expired():
    voucher = make_voucher()
    put_on_order(voucher)

    with time_machine.travel(voucher.expires_at, tick=False):
        release("M1")

    assert state_of(voucher) == State.EXPIRED


@pytest.mark.parametrize(
    ("policy", "days_later", "becomes"),
    [
        (VoucherBatch.RefundPolicy.RETURN, 0, State.RETURNED),
        (VoucherBatch.RefundPolicy.RETURN, 10, State.EXPIRED),
        (VoucherBatch.RefundPolicy.FORFEIT, 0, State.FORFEITED),
    ],
)
def test_a_whole_refund_follows_the_batch(policy, days_later, becomes):
    voucher = make_voucher(batch=make_batch(refund_policy=policy))
    pay_with(voucher)

    with time_machine.travel(now() + timedelta(days=days_later), tick=False):
        take_back(order_no="M1", amount_minor=1000, is_whole=False)
        assert state_of(voucher) == State.USED
        take_back(order_no="M1", amount_minor=2000, is_whole=True)
        take_back(order_no="M1", amount_minor=2000, is_whole=True)

    assert state_of(voucher) == becomes
    assert VoucherUse.objects.get().returned_minor == 3000


def test_no_more_goes_back_than_it_gave():
    voucher = make_voucher()
    pay_with(voucher, discount_minor=1500)

    with pytest.raises(ValueError, match="more than the voucher gave"), transaction.atomic():
        take_back(order_no="M1", amount_minor=1501, is_whole=True)

    assert state_of(voucher) == State.USED


def test_what_came_back_can_be_used_again():
    voucher = make_voucher()
    pay_with(voucher)
    take_back(order_no="M1", amount_minor=3000, is_whole=True)

    assert [quote.hint for quote in quotes(voucher)] == [""]
    pay_with(voucher, "M2")

    assert state_of(voucher) == State.USED


def test_one_voucher_on_an_order():
    resident = make_person()
    first, second = make_voucher(resident), make_voucher(resident)
    put_on_order(first)

    with pytest.raises(IntegrityError), transaction.atomic():
        put_on_order(second)


def test_the_wallet_is_quoted_the_best_first_in_one_query(django_assert_num_queries):
    resident = make_person()
    small = make_voucher(resident, make_batch(discount_minor=1000, threshold_minor=5000))
    big = make_voucher(resident, make_batch(discount_minor=6000, threshold_minor=20000))
    far = make_voucher(resident, make_batch(discount_minor=9000, threshold_minor=50000))
    near = make_voucher(resident, make_batch(discount_minor=7000, threshold_minor=21000))
    make_voucher(resident, make_batch(place=VoucherBatch.Place.MERCHANTS))
    make_voucher()

    with django_assert_num_queries(1):
        found = vouchers_for(resident_id=resident.pk, lines=GOODS, at=now())

    numbers = [quote.voucher_no for quote in found]
    assert numbers == [each.voucher_no for each in (big, small, near, far)]
    assert [bool(quote.hint) for quote in found] == [False, False, True, True]
    assert vouchers_for(resident_id=None, lines=GOODS, at=now()) == []


def test_funders_are_named_as_the_ledger_keeps_them():
    mix = [
        {"funder": "bank", "ref": "CCB", "percent": 70},
        {"funder": "government", "ref": "GOV-HZ:2026-double11", "percent": 20},
        {"funder": "platform", "ref": "", "percent": 10},
    ]
    voucher = make_voucher(batch=make_batch(code="autumn", funding=mix))

    (quote,) = quotes(voucher)

    assert [(share.funder, share.ref, share.percent) for share in quote.funding] == [
        (Funder.BANK, "CCB:autumn", 70),
        (Funder.GOVERNMENT, "GOV-HZ:2026-double11", 20),
        (Funder.PLATFORM, "autumn", 10),
    ]


def test_what_was_promised_cannot_be_changed():
    voucher = make_voucher(batch=make_batch(funding=BANK_PAYS))
    pay_with(voucher)
    changes = [
        (VoucherBatch.objects.filter(pk=voucher.batch_id), {"discount_minor": 1}),
        (VoucherBatch.objects.filter(pk=voucher.batch_id), {"funding": []}),
        (VoucherBatch.objects.filter(pk=voucher.batch_id), {"state": "draft"}),
        (Voucher.objects.filter(pk=voucher.pk), {"resident_id": make_person().pk}),
        (Voucher.objects.filter(pk=voucher.pk), {"worth_minor": 9999}),
    ]
    for rows, change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        VoucherBatch.objects.filter(pk=voucher.batch_id)._raw_delete("default")
