"""What else staff do: schedules, assortments, consents, room; every list can be searched."""

from __future__ import annotations

import io
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localtime
from openpyxl import load_workbook

from mall.groupbuy.capturing import paste
from mall.groupbuy.models import (
    Assortment,
    AssortmentItem,
    BelowCostConsent,
    CaptureInbox,
    GroupBuy,
    OwnSale,
    SaleSchedule,
    WaitingPlace,
)
from mall.groupbuy.own_sales import OwnItem, OwnPlan, create, hand_in
from mall.groupbuy.recurring_sales import make_due
from mall.pickup.capacity import take
from mall.pickup.models import PickupPoint, PointDay
from payments.api import business_date, now
from tests.factories.groups import (
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make_person(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(client, boss):
    client.force_login(boss)
    return client


def act(staff, model: str, action: str, *pks: int):
    data = {"action": action, "_selected_action": pks}
    return staff.post(reverse(f"admin:{model}_changelist"), data, follow=True)


def everything() -> None:
    """One row of each kind."""
    group = make_open_group(
        items=[
            make_item_plan(make_product(), tiers=[[20, 2800]], case_size=6, allows_tolerance=True)
        ]
    )
    paste(group_id=group.pk, leader_id=group.leader_id, text="1. 李姐 玉米2\n2. ？")
    WaitingPlace.objects.create(group=group, resident=make_person(), joined_at=now())
    SaleSchedule.objects.create(
        name="每日鲜", template=group.group_buy, starts_at=now() + timedelta(hours=1)
    )
    take(point_id=group.pickup_point_id, day=business_date(), boxes=2)
    own_sale()


def own_sale() -> OwnSale:
    product, point = make_product("土鸡蛋"), make_point("王姐的店")
    shelf = Assortment.objects.create(name="生鲜常备")
    AssortmentItem.objects.create(
        assortment=shelf,
        product=product,
        stockrecord=product.stockrecords.get(),
        cost_minor=1000,
        floor_minor=1200,
        ceiling_minor=2000,
    )
    plan = OwnPlan(
        assortment_id=shelf.pk,
        title="王姐自己的团",
        opens_at=now() + timedelta(hours=1),
        closes_at=now() + timedelta(hours=9),
        pickup_on=business_date() + timedelta(days=2),
        pickup_from=time(16),
        pickup_until=time(20),
        point_ids=[point.pk],
        items=[OwnItem(product_id=product.pk, price_minor=2500)],
    )
    sale = create(leader_id=point.leader_id, plan=plan, idem_key="a")
    hand_in(own_sale_id=sale.own_sale_id, leader_id=point.leader_id)
    return OwnSale.objects.get()


def test_every_list_is_searched_and_leads_to_its_rows(staff):
    everything()

    for model in (
        GroupBuy,
        SaleSchedule,
        Assortment,
        OwnSale,
        CaptureInbox,
        WaitingPlace,
        PointDay,
    ):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert staff.get(reverse(f"{name}_changelist"), {"q": "王"}).status_code == 200
        row = model.objects.order_by("pk").first()
        assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_a_schedule_shows_its_next_dates_and_refuses_a_wrong_rule(staff):
    template = make_draft()
    starts = localtime(now() + timedelta(hours=2))
    data = {
        "name": "每日鲜",
        "template": template.pk,
        "rule": "FREQ=DAILY",
        "active": "on",
        "schedules_them": "on",
        "starts_at_0": f"{starts:%Y-%m-%d}",
        "starts_at_1": f"{starts:%H:%M:%S}",
        "sells_minutes": 600,
        "pickup_after_days": 1,
        "ahead_days": 3,
    }
    add = reverse("admin:groupbuy_saleschedule_add")

    wrong = staff.post(add, data | {"rule": "EVERY DAY"})
    assert wrong.status_code == 200
    assert "rule" in wrong.context["adminform"].form.errors
    assert staff.post(add, data).status_code == 302
    rhythm = SaleSchedule.objects.get()
    page = staff.get(reverse("admin:groupbuy_saleschedule_change", args=[rhythm.pk]))

    assert f"{starts + timedelta(days=9):%Y-%m-%d}" in page.content.decode()
    act(staff, "groupbuy_saleschedule", "pause", rhythm.pk)
    assert make_due(10)["made"] == 0
    act(staff, "groupbuy_saleschedule", "go_on", rhythm.pk)
    assert make_due(10)["made"] == 3


def test_staff_approve_a_leaders_sale_or_refuse_it_with_a_reason(staff, boss):
    sale = own_sale()
    page = reverse("admin:groupbuy_ownsale_change", args=[sale.pk])

    assert staff.post(page, {"decision": "refuse", "because": ""}).status_code == 200
    sale.refresh_from_db()
    assert sale.state == "submitted"
    staff.post(page, {"decision": "refuse", "because": "太贵了"})
    sale.refresh_from_db()
    assert (sale.state, sale.refused_because, sale.decided_by) == ("refused", "太贵了", boss)
    act(staff, "groupbuy_ownsale", "approve_them", sale.pk)
    sale.refresh_from_db()
    assert sale.state == "refused"


def test_an_assortment_keeps_the_leaders_margin_free(staff):
    own_sale()
    shelf, product = Assortment.objects.get(), make_product("荔枝")
    data = {
        "name": shelf.name,
        "approves_itself": "on",
        "active": "on",
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "items-0-product": product.pk,
        "items-0-stockrecord": product.stockrecords.get().pk,
        "items-0-cost_minor": "10.00",
        "items-0-floor_minor": "10.50",
        "items-0-ceiling_minor": "20.00",
        "items-0-commission_rate": "0.1",
        "items-0-active": "on",
    }
    page = reverse("admin:groupbuy_assortment_change", args=[shelf.pk])

    assert staff.post(page, data).status_code == 200
    assert staff.post(page, data | {"items-0-floor_minor": "11.20"}).status_code == 302

    assert shelf.items.get(product=product).floor_minor == 1120


def test_selling_below_cost_is_asked_for_here_and_agreed_to_by_somebody_else(staff, client):
    draft = make_draft(items=[make_item_plan(make_product(), price_minor=2000, cost_minor=2500)])
    add = reverse("admin:groupbuy_belowcostconsent_add")

    assert staff.post(add, {"item": draft.items.get().pk, "reason": ""}).status_code == 200
    assert staff.post(add, {"item": draft.items.get().pk, "reason": "清库存"}).status_code == 302
    consent = BelowCostConsent.objects.get()
    act(staff, "groupbuy_belowcostconsent", "agree_to_them", consent.pk)
    consent.refresh_from_db()
    assert consent.agreed_by is None

    client.force_login(make_person(is_staff=True, is_superuser=True))
    act(client, "groupbuy_belowcostconsent", "agree_to_them", consent.pk)
    consent.refresh_from_db()
    assert consent.agreed_by is not None


def test_a_price_below_cost_does_not_slip_into_a_sale_that_runs(staff):
    group = make_open_group(items=[make_item_plan(make_product(), cost_minor=2500)])
    item = group.group_buy.items.get()
    page = reverse("admin:groupbuy_groupbuy_change", args=[group.group_buy_id])
    data = {
        "title": "周四鲜果团",
        "owner_kind": "platform",
        "sharing": "fair",
        "pickup_on": f"{group.group_buy.pickup_on:%Y-%m-%d}",
        "pickup_from": "16:00",
        "pickup_until": "20:00",
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 1,
        "items-0-id": item.pk,
        "items-0-group_buy": group.group_buy_id,
        "items-0-position": 1,
        "items-0-product": item.product_id,
        "items-0-stockrecord": item.stockrecord_id,
        "items-0-price_minor": "24.00",
        "items-0-cost_minor": "25.00",
        "groups-TOTAL_FORMS": 0,
        "groups-INITIAL_FORMS": 0,
    }

    assert staff.post(page, data).status_code == 200
    item.refresh_from_db()
    assert item.price_minor == 3000
    assert staff.post(page, data | {"items-0-price_minor": "26.00"}).status_code == 302
    item.refresh_from_db()
    assert item.price_minor == 2600


def test_a_days_room_is_set_but_never_below_what_is_taken(staff):
    point, day = make_point(boxes_a_day=5), business_date() + timedelta(days=1)
    take(point_id=point.pk, day=day, boxes=3)
    row = PointDay.objects.get()
    page = reverse("admin:pickup_pointday_change", args=[row.pk])

    assert staff.post(page, {"boxes": "2"}).status_code == 200
    assert staff.post(page, {"boxes": "8"}).status_code == 302
    row.refresh_from_db()
    assert (row.boxes, row.is_exception, row.used) == (8, True, 3)

    later = {"point": point.pk, "day": f"{day + timedelta(days=1):%Y-%m-%d}", "boxes": "0"}
    assert staff.post(reverse("admin:pickup_pointday_add"), later).status_code == 302
    assert PointDay.objects.get(boxes=0).is_exception is True


def test_a_points_new_number_reaches_the_coming_days(staff):
    point = make_point(boxes_a_day=5)
    take(point_id=point.pk, day=business_date() + timedelta(days=1), boxes=3)
    page = reverse("admin:pickup_pickuppoint_change", args=[point.pk])
    data = {
        "name": point.name,
        "community": point.community_id,
        "leader": point.leader_id,
        "active": "on",
        "kind": "shop",
        "breaks-TOTAL_FORMS": "0",
        "breaks-INITIAL_FORMS": "0",
        "address": point.address,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "hours_from": "08:00",
        "hours_until": "20:00",
        "is_open": "on",
        "boxes_a_day": "9",
    }

    answer = staff.post(page, data)

    assert answer.status_code == 302, answer.context["errors"]
    assert PickupPoint.objects.get(pk=point.pk).boxes_a_day == 9
    assert PointDay.objects.get().boxes == 9


def test_prolonging_and_the_spreadsheet(staff):
    group = make_open_group(items=[make_item_plan(make_product("=1+1"), tiers=[[20, 2800]])])
    closes_at = group.group_buy.closes_at

    act(staff, "groupbuy_groupbuy", "prolong_by_an_hour", group.group_buy_id)
    assert GroupBuy.objects.get().closes_at == closes_at + timedelta(hours=1)
    answer = act(staff, "groupbuy_groupbuy", "download", group.group_buy_id)

    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=3)]
    assert rows[0][3] == "'=1+1"
    assert rows[0][6] == "20:28.00"
    assert len(book.worksheets) == 2
