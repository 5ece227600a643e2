"""Suspended with a reason: new orders stop, what runs goes on; sign, hours and days away."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from groupleader.errors import NotWholeError
from groupleader.models import Leader, LeaderEvent
from groupleader.services.standing import reinstate, suspend
from mall.fulfilment.collecting import collect_order
from mall.groupbuy.errors import OwnSaleError
from mall.groupbuy.own_plans import points_of
from mall.messaging.models import Message
from mall.ordering.models import Status
from mall.pickup.choosing import require_open
from mall.pickup.errors import BreakError, PointAwayError, PointClosedError
from mall.pickup.models import PickupPoint, PointBreak
from mall.pickup.signs import add_break
from payments.api import IllegalTransitionError, business_date, deliver_pending
from tests.factories.groups import make_person, make_point
from tests.mall.fulfilment.counter import all_arrived, bought, fresh
from tests.mall.ordering.shopping import make_worked_group


@pytest.fixture
def wang(db):
    """A leader with a point."""
    point = make_point()
    return Leader.objects.create(user=point.leader, name="王姐", status=Leader.Status.ACTIVE)


@pytest.fixture
def point(wang):
    return PickupPoint.objects.get(leader=wang.user)


def test_suspended_her_points_take_nothing_new_until_reinstated(wang, point, admin_user):
    point.is_open = False
    point.save()
    other = make_point("刘大哥的店", leader=wang.user)

    suspend(leader=wang, reason="complaints", note="三次投诉", by=admin_user)

    for each in PickupPoint.objects.all():
        with pytest.raises(PointClosedError):
            require_open(each)
    with pytest.raises(IllegalTransitionError):
        suspend(leader=wang, reason="complaints", note="", by=admin_user)
    reinstate(leader=wang, by=admin_user)
    require_open(PickupPoint.objects.get(pk=other.pk))
    with pytest.raises(PointClosedError):  # her own sign stands as she left it
        require_open(PickupPoint.objects.get(pk=point.pk))
    what = list(LeaderEvent.objects.order_by("pk").values_list("what", "reason"))
    assert what == [("suspended", "complaints"), ("reinstated", "")]


@pytest.mark.parametrize(("reason", "note"), [("", "x"), ("why not", "x"), ("other", " ")])
def test_without_a_reason_nobody_is_suspended(wang, admin_user, reason, note):
    with pytest.raises(NotWholeError):
        suspend(leader=wang, reason=reason, note=note, by=admin_user)

    wang.refresh_from_db()
    assert wang.status == Leader.Status.ACTIVE


def test_she_reads_why(client, wang, admin_user):
    suspend(leader=wang, reason="goods", note="冰柜坏了没说", by=admin_user)
    client.force_login(wang.user)

    page = client.get(reverse("groupleader:home"))

    assert page.status_code == 403
    assert "冰柜坏了没说" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_runs_is_handed_over_by_staff_and_she_is_told(acquirer, admin_user):
    group = make_worked_group()
    wang = Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    order = bought(group, acquirer, payable=3000, first=1)
    all_arrived(group)
    suspend(leader=wang, reason="unreachable", note="", by=admin_user)
    deliver_pending()

    collect_order(order_no=order.order_no, by=admin_user)
    deliver_pending()

    assert fresh(order).status == Status.COLLECTED
    assert wang.accruals.get().status == "frozen"
    assert Message.objects.filter(user=group.leader, kind="leader.suspended").count() == 1


def test_staff_see_the_consequences_and_suspend_on_the_page(admin_client, wang):
    page = reverse("admin:groupleader_leader_standing", args=[wang.pk])
    act = "admin:groupleader_leader_standing_act"
    assert admin_client.get(page).status_code == 200
    assert admin_client.get(reverse("admin:groupleader_leader_changelist")).status_code == 200

    assert admin_client.post(reverse(act, args=[wang.pk, "suspend"]), {}).status_code == 200
    admin_client.post(reverse(act, args=[wang.pk, "suspend"]), {"reason": "own_wish"})
    wang.refresh_from_db()
    assert wang.status == Leader.Status.SUSPENDED
    admin_client.post(reverse(act, args=[wang.pk, "reinstate"]))
    wang.refresh_from_db()
    assert wang.status == Leader.Status.ACTIVE


def test_she_turns_her_sign_and_changes_her_hours(client, wang, point):
    client.force_login(wang.user)
    assert point.name in client.get(reverse("groupleader:point")).content.decode()

    for _twice in range(2):
        client.post(reverse("groupleader:point-sign", args=[point.pk]), {"open": "0"})
    wish = {"from": "09:00", "until": "21:30", "note": "午休 12–14", "phone": "13800001111"}
    client.post(reverse("groupleader:point-hours", args=[point.pk]), wish)

    point.refresh_from_db()
    assert (point.is_open, point.opening_hours) == (False, "09:00–21:30 午休 12–14")
    assert point.phone == "+8613800001111"


@pytest.mark.parametrize(
    "wish",
    [
        {"from": "21:00", "until": "09:00"},
        {"from": "x", "until": ""},
        {"from": "08:00", "until": "20:00", "phone": "12"},
    ],
)
def test_hours_that_cannot_be_change_nothing(client, wang, point, wish):
    client.force_login(wang.user)

    done = client.post(reverse("groupleader:point-hours", args=[point.pk]), wish)

    assert done.status_code == 302
    before = point.opening_hours
    point.refresh_from_db()
    assert point.opening_hours == before


def test_days_away_close_those_days_and_may_be_several(client, wang, point):
    client.force_login(wang.user)
    day = business_date() + timedelta(days=5)
    url = reverse("groupleader:point-break", args=[point.pk])
    for first in (day, day, day + timedelta(days=30)):
        client.post(url, {"first": first, "last": first + timedelta(days=1)})

    point = PickupPoint.objects.get(pk=point.pk)
    assert PointBreak.objects.count() == 2
    assert point.next_break(business_date()).first_day == day
    require_open(point)
    with pytest.raises(PointAwayError):
        require_open(point, pickup_on=day)
    assert "2" in client.get(reverse("groupleader:point")).content.decode()
    first = PointBreak.objects.order_by("first_day").first()
    client.post(reverse("groupleader:point-break-end", args=[first.pk]))
    require_open(PickupPoint.objects.get(pk=point.pk), pickup_on=day)


def test_nobody_opens_a_sale_for_a_day_she_is_away(wang, point):
    day = business_date() + timedelta(days=5)
    plan = SimpleNamespace(point_ids=[point.pk], pickup_on=day)
    assert points_of(plan, leader_id=wang.user_id) == [point]

    add_break(point_id=point.pk, first_day=day, last_day=day, by=wang.user)

    with pytest.raises(OwnSaleError):
        points_of(plan, leader_id=wang.user_id)


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (2, 1), (0, 400), (2000, 2001)])
def test_days_that_are_no_break_are_refused(wang, point, first, last):
    today = business_date()
    with pytest.raises(BreakError):
        add_break(
            point_id=point.pk,
            first_day=today + timedelta(days=first),
            last_day=today + timedelta(days=last),
            by=wang.user,
        )


@pytest.mark.django_db(transaction=True)
def test_days_for_which_neighbours_have_ordered_are_said(client, acquirer):
    group = make_worked_group()
    Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
    bought(group, acquirer, payable=3000, first=1)
    client.force_login(group.leader)
    day = group.group_buy.pickup_on

    url = reverse("groupleader:point-break", args=[group.pickup_point_id])
    page = client.post(url, {"first": day, "last": day}, follow=True)

    assert [message.level_tag for message in page.context["messages"]] == ["warning"]
    assert page.context["points"][0]["breaks"][0]["orders"] == 1


@pytest.mark.parametrize("name", ["point-sign", "point-hours", "point-break", "point-invite"])
def test_another_leaders_point_is_not_there(client, wang, point, name):
    other = make_person("别人")
    Leader.objects.create(user=other, name="别人", status=Leader.Status.ACTIVE)
    client.force_login(other)
    day = business_date().isoformat()
    wish = {"open": "0", "from": "09:00", "until": "10:00", "first": day, "last": day}

    done = client.post(reverse(f"groupleader:{name}", args=[point.pk]), wish)

    assert done.status_code == 404
    point.refresh_from_db()
    assert point.is_open
    assert not PointBreak.objects.exists()
