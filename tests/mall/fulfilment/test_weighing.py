"""Weighed goods: lighter, the difference goes back as it was paid; heavier, the seller bears it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mall.fulfilment.closing import close_window_now
from mall.fulfilment.collecting import collect_order, collect_part
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.errors import (
    BeyondToleranceError,
    LineUnknownError,
    NotUndoableError,
    NotWeighableError,
    WeightLockedError,
    WeightOutOfRangeError,
    WeightTooLightError,
    WeightUnreadableError,
)
from mall.fulfilment.models import Weighing
from mall.fulfilment.receiving import record_arrival
from mall.fulfilment.weighing import Weigher, Weight, record_weighing, undo_weighing
from mall.fulfilment.weighing_desk import lines_to_weigh, weigh_by_hand
from mall.fulfilment.weights import grams_of, grams_of_sum, line_grams, off_for_weight
from mall.ordering.models import LineBack
from payments.api import balance, refunds_of
from tests.factories.groups import make_person
from tests.mall.fulfilment.counter import (
    all_arrived,
    bought,
    by_weight,
    form,
    fresh,
    line,
)
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group
from tests.mall.promotions.offers import make_offer

_ADD = "/admin/fulfilment/weighing/add/"
in_the_shop = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def group(acquirer):
    """Corn for 30.00 a kilogram, by weight; eggs and salmon by the piece."""
    found = make_worked_group()
    by_weight(found)
    return found


def weigh(order, grams, *, key=None, by=None, **how) -> Weighing:
    """Put the order's corn on the scale."""
    corn = line(order)
    weight = Weight(line_id=corn.pk, grams=grams, **how)
    user = by or order.group.leader
    return record_weighing(weight, weigher=Weigher(user=user), key=key or f"{grams}-{len(how)}")


def tenders(refund):
    return [(str(each.funder), each.amount.minor) for each in refund.tenders]


@pytest.mark.parametrize(
    ("typed", "grams"), [("359", 359), ("192+167", 359), (" 192 ＋ 167 ", 359), ("1+1+1", 3)]
)
def test_a_sum_is_read_as_it_is_typed(typed, grams):
    assert grams_of_sum(typed) == grams


@pytest.mark.parametrize("typed", ["", "+", "12.5", "-3", "1+", "a", "1 2", "9" * 61, "1\0"])
def test_what_is_no_weight_is_refused(typed):
    with pytest.raises(WeightUnreadableError):
        grams_of_sum(typed)


def test_a_scales_units_come_to_whole_grams():
    assert [grams_of(*each) for each in (("0.4876", "kg"), (1.5, "jin"), (320, "g"))] == [
        488,
        750,
        320,
    ]
    for amount, unit in ((True, "g"), ("1", "lb"), ("1e3", "g"), (None, "g"), ([], {})):
        with pytest.raises(WeightUnreadableError):
            grams_of(amount, unit)
    for amount in (0, "0.0001", 201):
        with pytest.raises(WeightOutOfRangeError):
            grams_of(amount, "kg")


def test_a_line_is_known_once_each_bag_or_all_of_it_was_weighed():
    assert line_grams([], pieces=2) is None
    assert line_grams([(1, 480)], pieces=2) is None
    assert line_grams([(1, 480), (2, 510)], pieces=2) == 990
    assert line_grams([(1, 480), (0, 1000)], pieces=2) == 1000
    assert line_grams([(0, 1000), (1, 480)], pieces=2) is None
    assert line_grams([(1, 480), (2, 510), (1, 490)], pieces=2) == 1000
    assert line_grams([(1, 480), (2, 510)], pieces=1) == 480


@settings(max_examples=200, deadline=None)
@given(
    value=st.integers(0, 10**7),
    estimate=st.integers(1, 200_000),
    weights=st.lists(st.integers(1, 200_000), min_size=1, max_size=6),
)
def test_whatever_is_weighed_never_more_goes_back_than_for_the_lightest(value, estimate, weights):
    """Corrections up and down: the sum is what the lightest weight is worth, to the fen."""
    given_minor = 0
    for grams in weights:
        due = off_for_weight(value, estimate_grams=estimate, actual_grams=grams)
        given_minor += max(0, due - given_minor)

    lightest = min(*weights, estimate)
    assert given_minor == off_for_weight(value, estimate_grams=estimate, actual_grams=lightest)
    assert 0 <= given_minor <= value
    exact = value * (estimate - lightest) / estimate
    assert abs(given_minor - exact) <= 1


class TestInTheShop:
    """With the bank, the books and the leader."""

    pytestmark = in_the_shop

    def test_lighter_goes_back_in_the_ratio_of_what_was_paid(self, group, acquirer):
        make_offer()
        order = bought(group, acquirer, payable=19200, first=1, second=2, third=1)
        all_arrived(group)

        done = weigh(order, 900, key="one")
        again = weigh(order, 900, key="one")

        assert done.pk == again.pk
        (refund,) = refunds_of(order.payment_no)
        assert tenders(refund) == [("payer", 277), ("bank", 23)]
        corn = line(order)
        assert (corn.refunded_minor, corn.refunded_quantity) == (300, 0)
        assert corn.returned_cost_minor == 240
        assert LineBack.objects.get().why == LineBack.Why.WEIGHT
        collect_order(order_no=order.order_no, by=group.leader)
        assert balance("2101", reference=order.order_no) == 0
        assert -balance("2201") == 16640 - 240

    def test_corrections_give_back_only_what_is_beyond_earlier_ones(self, group, acquirer):
        order = bought(group, acquirer, payable=6000, first=2)
        all_arrived(group)

        offs = [
            weigh(order, grams, key=str(n)).off_minor
            for n, grams in enumerate((1900, 1800, 1950, 1700))
        ]

        assert offs == [300, 300, 0, 300]
        corn = line(order)
        assert (corn.refunded_minor, corn.returned_cost_minor) == (900, 720)
        undone = undo_weighing(
            weighing_id=Weighing.objects.get(key="3").pk, weigher=Weigher(user=group.leader)
        )
        assert undone.undone_at is not None
        assert weigh(order, 1750, key="4").off_minor == 0
        assert line(order).refunded_minor == 900

    def test_heavier_is_borne_and_far_off_needs_a_reason(self, group, acquirer):
        order = bought(group, acquirer, payable=3000, first=1)
        all_arrived(group)

        assert weigh(order, 1150).off_minor == 0
        for grams in (1151, 849):
            with pytest.raises(BeyondToleranceError) as doubt:
                weigh(order, grams)
            assert doubt.value.data == {
                "grams": grams,
                "estimate_grams": 1000,
                "tolerance_percent": 15,
            }
        assert weigh(order, 500, reason="cut in half by mistake").off_minor == 1500
        assert refunds_of(order.payment_no)[0].amount.minor == 1500

    def test_bags_are_weighed_one_by_one(self, group, acquirer):
        order = bought(group, acquirer, payable=6000, first=2)
        all_arrived(group)

        first = weigh(order, 950, key="a", piece=1)
        (row,) = lines_to_weigh(group.leader_id)
        assert (first.line_grams, first.off_minor, row.left) == (None, 0, (2,))

        second = weigh(order, 1000, key="b", piece=2)

        assert (second.line_grams, second.off_minor) == (1950, 150)
        with pytest.raises(LineUnknownError):
            weigh(order, 1000, key="c", piece=3)

    def test_after_collection_the_supplier_gives_his_part_back(self, group, acquirer):
        order = bought(group, acquirer, payable=3000, first=1)
        all_arrived(group)
        collect_order(order_no=order.order_no, by=group.leader)

        staff = make_person("管理员", is_staff=True)
        with pytest.raises(NotWeighableError):
            weigh(order, 900)
        weigh(order, 900, by=staff)

        (refund,) = refunds_of(order.payment_no)
        assert (refund.amount.minor, -balance("2201")) == (300, 2400 - 240)
        close_window_now(order_no=order.order_no, by=staff, reason="over")
        with pytest.raises(WeightLockedError):
            weigh(order, 880, by=staff)

    def test_a_leader_does_not_weigh_what_she_bought_herself(self, group, acquirer):
        order = bought(group, acquirer, payable=3000, first=1, resident=group.leader)
        all_arrived(group)

        with pytest.raises(NotWeighableError):
            weigh(order, 900)
        assert refunds_of(order.payment_no) == []

    def test_a_depot_weighs_before_arrival_and_missing_pieces_take_their_part(
        self, group, acquirer
    ):
        order = bought(group, acquirer, payable=6000, first=2)
        with pytest.raises(NotWeighableError):
            weigh(order, 1800, key="early")
        form(group)
        mark_dispatched(group_id=group.pk)
        assert weigh(order, 1800, key="depot").off_minor == 600
        record_arrival(group_id=group.pk, counts={line(order).item_id: 1}, by=group.leader)
        assert line(order).refunded_minor == 600 + 2700

        assert weigh(order, 850, key="left").off_minor == 150

        corn = line(order)
        assert corn.value_minor - corn.refunded_minor == 2550
        assert corn.cost_minor - corn.returned_cost_minor == 2040

    def test_only_her_people_weigh_and_nothing_is_undone_that_was_handed_over(
        self, group, acquirer
    ):
        order = bought(group, acquirer, payable=10900, first=2, second=1)
        all_arrived(group)
        stranger = make_person("赵大爷")
        with pytest.raises(LineUnknownError):
            weigh(order, 2000, by=stranger)
        done = weigh_by_hand(
            line_id=line(order).pk,
            typed="1000+1020",
            details={"tare_grams": 20},
            by=group.leader,
            key="k",
        )
        assert (done.grams, done.typed) == (2000, "1000+1020")
        with pytest.raises(LineUnknownError):
            undo_weighing(weighing_id=done.pk, weigher=Weigher(user=stranger))
        eggs = Weight(line_id=line(order, 1).pk, grams=500)
        with pytest.raises(NotWeighableError):
            record_weighing(eggs, weigher=Weigher(user=group.leader), key="eggs")

        collect_part(
            order_no=order.order_no, pieces={line(order).pk: 1}, by=group.leader, key="visit"
        )

        with pytest.raises(NotUndoableError):
            undo_weighing(weighing_id=done.pk, weigher=Weigher(user=group.leader))
        assert fresh(order).status == "arrived"


class TestFarTooLight:
    """A leader lets at most half of it go back by herself."""

    pytestmark = in_the_shop

    def test_less_than_half_is_for_the_mall_to_enter(self, group, acquirer):
        order = bought(group, acquirer, payable=6000, first=2)
        all_arrived(group)

        for how in ({"grams": 999}, {"grams": 499, "piece": 1}):
            with pytest.raises(WeightTooLightError) as refused:
                weigh(order, reason="小", **how)
            assert refused.value.data["grams"] == how["grams"]
        assert not Weighing.objects.exists()

        weigh(order, 1000, reason="小")
        weigh(order, 400, reason="小", by=make_person("客服", is_staff=True))
        assert Weighing.objects.count() == 2

    def test_the_mall_enters_it_in_the_admin_once(self, group, acquirer, admin_client):
        order = bought(group, acquirer, payable=6000, first=2)
        all_arrived(group)
        page = admin_client.get(_ADD)
        wish = page.context["adminform"].form["wish"].value()
        form = {"order_no": order.order_no.lower(), "piece": 0, "grams": 400, "wish": wish}

        for wrong in ({}, {"reason": "x", "goods": "鲸鱼"}, {"reason": "x", "piece": 9}):
            answer = admin_client.post(_ADD, form | wrong, follow=True)
            assert answer.status_code == 200
        assert not Weighing.objects.exists()
        for _twice in range(2):
            admin_client.post(_ADD, form | {"reason": "只有半个", "goods": "玉米"})

        done = Weighing.objects.get()
        assert (done.grams, done.off_minor, done.by.is_staff) == (400, 4800, True)
        assert admin_client.get(f"/admin/fulfilment/weighing/{done.pk}/change/").status_code == 200
