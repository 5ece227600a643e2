"""At a merchant's counter: the right code, once, within the rule, undone in time, in the books."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from mall.vouchers import codes
from mall.vouchers.codes import code_for, forget_old_codes
from mall.vouchers.errors import (
    CodeUnknownError,
    NotRedeemableError,
    NotUndoableError,
    NotYourCounterError,
    ScreenLockedError,
    VoucherGoneError,
)
from mall.vouchers.models import Redemption, RedemptionCode, Voucher, VoucherBatch
from mall.vouchers.redeeming import open_code, redeem, redemption_facts, undo
from mall.vouchers.selectors import figures_of
from mall.vouchers.statements import days_of, movements_of, owed_minor
from payments.api import balance, business_date, now
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import make_batch, make_merchant, make_voucher, state_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vouchers_agree")]
State = Voucher.State
MIX = [
    {"funder": "government", "ref": "GOV-AX:huimin", "percent": 70},
    {"funder": "platform", "ref": "", "percent": 30},
]


def for_merchants(**changes) -> VoucherBatch:
    fields = {"place": "both", "threshold_minor": 5000, "discount_minor": 1001, "funding": MIX}
    return make_batch(**{**fields, **changes})


def show(voucher: Voucher) -> str:
    return code_for(voucher_no=voucher.voucher_no, resident_id=voucher.resident_id).code


@pytest.fixture
def cashier():
    return make_person("何师傅")


@pytest.fixture
def merchant(cashier):
    return make_merchant(cashier)


def take(voucher, merchant, cashier, *, bill=12850) -> Redemption:
    open_code(merchant=merchant, by=cashier, code=show(voucher))
    return redeem(merchant=merchant, by=cashier, voucher_no=voucher.voucher_no, bill_minor=bill)


def test_a_voucher_is_taken_and_the_books_say_who_owes_it(merchant, cashier):
    voucher = make_voucher(batch=for_merchants(code="town"))

    done = take(voucher, merchant, cashier)
    again = redeem(merchant=merchant, by=cashier, voucher_no=voucher.voucher_no, bill_minor=12850)

    assert done == again
    assert (state_of(voucher), done.discount_minor) == (State.USED, 1001)
    assert balance("2201", party=merchant.payout_label) == -1001
    assert balance("1131", party="GOV-AX", reference="huimin") == 701
    assert balance("6005", reference="town") == 300
    assert figures_of(voucher.batch).spent_minor == 1001
    facts = redemption_facts([done.redemption_no, "N0"])
    assert facts[done.redemption_no].merchant == merchant.name


def test_undone_in_time_it_is_in_the_wallet_again(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())
    done = take(voucher, merchant, cashier)

    undo(redemption_no=done.redemption_no, by=cashier)
    undo(redemption_no=done.redemption_no, by=cashier)

    assert state_of(voucher) == State.RETURNED
    assert balance("2201", party=merchant.payout_label) == 0
    assert balance("1131", party="GOV-AX", reference="huimin") == 0
    second = take(voucher, merchant, cashier)
    assert second != done
    assert owed_minor(merchant) == 1001
    (today,) = days_of(merchant, since=business_date(), until=business_date())
    assert (today.taken, today.undone, today.net_minor) == (2, 1, 1001)
    lines = movements_of(merchant, since=business_date(), until=business_date())
    assert [line.minor for line in lines] == [1001, -1001, 1001]


def test_codes_of_before_an_undo_are_gone(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())
    open_code(merchant=merchant, by=cashier, code=show(voucher))
    waiting = show(voucher)
    done = redeem(merchant=merchant, by=cashier, voucher_no=voucher.voucher_no, bill_minor=12850)

    undo(redemption_no=done.redemption_no, by=cashier)

    with pytest.raises(CodeUnknownError):
        open_code(merchant=merchant, by=cashier, code=waiting)
    assert open_code(merchant=merchant, by=cashier, code=show(voucher)) == voucher


def test_after_ten_minutes_it_stays_taken(merchant, cashier):
    done = take(make_voucher(batch=for_merchants()), merchant, cashier)

    late = done.at + timedelta(minutes=10, seconds=1)
    with time_machine.travel(late, tick=False), pytest.raises(NotUndoableError):
        undo(redemption_no=done.redemption_no, by=cashier)
    with pytest.raises(NotYourCounterError):
        undo(redemption_no=done.redemption_no, by=make_person())


def test_a_code_renews_itself_and_dies(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())
    first = show(voucher)
    assert show(voucher) == first

    with time_machine.travel(now() + codes.RENEW_AFTER, tick=False):
        second = show(voucher)
    assert second != first
    with (
        time_machine.travel(now() + codes.GOOD_FOR, tick=False),
        pytest.raises(CodeUnknownError),
    ):
        open_code(merchant=merchant, by=cashier, code=first)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        assert forget_old_codes(100) == {"forgotten": 2}


def test_a_code_opens_at_one_counter_only(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())
    code = show(voucher)
    open_code(merchant=merchant, by=cashier, code=f"{code[:4]} {code[4:]}")
    other = make_merchant(cashier)

    with pytest.raises(CodeUnknownError):
        open_code(merchant=other, by=cashier, code=code)
    with pytest.raises(CodeUnknownError):
        redeem(merchant=other, by=cashier, voucher_no=voucher.voucher_no, bill_minor=9000)
    assert open_code(merchant=merchant, by=cashier, code=code) == voucher


def test_a_qr_opens_the_same(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())
    token = code_for(voucher_no=voucher.voucher_no, resident_id=voucher.resident_id).token

    assert open_code(merchant=merchant, by=cashier, token=token) == voucher


def test_five_wrong_codes_lock_the_screen_for_a_minute(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())
    left = []
    for _ in range(5):
        with pytest.raises(CodeUnknownError) as wrong:
            open_code(merchant=merchant, by=cashier, code="12")
        left.append(wrong.value.data["tries_left"])

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(ScreenLockedError):
        open_code(merchant=merchant, by=cashier, code=show(voucher))
    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        assert open_code(merchant=merchant, by=cashier, code=show(voucher)) == voucher


def test_the_bill_must_reach_the_threshold(merchant, cashier):
    voucher = make_voucher(batch=for_merchants())

    with pytest.raises(NotRedeemableError) as short:
        take(voucher, merchant, cashier, bill=4999)

    assert short.value.data["missing_minor"] == 1
    assert state_of(voucher) == State.HELD
    assert take(voucher, merchant, cashier, bill=5000).discount_minor == 1001
    packet = make_voucher(batch=for_merchants(threshold_minor=0))
    assert take(packet, merchant, cashier, bill=600).discount_minor == 600


def test_only_here_only_in_time_only_by_its_people(merchant, cashier):
    elsewhere = for_merchants()
    elsewhere.merchants.add(make_merchant(cashier))
    strange = make_voucher(batch=elsewhere)
    online = make_voucher()

    with pytest.raises(NotRedeemableError):
        open_code(merchant=merchant, by=cashier, code=show(strange))
    with pytest.raises(NotRedeemableError):
        show(online)
    with pytest.raises(NotYourCounterError):
        open_code(merchant=merchant, by=make_person(), code="12345678")
    with pytest.raises(VoucherGoneError):
        code_for(voucher_no=strange.voucher_no, resident_id=make_person().pk)
    assert Redemption.objects.count() == 0


def test_what_was_taken_stays_as_it_was(merchant, cashier):
    done = take(make_voucher(batch=for_merchants()), merchant, cashier)

    for change in ({"discount_minor": 1}, {"merchant_id": make_merchant().pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Redemption.objects.filter(pk=done.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Redemption.objects.filter(pk=done.pk)._raw_delete("default")
    assert RedemptionCode.objects.get().opened_by == merchant
