"""A basket belongs to one group, keeps to stock and limit, and comes along when she signs in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oscar.apps.basket.models import Basket

from mall.groupbuy.adoption import adopt_baskets
from mall.groupbuy.baskets import (
    basket_for,
    find_basket,
    priced_basket,
    remove_line,
    set_quantity,
    submit_basket,
)
from mall.groupbuy.errors import (
    BasketGoneError,
    CutOffError,
    ItemGoneError,
    LimitReachedError,
    NotOpenYetError,
    QuantityError,
    SoldOutError,
)
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import GroupBasket, GroupBuyItem, LeaderGroup
from mall.groupbuy.shoppers import Shopper, cookie_value, new_token, token_of
from mall.groupbuy.summaries import ProblemCode, summary
from mall.pickup.errors import LeaderOnHolidayError, PointClosedError
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)

pytestmark = pytest.mark.django_db
MS = timedelta(milliseconds=1)


@pytest.fixture
def group() -> LeaderGroup:
    return make_open_group(
        items=[
            make_item_plan(make_product("糯玉米"), price_minor=3000),
            make_item_plan(make_product("土鸡蛋"), price_minor=4900, limit_per_resident=3),
            make_item_plan(make_product("荔枝"), price_minor=8000, quota=2),
        ]
    )


@pytest.fixture
def shopper() -> Shopper:
    return Shopper(token=new_token())


@pytest.fixture
def basket(group, shopper) -> GroupBasket:
    return basket_for(shopper=shopper, group_id=group.pk)


def put(basket: GroupBasket, position: int, quantity: int, **kwargs: object):
    item = item_of(basket.group, position)
    return set_quantity(group_basket=basket, item_id=item.pk, quantity=quantity, **kwargs)


def test_the_demo_basket_comes_to_208(basket):
    put(basket, 1, 1)
    put(basket, 2, 2)
    now_in_it = put(basket, 3, 1)

    assert now_in_it.goods_minor == 20800
    assert [line.value_minor for line in now_in_it.lines] == [3000, 9800, 8000]
    assert now_in_it.quantity == 4
    assert now_in_it.is_orderable


def test_zero_takes_a_line_out(basket):
    put(basket, 1, 2)
    assert put(basket, 1, 0).lines == ()
    assert put(basket, 1, 0).goods_minor == 0


@pytest.mark.parametrize("quantity", [-1, 100])
def test_only_0_to_99_is_a_quantity(basket, quantity):
    with pytest.raises(QuantityError):
        put(basket, 1, quantity)


def test_more_than_is_left_is_refused_with_the_figure(basket):
    with pytest.raises(SoldOutError) as refused:
        put(basket, 3, 3)

    assert refused.value.data["left"] == 2
    assert summary(basket).lines == ()


def test_more_than_the_limit_is_refused_and_earlier_orders_count(basket):
    with pytest.raises(LimitReachedError) as refused:
        put(basket, 2, 4)
    assert refused.value.data["limit"] == 3

    item = item_of(basket.group, 2)
    put(basket, 2, 1, bought={item.pk: 2})
    with pytest.raises(LimitReachedError):
        put(basket, 2, 2, bought={item.pk: 2})


def test_fewer_is_allowed_even_when_hardly_any_are_left(basket):
    put(basket, 1, 5)
    GroupBuyItem.objects.filter(pk=item_of(basket.group).pk).update(quota=2)

    after = put(basket, 1, 4)

    assert after.lines[0].quantity == 4
    assert [p.code for p in after.lines[0].problems] == [ProblemCode.TOO_FEW_LEFT]
    assert not after.is_orderable


def test_the_last_millisecond_before_the_cut_off_counts_and_the_cut_off_does_not(basket):
    closes_at = basket.group.group_buy.closes_at

    with time_machine.travel(closes_at - MS, tick=False):
        put(basket, 1, 1)
    with time_machine.travel(closes_at, tick=False), pytest.raises(CutOffError):
        put(basket, 1, 2)
    with time_machine.travel(closes_at + MS, tick=False):
        assert put(basket, 1, 0).lines == ()


def test_the_opening_instant_counts_and_the_millisecond_before_does_not(basket):
    opens_at = basket.group.group_buy.opens_at

    with time_machine.travel(opens_at - MS, tick=False), pytest.raises(NotOpenYetError):
        put(basket, 1, 1)
    with time_machine.travel(opens_at, tick=False):
        put(basket, 1, 1)


def test_a_group_that_was_cut_off_early_takes_nothing_more(basket):
    cut_off_now(group_buy_id=basket.group.group_buy_id)
    with pytest.raises(CutOffError):
        put(basket, 1, 1)


def test_a_closed_point_and_a_leader_on_holiday_take_nothing_new(basket):
    point = basket.group.pickup_point
    point.is_open = False
    point.save()
    with pytest.raises(PointClosedError):
        put(basket, 1, 1)

    point.is_open = True
    point.save()
    point.breaks.create(first_day=date(2020, 1, 1), last_day=date(2100, 1, 1))
    with pytest.raises(LeaderOnHolidayError) as refused:
        put(basket, 1, 1)
    assert refused.value.data["until"] == date(2100, 1, 1)


def test_an_item_of_another_sale_is_not_offered_here(basket):
    stranger = item_of(make_open_group())
    with pytest.raises(ItemGoneError):
        set_quantity(group_basket=basket, item_id=stranger.pk, quantity=1)


def test_another_group_has_another_basket_and_empties_none(basket, shopper):
    put(basket, 1, 2)
    other = basket_for(shopper=shopper, group_id=make_open_group().pk)

    put(other, 1, 1)

    assert summary(basket).quantity == 2
    assert summary(other).quantity == 1


def test_a_changed_price_is_shown_and_counts(basket):
    put(basket, 1, 2)
    GroupBuyItem.objects.filter(pk=item_of(basket.group).pk).update(price_minor=2500)

    line = summary(basket).lines[0]

    assert line.value_minor == 5000
    assert [problem.code for problem in line.problems] == [ProblemCode.PRICE_CHANGED]
    assert "30.00" in line.problems[0].message
    assert "25.00" in line.problems[0].message
    assert summary(basket).is_orderable


def test_a_withdrawn_item_can_be_taken_out(basket):
    line = put(basket, 1, 2).lines[0]
    GroupBuyItem.objects.filter(pk=line.item_id).delete()

    gone = summary(basket)
    assert [problem.code for problem in gone.lines[0].problems] == [ProblemCode.GONE]
    assert (gone.goods_minor, gone.is_orderable) == (0, False)

    remove_line(group_basket=basket, line_id=line.line_id)
    assert summary(basket).lines == ()


def test_an_ordered_basket_takes_nothing_and_the_next_visit_starts_a_new_one(basket, shopper):
    put(basket, 1, 1)
    submit_basket(group_basket=basket)

    with pytest.raises(BasketGoneError):
        put(basket, 1, 2)
    with pytest.raises(BasketGoneError):
        submit_basket(group_basket=basket)
    assert Basket.objects.get(pk=basket.basket_id).status == Basket.SUBMITTED
    assert basket_for(shopper=shopper, group_id=basket.group_id).pk != basket.pk


def test_oscar_sees_the_price_of_the_group(basket):
    put(basket, 1, 2)
    seen = priced_basket(basket)

    assert str(seen.total_incl_tax) == "60.00"
    assert seen.all_lines()[0].purchase_info.availability.num_available == 100


def test_an_unknown_visitor_has_no_basket_until_she_has_a_token(group):
    assert find_basket(shopper=Shopper(), group_id=group.pk) is None
    with pytest.raises(ValueError, match="token"):
        basket_for(shopper=Shopper(), group_id=group.pk)


def test_a_forged_cookie_is_nobody():
    token = new_token()
    assert token_of(cookie_value(token)) == token
    assert token_of(token + ":forged") == ""


def test_the_basket_survives_signing_in(basket, shopper):
    put(basket, 1, 2)
    resident = make_person()

    assert adopt_baskets(token=shopper.token, user=resident) == []

    own = find_basket(shopper=Shopper(user=resident), group_id=basket.group_id)
    assert own.pk == basket.pk
    assert Basket.objects.get(pk=basket.basket_id).owner == resident
    assert find_basket(shopper=shopper, group_id=basket.group_id) is None
    assert adopt_baskets(token=shopper.token, user=resident) == []


def test_two_baskets_of_one_group_become_one_within_the_limit(basket, shopper):
    resident = make_person()
    own = basket_for(shopper=Shopper(user=resident), group_id=basket.group_id)
    put(own, 1, 1)
    put(own, 2, 2)
    put(basket, 1, 2)
    put(basket, 2, 2)
    put(basket, 3, 1)

    notes = adopt_baskets(token=shopper.token, user=resident)

    lines = {line.title: line.quantity for line in summary(own).lines}
    assert lines == {"糯玉米": 3, "土鸡蛋": 3, "荔枝": 1}
    assert [note.group_id for note in notes] == [basket.group_id]
    assert "土鸡蛋" in notes[0].message
    assert Basket.objects.get(pk=basket.basket_id).status == Basket.MERGED
    assert adopt_baskets(token=shopper.token, user=resident) == []
    assert {line.title: line.quantity for line in summary(own).lines} == lines


def test_a_summary_takes_five_queries_however_long_it_is(django_assert_num_queries, shopper):
    few = _full_basket(shopper, lines=2)
    many = _full_basket(shopper, lines=40)

    for basket in (few, many):
        with django_assert_num_queries(5):
            summary(basket)


def _full_basket(shopper: Shopper, *, lines: int) -> GroupBasket:
    items = [make_item_plan(make_product(f"菜{n}")) for n in range(lines)]
    basket = basket_for(shopper=shopper, group_id=make_open_group(items=items).pk)
    for position in range(1, lines + 1):
        put(basket, position, 1)
    return basket


def test_setting_a_quantity_takes_a_constant_number_of_queries(shopper):
    counts = []
    for lines in (2, 20):
        basket = _full_basket(shopper, lines=lines)
        item = item_of(basket.group)
        with CaptureQueriesContext(connection) as queries:
            set_quantity(group_basket=basket, item_id=item.pk, quantity=2)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 19
