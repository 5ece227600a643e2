"""A group's page: everything it shows, in the same few queries however much it sells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from mall.catalogue.models import DealDay
from mall.groupbuy.copying import clone
from mall.groupbuy.creating import add_points
from mall.groupbuy.lifecycle import cut_off_now, schedule
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, State
from mall.groupbuy.selectors import (
    group_by_code,
    group_page,
    groups_of_leader,
    open_groups_of_point,
)
from payments.api import business_date
from tests.factories.groups import (
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db


def group_with(items: int) -> LeaderGroup:
    return make_open_group(items=[make_item_plan(make_product(f"菜{n}")) for n in range(items)])


def test_the_page_takes_seven_queries_with_10_items_and_with_200(django_assert_num_queries):
    for size in (10, 200):
        group = group_with(size)
        with django_assert_num_queries(7):
            page = group_page(group.share_code)
        assert len(page.items) == size


def test_the_page_says_what_a_resident_needs():
    products = [make_product("荔枝", category="水果", stock=50), make_product("糯玉米", stock=7)]
    plans = [make_item_plan(products[0], price_minor=4900, quota=20, strike_minor=5900)]
    yesterday = business_date() - timedelta(days=1)
    paid = {"lowest_minor": 5900, "highest_minor": 5900, "pieces": 1}
    DealDay.objects.create(product=products[0], day=yesterday, **paid)
    group = make_open_group(items=[*plans, make_item_plan(products[1])])
    GroupBuyItem.objects.filter(product=products[0]).update(held=3, sold=5)

    page = group_page(group.share_code)

    lychee, corn = page.items
    assert (lychee.title, lychee.price_minor, lychee.strike_minor) == ("荔枝", 4900, 5900)
    assert (lychee.left, lychee.sold, corn.left) == (12, 5, 7)
    assert lychee.per_jin_minor == 2450
    assert [tab.name for tab in page.categories] == ["水果", "蔬菜"]
    assert page.group.point.name == "王姐水果店"
    assert page.group.leader_name == "王秀兰"
    assert page.group.state == State.OPEN


def test_english_readers_get_english_titles_where_there_are_some():
    product = make_product("荔枝")
    product.extra.title_en = "Lychees"
    product.extra.save()
    group = make_open_group(items=[make_item_plan(product), make_item_plan(make_product("玉米"))])

    with translation.override("en"):
        assert [item.title for item in group_page(group.share_code).items] == ["Lychees", "玉米"]
    with translation.override("zh-hans"):
        assert group_page(group.share_code).items[0].title == "荔枝"


def test_a_draft_is_nobodys_business_and_a_scheduled_one_can_be_looked_at():
    group_buy = make_draft()
    code = group_buy.groups.get().share_code
    with pytest.raises(LeaderGroup.DoesNotExist):
        group_by_code(code)

    schedule(group_buy_id=group_buy.pk)
    assert group_page(code).group.state == State.SCHEDULED


def test_a_point_shows_its_open_groups_first_and_no_closed_ones():
    point = make_point()
    scheduled = make_draft(points=[point])
    schedule(group_buy_id=scheduled.pk)
    closed = make_open_group(point=point)
    cut_off_now(group_buy_id=closed.group_buy_id)
    running = make_open_group(point=point)
    make_open_group()

    cards = open_groups_of_point(point.pk)

    assert [card.group_buy_id for card in cards] == [running.group_buy_id, scheduled.pk]


def test_a_leader_sees_only_her_own_groups():
    leader = make_person("王秀兰")
    own = make_open_group(point=make_point(leader=leader))
    make_open_group()

    assert [card.group_id for card in groups_of_leader(leader.pk)] == [own.pk]


def test_a_copy_brings_items_and_points_but_nothing_that_happened():
    group = group_with(3)
    GroupBuyItem.objects.update(held=1, sold=2)

    copy = clone(group_buy_id=group.group_buy_id, shift=timedelta(days=7))

    original = GroupBuy.objects.get(pk=group.group_buy_id)
    assert copy.state == State.DRAFT
    assert copy.code != original.code
    assert copy.closes_at - original.closes_at == timedelta(days=7)
    assert [(i.held, i.sold, i.position) for i in copy.items.all()] == [
        (0, 0, n) for n in (1, 2, 3)
    ]
    assert copy.groups.get().share_code != group.share_code


def test_copying_three_thousand_items_takes_as_many_queries_as_three(django_assert_max_num_queries):
    group = group_with(1)
    item = GroupBuyItem.objects.get()
    products = [make_product(f"菜{n}") for n in range(200)]
    GroupBuyItem.objects.bulk_create(
        GroupBuyItem(
            group_buy_id=group.group_buy_id,
            product=product,
            stockrecord=item.stockrecord,
            price_minor=100,
            cost_minor=50,
        )
        for product in products
    )

    with django_assert_max_num_queries(14):
        copy = clone(group_buy_id=group.group_buy_id)
    assert copy.items.count() == 201


def test_a_point_joins_a_running_sale_once():
    group = make_open_group()
    newcomer = make_point("南门店")

    added = add_points(group_buy_id=group.group_buy_id, points=[newcomer, group.pickup_point])

    assert [each.pickup_point for each in added] == [newcomer]
    assert added[0].state == State.OPEN
    assert add_points(group_buy_id=group.group_buy_id, points=[newcomer]) == []
