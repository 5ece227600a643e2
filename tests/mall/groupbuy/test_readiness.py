"""What may be offered: proven prices, goods that may be sold, nothing below cost by one alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from mall.catalogue.models import DealDay
from mall.catalogue.suppliers import admit, freeze
from mall.groupbuy.baskets import basket_for, set_quantity
from mall.groupbuy.below_cost import agree_below_cost, ask_below_cost
from mall.groupbuy.copying import clone
from mall.groupbuy.errors import ConsentError, ItemGoneError, NotReadyError
from mall.groupbuy.lifecycle import schedule
from mall.groupbuy.models import BelowCostConsent, GroupBuyItem, State
from mall.groupbuy.shoppers import Shopper, new_token
from mall.groupbuy.summaries import summary
from payments.api import business_date, now
from tests.factories.groups import (
    item_of,
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)

pytestmark = pytest.mark.django_db


def sold_before(product, minor: int) -> None:
    yesterday = business_date() - timedelta(days=1)
    DealDay.objects.create(
        product=product, day=yesterday, lowest_minor=minor, highest_minor=minor, pieces=3
    )


def test_a_price_nobody_paid_cannot_be_struck_through():
    product = make_product()
    draft = make_draft(items=[make_item_plan(product, price_minor=3000, strike_minor=4000)])

    with pytest.raises(NotReadyError) as refused:
        schedule(group_buy_id=draft.pk)
    assert refused.value.data["items"][0]["item_id"] == draft.items.get().pk

    sold_before(product, 4000)
    assert schedule(group_buy_id=draft.pk).state == State.SCHEDULED


def test_a_copy_leaves_an_unproven_strike_behind():
    product, other = make_product("荔枝"), make_product("糯玉米")
    sold_before(product, 4000)
    draft = make_draft(
        items=[
            make_item_plan(product, price_minor=3000, strike_minor=4000, tiers=[[20, 2000]]),
            make_item_plan(other, price_minor=3000, strike_minor=4000, case_size=6),
        ]
    )

    copy = clone(group_buy_id=draft.pk)

    kept = copy.items.order_by("position").values_list("strike_minor", "tiers", "case_size")
    assert list(kept) == [(4000, [[20, 2000]], 1), (None, [], 6)]


def test_below_cost_takes_a_reason_and_a_second_person():
    draft = make_draft(
        items=[
            make_item_plan(make_product(), price_minor=3000, cost_minor=2500, tiers=[[20, 2000]])
        ]
    )
    item, buyer, boss = draft.items.get(), make_person(), make_person()
    with pytest.raises(NotReadyError):
        schedule(group_buy_id=draft.pk)
    with pytest.raises(ConsentError):
        ask_below_cost(item_id=item.pk, by=buyer, reason="  ")

    consent = ask_below_cost(item_id=item.pk, by=buyer, reason="清库存")
    assert ask_below_cost(item_id=item.pk, by=boss, reason="又一次").pk == consent.pk
    with pytest.raises(ConsentError):
        agree_below_cost(consent_id=consent.pk, by=buyer)
    with pytest.raises(NotReadyError):
        schedule(group_buy_id=draft.pk)
    assert agree_below_cost(consent_id=consent.pk, by=boss) is True
    assert agree_below_cost(consent_id=consent.pk, by=make_person()) is False

    assert schedule(group_buy_id=draft.pk).state == State.SCHEDULED


def test_a_consent_holds_for_the_price_it_was_given_for():
    draft = make_draft(items=[make_item_plan(make_product(), price_minor=2000, cost_minor=2500)])
    consent = ask_below_cost(item_id=draft.items.get().pk, by=make_person(), reason="清库存")
    agree_below_cost(consent_id=consent.pk, by=make_person())
    GroupBuyItem.objects.update(price_minor=1900)

    with pytest.raises(NotReadyError):
        schedule(group_buy_id=draft.pk)


def test_the_database_itself_wants_two_people_and_a_reason():
    draft = make_draft(items=[make_item_plan(make_product(), price_minor=2000, cost_minor=2500)])
    asker = make_person()
    consent = ask_below_cost(item_id=draft.items.get().pk, by=asker, reason="清库存")

    for change in ({"agreed_by": asker, "agreed_at": now()}, {"reason": ""}, {"cost_minor": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BelowCostConsent.objects.filter(pk=consent.pk).update(**change)


def test_nothing_to_ask_for_where_the_price_covers_the_cost():
    draft = make_draft()
    with pytest.raises(ConsentError):
        ask_below_cost(item_id=draft.items.get().pk, by=make_person(), reason="清库存")


def test_goods_of_a_frozen_supplier_are_not_scheduled_and_leave_the_shelf():
    group = make_open_group()
    item = item_of(group)
    basket = basket_for(shopper=Shopper(token=new_token()), group_id=group.pk)
    set_quantity(group_basket=basket, item_id=item.pk, quantity=1)
    supplier = item.stockrecord.partner_id

    freeze(partner_id=supplier, because="抽检不合格", by="王姐")

    with pytest.raises(NotReadyError):
        schedule(group_buy_id=clone(group_buy_id=group.group_buy_id).pk)
    with pytest.raises(ItemGoneError):
        set_quantity(group_basket=basket, item_id=item.pk, quantity=2)
    assert summary(basket).is_orderable is False
    assert set_quantity(group_basket=basket, item_id=item.pk, quantity=0).lines == ()

    admit(partner_id=supplier, by="王姐")
    assert set_quantity(group_basket=basket, item_id=item.pk, quantity=2).is_orderable


@pytest.mark.parametrize(
    "change",
    [
        {"case_size": 0},
        {"allows_tolerance": True},
        {"quota": 5, "minimum_quantity": 6},
        {"quota": 5, "case_size": 6},
        {"final_price_minor": 3000},
        {"final_price_minor": 3001, "final_quantity": 1},
        {"limit_per_day": 0},
        {"limit_per_order": 0},
    ],
)
def test_terms_that_cannot_be_are_refused_by_the_database(change: dict):
    item = make_draft().items.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupBuyItem.objects.filter(pk=item.pk).update(**change)
