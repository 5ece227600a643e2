"""However many complain, decide or refund at once: one case, one decision, the money once."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from mall.aftersales import allowances
from mall.aftersales.asking import withdraw
from mall.aftersales.deciding import accept_offer, approve, confirm, offer, reject
from mall.aftersales.errors import (
    AskedTooMuchError,
    CaseOpenError,
    NotYourTurnError,
    OverLimitError,
)
from mall.aftersales.models import AfterSalesCase, DecisionAllowance
from mall.aftersales.recall_job import carry_on
from mall.aftersales.recalling import propose_recall, start_recall
from mall.aftersales.worth import Claimed, worth_of
from mall.ordering.models import LineBack
from mall.ordering.paying import locked_order
from mall.ordering.returning import give_back, return_all
from payments.api import business_date, transact
from payments.models import Refund
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.aftersales.complaining import (
    again,
    arrived_order,
    collected_order,
    complain,
    fresh,
    lines_of,
    make_staff,
    photo,
)
from tests.mall.aftersales.test_recalls import batch_of
from tests.mall.ordering.discounted import back

pytestmark = pytest.mark.django_db(transaction=True)
with_books = pytest.mark.usefixtures("books_agree")


def kinds(ends: list[object]) -> list[str]:
    return sorted(type(end).__name__ for end in ends)


def test_six_who_complain_about_a_line_at_once_open_one_case():
    order = collected_order()
    photos = [photo() for _ in range(6)]

    ends = all_at_once([lambda p=p: complain(order, photos=[p]) for p in photos])

    assert kinds(ends) == ["AfterSalesCase"] + ["CaseOpenError"] * 5
    assert AfterSalesCase.objects.count() == 1
    assert CaseOpenError.code == "case_open"


def test_one_form_sent_six_times_at_once_is_one_case():
    order = collected_order()

    ends = all_at_once([lambda: complain(order, why="missing", photos=[], key="k")] * 6)

    assert len({end.pk for end in ends}) == 1
    assert AfterSalesCase.objects.get().steps.count() == 1


@with_books
def test_leader_and_mall_deciding_at_once_decide_once():
    order = collected_order()
    case, staff = complain(order), make_staff("客服")
    how = {"case_no": case.case_no}

    ends = all_at_once(
        [lambda: approve(by=case.leader, role="leader", **how)] * 3
        + [lambda: approve(by=staff, role="mall", claimed=Claimed(payer_minor=100), **how)] * 3
        + [lambda: reject(by=staff, role="mall", text="不是", **how)] * 2
        + [lambda: withdraw(by=case.resident, **how)] * 2
    )

    case = again(case)
    refused = sum(isinstance(end, NotYourTurnError) for end in ends)
    assert refused + sum(isinstance(end, AfterSalesCase) for end in ends) == 10
    assert 7 <= refused <= 9
    assert Refund.objects.count() == (case.status == "refunding")
    assert sum(back(order).values()) == case.value_minor
    assert not fresh(order).window_held


def careless(case: AfterSalesCase, gate: threading.Barrier, key: str) -> None:
    """As a careless shop would decide: look, think, pay, without the order's lock or the edge."""
    if again(case).status != "requested":
        return
    gate.wait(timeout=30)
    worth = worth_of(fresh(case.order), case.line, Claimed(quantity=1), bearer="supplier")
    with transaction.atomic():
        order = locked_order(case.order.order_no)
        given = give_back(order, [worth.gone], key=key, why=LineBack.Why.STAFF)
        AfterSalesCase.objects.filter(pk=case.pk).update(status="refunding", refund_no=key)
    assert given.payer


def test_without_the_guards_two_deciders_pay_twice():
    """The negative control: the race above is one that a careless shop loses."""
    case = complain(arrived_order(), quantity=1)
    gate = threading.Barrier(2)

    all_at_once([lambda key=key: careless(case, gate, key) for key in ("a", "b")])

    assert Refund.objects.count() == 2


def test_an_offer_is_taken_once_however_often_it_is_pressed():
    case = complain(collected_order(), quantity=2)
    less = Claimed(payer_minor=1500)
    offer(case_no=case.case_no, by=case.leader, role="leader", claimed=less, text="少一点")

    all_at_once([lambda: accept_offer(case_no=case.case_no, by=case.resident)] * 6)

    assert (Refund.objects.count(), again(case).given_minor) == (1, 1500)
    assert DecisionAllowance.objects.get().used_minor == 1500


def test_two_second_persons_at_once_pay_once(settings):
    settings.LINLI_CASE_TWO_PEOPLE_MINOR = 100
    case = complain(collected_order(), quantity=1)
    approve(case_no=case.case_no, by=make_staff("客服甲"), role="mall")
    seconds = [make_staff("乙"), make_staff("丙")]

    ends = all_at_once([lambda p=p: confirm(case_no=case.case_no, by=p) for p in seconds * 3])

    assert Refund.objects.count() == 1
    assert sum(isinstance(end, NotYourTurnError) for end in ends) == 3


@with_books
def test_a_case_against_a_whole_refund_gives_back_all_once():
    order = arrived_order(everything=True)
    case, staff = complain(order, quantity=1), make_staff("客服")

    @transact()
    def cancel() -> None:
        return_all(locked_order(order.order_no), why=LineBack.Why.OVERDUE)

    ends = all_at_once(
        [cancel, lambda: approve(case_no=case.case_no, by=staff, role="mall"), cancel]
    )

    refused = [end for end in ends if isinstance(end, Exception)]
    assert kinds(refused) in ([], [AskedTooMuchError.__name__])
    assert sum(back(order).values()) == 20800
    withdraw_if_open(case)


def withdraw_if_open(case: AfterSalesCase) -> None:
    if again(case).is_open:
        withdraw(case_no=case.case_no, by=case.resident)


def test_a_leaders_day_is_not_overdrawn(settings):
    settings.LINLI_CASE_LEADER_DAY_MINOR = 4000
    leader = make_person("王秀兰")
    take = transact()(lambda: allowances.take(leader, allowances.What.CASES, 1000))

    ends = all_at_once([take] * 12)

    assert sum(isinstance(end, OverLimitError) for end in ends) == 8
    day = DecisionAllowance.objects.get()
    assert day.used_minor == 4000


def test_the_database_itself_keeps_the_days_limit():
    """The negative control: counting without the guard runs into the CHECK."""
    leader = make_person("王秀兰")
    day = DecisionAllowance.objects.create(
        what="cases", person=leader, day=business_date(), limit_minor=4000
    )

    def count() -> None:
        with transaction.atomic():
            DecisionAllowance.objects.filter(pk=day.pk).update(used_minor=F("used_minor") + 1000)

    ends = all_at_once([count] * 6)

    assert sum(isinstance(end, IntegrityError) for end in ends) == 2


@with_books
def test_four_copies_of_the_job_call_back_once():
    order = arrived_order()
    recall = propose_recall(batch_id=batch_of(order).pk, by=make_person("甲"), reason="农残超标")
    start_recall(recall, by=make_person("乙"))

    ends = all_at_once([carry_on] * 4)

    assert not [end for end in ends if isinstance(end, Exception)]
    carry_on()
    assert recall.lines.get().state == "refunded"
    assert (Refund.objects.count(), sum(back(order).values())) == (1, 9800)
    assert lines_of(order)[1].refunded_quantity == 2
