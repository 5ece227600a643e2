"""A sale is cut off before neighbours begin to collect it, whoever writes the dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from mall.groupbuy.errors import NotReadyError, OwnSaleError
from mall.groupbuy.lifecycle import schedule
from mall.groupbuy.models import GroupBuy
from mall.groupbuy.own_plans import OwnItem, OwnPlan, require_sane
from mall.groupbuy.pickup_times import pickup_begins, why_too_late
from mall.groupbuy.prolonging import extend, prolong_by_leader
from mall.groupbuy.redating import move_pickup_day
from payments.api import SHANGHAI, business_date, now
from tests.factories.groups import make_draft, make_open_group

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("hour", "fits"),
    [(time(0), True), (time(15, 59), True), (time(16), False), (time(23, 59), False)],
)
def test_the_minute_collection_begins_is_too_late(hour, fits):
    closes_at = datetime.combine(DAY, hour, tzinfo=SHANGHAI)

    assert (why_too_late(closes_at, pickup_on=DAY, pickup_from=time(16)) == "") is fits


def test_a_later_day_is_another_sentence():
    begins = pickup_begins(DAY, time(16))
    same = why_too_late(begins, pickup_on=DAY, pickup_from=time(16))
    later = why_too_late(begins + timedelta(days=1), pickup_on=DAY, pickup_from=time(16))

    assert (bool(same), bool(later), same != later) == (True, True, True)


@pytest.mark.django_db
def test_nobody_schedules_prolongs_or_moves_a_sale_past_its_pickup():
    draft = make_draft()
    begins = pickup_begins(draft.pickup_on, draft.pickup_from)
    GroupBuy.objects.filter(pk=draft.pk).update(closes_at=begins)
    with pytest.raises(NotReadyError):
        schedule(group_buy_id=draft.pk)

    group = make_open_group()
    sale = group.group_buy
    begins = pickup_begins(sale.pickup_on, sale.pickup_from)
    with pytest.raises(NotReadyError):
        extend(group_buy_id=sale.pk, closes_at=begins)
    GroupBuy.objects.filter(pk=sale.pk).update(closes_at=begins - timedelta(hours=3))
    with pytest.raises(NotReadyError):
        prolong_by_leader(
            group_id=group.pk, leader_id=group.leader_id, closes_at=begins + timedelta(minutes=1)
        )
    GroupBuy.objects.filter(pk=sale.pk).update(
        closes_at=begins + timedelta(minutes=1), pickup_on=sale.pickup_on + timedelta(days=1)
    )
    with pytest.raises(NotReadyError):
        move_pickup_day(group_buy_id=sale.pk, day=sale.pickup_on)
    extend(group_buy_id=sale.pk, closes_at=begins + timedelta(minutes=2))


def test_a_leaders_own_plan_neither():
    at = now()
    plan = OwnPlan(
        assortment_id=1,
        title="王姐自己的团",
        opens_at=at,
        closes_at=at + timedelta(days=2),
        pickup_on=business_date(at) + timedelta(days=3),
        pickup_from=time(16),
        pickup_until=time(20),
        point_ids=[1],
        items=[OwnItem(product_id=1, price_minor=1500)],
    )
    require_sane(plan)
    begins = pickup_begins(plan.pickup_on, plan.pickup_from)

    require_sane(replace(plan, closes_at=begins - timedelta(minutes=1)))
    with pytest.raises(OwnSaleError):
        require_sane(replace(plan, closes_at=begins))
