"""A leader sells from what the mall approved: inside it at once, beyond it after a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from mall.groupbuy.errors import OwnSaleError
from mall.groupbuy.models import (
    Assortment,
    AssortmentItem,
    GroupBuy,
    LeaderGroup,
    OwnSale,
    State,
)
from mall.groupbuy.own_sales import (
    OwnItem,
    OwnPlan,
    approve,
    change,
    create,
    hand_in,
    publish_sale,
    refuse,
)
from mall.groupbuy.own_shelves import own_sales_of, shelves_of
from mall.pickup.models import PickupPoint
from payments.api import business_date, now
from payments.models import OutboxEvent
from tests.factories.groups import make_person, make_point, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Assortment:
    shelf = Assortment.objects.create(name="生鲜常备")
    for title in ("糯玉米", "土鸡蛋"):
        product = make_product(title)
        AssortmentItem.objects.create(
            assortment=shelf,
            product=product,
            stockrecord=product.stockrecords.get(),
            cost_minor=1000,
            floor_minor=1200,
            ceiling_minor=2000,
            commission_rate="0.1000",
            most_pieces=100,
        )
    return shelf


@pytest.fixture
def plan(shelf: Assortment) -> OwnPlan:
    point = make_point()
    first, second = shelf.items.order_by("pk")
    at = now()
    return OwnPlan(
        assortment_id=shelf.pk,
        title="王姐自己的团",
        opens_at=at + timedelta(hours=1),
        closes_at=at + timedelta(hours=9),
        pickup_on=business_date(at) + timedelta(days=2),
        pickup_from=time(16),
        pickup_until=time(20),
        point_ids=[point.pk],
        items=[
            OwnItem(product_id=first.product_id, price_minor=1500, quota=50),
            OwnItem(product_id=second.product_id, price_minor=1990, quota=20, tiers=[[10, 1800]]),
        ],
        minimum_kind="people",
        minimum_value=5,
    )


@pytest.fixture
def leader(plan: OwnPlan) -> int:
    return PickupPoint.objects.get(pk=plan.point_ids[0]).leader_id


def test_she_composes_hands_in_and_publishes_without_anybody_where_she_keeps_to_it(plan, leader):
    sale = create(leader_id=leader, plan=plan, idem_key="a")
    handed_in = hand_in(own_sale_id=sale.own_sale_id, leader_id=leader)
    published = publish_sale(own_sale_id=sale.own_sale_id, leader_id=leader)
    publish_sale(own_sale_id=sale.own_sale_id, leader_id=leader)

    group_buy, group = GroupBuy.objects.get(), LeaderGroup.objects.get()
    assert (handed_in.state, published.sale_state) == ("approved", State.SCHEDULED)
    assert (group_buy.owner_kind, group_buy.owner_id) == ("leader", leader)
    assert (group.leader_id, group.minimum_kind, group.minimum_value) == (leader, "people", 5)
    prices = group_buy.items.order_by("position").values_list("price_minor", "cost_minor", "tiers")
    assert list(prices) == [(1500, 1000, []), (1990, 1000, [[10, 1800]])]
    assert published.share_codes == (group.share_code,)


def test_the_same_click_twice_is_one_sale(plan, leader):
    first = create(leader_id=leader, plan=plan, idem_key="a")
    again = create(leader_id=leader, plan=replace(plan, title="x"), idem_key="a")

    assert first == again
    assert GroupBuy.objects.count() == 1


def beyond(plan: OwnPlan, **terms) -> OwnPlan:
    first, *others = plan.items
    return replace(plan, items=[replace(first, **terms), *others])


@pytest.mark.parametrize("terms", [{"price_minor": 2500}, {"quota": 500}, {"quota": None}])
def test_what_goes_beyond_waits_for_the_mall(plan, leader, terms: dict):
    sale = create(leader_id=leader, plan=beyond(plan, **terms), idem_key="a")
    handed_in = hand_in(own_sale_id=sale.own_sale_id, leader_id=leader)
    with pytest.raises(OwnSaleError):
        publish_sale(own_sale_id=sale.own_sale_id, leader_id=leader)

    assert handed_in.state == "submitted"
    assert approve(own_sale_id=sale.own_sale_id, by=make_person()) is True
    assert approve(own_sale_id=sale.own_sale_id, by=make_person()) is False
    assert publish_sale(own_sale_id=sale.own_sale_id, leader_id=leader).sale_state == "scheduled"
    told = OutboxEvent.objects.filter(fact__startswith="own_sale.").order_by("pk")
    assert [event.fact for event in told] == ["own_sale.handed_in", "own_sale.approved"]


def test_a_refusal_says_why_and_she_may_try_again(plan, leader):
    sale = create(leader_id=leader, plan=beyond(plan, price_minor=2500), idem_key="a")
    hand_in(own_sale_id=sale.own_sale_id, leader_id=leader)
    with pytest.raises(OwnSaleError):
        change(own_sale_id=sale.own_sale_id, leader_id=leader, plan=plan)
    with pytest.raises(OwnSaleError):
        refuse(own_sale_id=sale.own_sale_id, by=make_person(), because=" ")

    assert refuse(own_sale_id=sale.own_sale_id, by=make_person(), because="太贵了") is True
    assert own_sales_of(leader)[0].refused_because == "太贵了"
    change(own_sale_id=sale.own_sale_id, leader_id=leader, plan=plan)

    again = hand_in(own_sale_id=sale.own_sale_id, leader_id=leader)
    assert (again.state, again.refused_because) == ("approved", "")
    assert GroupBuy.objects.get().items.count() == 2


@pytest.mark.parametrize(
    "terms",
    [
        {"price_minor": 1199},
        {"price_minor": 0},
        {"price_minor": 10**9},
        {"price_minor": 1500, "tiers": [[10, 1100]]},
        {"price_minor": 1500, "tiers": [[10, 1600]]},
        {"quota": 0},
        {"quota": 10**9},
        {"minimum_quantity": 51},
        {"limit_per_resident": -1},
        {"product_id": 999_999},
    ],
)
def test_below_the_floor_or_outside_the_assortment_is_refused_at_once(plan, leader, terms: dict):
    with pytest.raises(OwnSaleError) as refused:
        create(leader_id=leader, plan=beyond(plan, **terms), idem_key="a")

    assert len(refused.value.data["items"]) == 1
    assert GroupBuy.objects.count() == 0


def test_dates_titles_and_minimums_that_cannot_be_meant_are_refused(plan, leader):
    for wrong in (
        {"title": " "},
        {"title": "长" * 81},
        {"closes_at": plan.opens_at},
        {"closes_at": plan.opens_at + timedelta(days=31)},
        {"opens_at": now() - timedelta(days=3), "closes_at": now() - timedelta(days=2)},
        {"pickup_on": business_date() - timedelta(days=1)},
        {"pickup_until": time(10)},
        {"minimum_kind": "none"},
        {"minimum_kind": "luck"},
        {"minimum_value": 0},
        {"items": []},
        {"point_ids": []},
        {"assortment_id": 999_999},
    ):
        with pytest.raises(OwnSaleError):
            create(leader_id=leader, plan=replace(plan, **wrong), idem_key="a")
    assert GroupBuy.objects.count() == 0


def test_she_sells_at_her_own_points_and_nobody_else_touches_her_sale(plan, leader):
    stranger = make_point("别人的店")
    with pytest.raises(OwnSaleError):
        create(leader_id=leader, plan=replace(plan, point_ids=[stranger.pk]), idem_key="a")
    sale = create(leader_id=leader, plan=plan, idem_key="b")

    for step in (hand_in, publish_sale):
        with pytest.raises(OwnSale.DoesNotExist):
            step(own_sale_id=sale.own_sale_id, leader_id=stranger.leader_id)
    with pytest.raises(OwnSale.DoesNotExist):
        change(own_sale_id=sale.own_sale_id, leader_id=stranger.leader_id, plan=plan)
    assert own_sales_of(stranger.leader_id) == []


def test_an_assortment_for_named_leaders_is_for_them(shelf, plan, leader):
    shelf.leaders.add(make_person())

    assert shelves_of(leader) == []
    with pytest.raises(OwnSaleError):
        create(leader_id=leader, plan=plan, idem_key="a")
    shelf.leaders.add(leader)
    (found,) = shelves_of(leader)
    assert [item.floor_minor for item in found.items] == [1200, 1200]


def test_a_cost_that_rose_meanwhile_is_for_the_mall_to_see(shelf, plan, leader):
    sale = create(leader_id=leader, plan=plan, idem_key="a")
    AssortmentItem.objects.update(cost_minor=1100)

    assert hand_in(own_sale_id=sale.own_sale_id, leader_id=leader).state == "submitted"


@pytest.mark.parametrize("change", [{"floor_minor": 999}, {"ceiling_minor": 1199}])
def test_an_assortment_below_cost_is_refused_by_the_database(shelf, change: dict):
    with pytest.raises(IntegrityError), transaction.atomic():
        AssortmentItem.objects.update(**change)
