"""Staff plan a group buy in yuan, take its steps by actions, and are told why one is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from mall.groupbuy.lifecycle import schedule
from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup, State
from payments.api import business_date, now
from tests.factories.groups import (
    make_draft,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db
LIST = "admin:groupbuy_groupbuy_changelist"


@pytest.fixture
def staff(client):
    client.force_login(make_person(username="admin", is_staff=True, is_superuser=True))
    return client


def act(staff, action: str, group_buy: GroupBuy):
    data = {"action": action, "_selected_action": [group_buy.pk]}
    return staff.post(reverse(LIST), data, follow=True)


def form_data(**changes: object) -> dict[str, object]:
    opens, closes = localtime(now()), localtime(now() + timedelta(hours=8))
    day = business_date() + timedelta(days=2)
    data = {
        "title": "周四鲜果团",
        "owner_kind": "platform",
        "grace_minutes": 15,
        "sharing": "fair",
        "opens_at_0": f"{opens:%Y-%m-%d}",
        "opens_at_1": f"{opens:%H:%M:%S}",
        "closes_at_0": f"{closes:%Y-%m-%d}",
        "closes_at_1": f"{closes:%H:%M:%S}",
        "pickup_on": f"{day:%Y-%m-%d}",
        "pickup_from": "16:00",
        "pickup_until": "20:00",
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "groups-TOTAL_FORMS": 1,
        "groups-INITIAL_FORMS": 0,
        "items-0-position": 1,
        "items-0-price_minor": "19.90",
        "items-0-strike_minor": "",
        "items-0-tiers": "20:18.80, 50:17.90",
        "items-0-cost_minor": "12.5",
    }
    return {**data, **changes}


def test_prices_are_typed_in_yuan_and_the_leader_is_the_points(staff):
    product, point = make_product(), make_point()
    data = form_data(**{"items-0-product": product.pk, "groups-0-pickup_point": point.pk})

    answer = staff.post(reverse("admin:groupbuy_groupbuy_add"), data)

    assert answer.status_code == 302, answer.context["errors"]
    item, group = GroupBuyItem.objects.get(), LeaderGroup.objects.get()
    assert (item.price_minor, item.strike_minor, item.cost_minor) == (1990, None, 1250)
    assert item.stockrecord.product == product
    assert item.tiers == [[20, 1880], [50, 1790]]
    assert (item.case_size, item.minimum_quantity) == (1, 0)
    assert (group.minimum_kind, group.minimum_value) == ("none", 0)
    assert (group.leader, group.state) == (point.leader, State.DRAFT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"items-0-price_minor": "19.905"},
        {"items-0-tiers": "20"},
        {"items-0-tiers": "20:19.90"},
        {"items-0-tiers": "20:18, 10:17, 30:17.50"},
        {"items-0-allows_tolerance": "on"},
        {"items-0-quota": "5", "items-0-case_size": "6"},
        {"groups-0-minimum_kind": "people"},
        {"max_orders": "0"},
        {"items-0-strike_minor": "10.00"},
        {"pickup_on": "2020-01-01"},
        {"pickup_until": "09:00"},
    ],
)
def test_what_cannot_be_is_explained_and_not_saved(staff, wrong):
    product, point = make_product(), make_point()
    fields = {"items-0-product": product.pk, "groups-0-pickup_point": point.pk}

    answer = staff.post(reverse("admin:groupbuy_groupbuy_add"), form_data(**{**fields, **wrong}))

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert not GroupBuy.objects.exists()


def test_the_steps_are_actions_and_a_refusal_says_why(staff):
    group_buy = make_draft()

    act(staff, "schedule_them", group_buy)
    act(staff, "open_them", group_buy)
    group_buy.refresh_from_db()
    assert group_buy.state == State.OPEN

    refused = act(staff, "mark_them_ordered", group_buy)
    assert [m.level_tag for m in refused.context["messages"]] == ["error"]

    act(staff, "cut_them_off", group_buy)
    act(staff, "copy_them", group_buy)
    states = GroupBuy.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.CLOSED, State.DRAFT]


def test_the_dates_of_a_running_sale_are_not_typed(staff):
    group = make_open_group()
    page = staff.get(reverse("admin:groupbuy_groupbuy_change", args=[group.group_buy_id]))

    assert page.status_code == 200
    assert 'name="closes_at_0"' not in page.content.decode()
    assert 'name="items-0-price_minor" value="30.00"' in page.content.decode()


def test_every_list_can_be_searched_and_filtered(staff):
    schedule(group_buy_id=make_draft().pk)
    for name in ("groupbuy_groupbuy", "groupbuy_leadergroup", "groupbuy_entry", "accounts_user"):
        assert staff.get(reverse(f"admin:{name}_changelist"), {"q": "李"}).status_code == 200
    for name in ("pickup_pickuppoint", "pickup_community", "mall_catalogue_productextra"):
        assert staff.get(reverse(f"admin:{name}_changelist"), {"q": "王"}).status_code == 200


def test_phones_are_masked_in_the_list_of_people(staff):
    make_person("李小娟", phone="+8613800000001")

    page = staff.get(reverse("admin:accounts_user_changelist")).content.decode()

    assert "138****0001" in page
    assert "13800000001" not in page


def test_groups_and_entries_are_looked_at_and_not_typed(staff):
    group = make_open_group()
    page = reverse("admin:groupbuy_leadergroup_change", args=[group.pk])

    assert staff.get(page).status_code == 200
    assert staff.post(page, {"order_count": 99}).status_code == 403
    assert staff.get(reverse("admin:groupbuy_entry_add")).status_code == 403
