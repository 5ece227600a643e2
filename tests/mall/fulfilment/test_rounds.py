"""Rounds: planned by themselves, sent group by group, delivered stop by stop, papers first."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mall.fulfilment.admin import deliveries
from mall.fulfilment.day_board import board_of
from mall.fulfilment.errors import RoundNotSentError, RoundOverError
from mall.fulfilment.models import Delivery, DeliveryStop, Route, RouteStop
from mall.fulfilment.planning import plan_day, plan_due
from mall.fulfilment.rounds import ask_to_send, round_of, send_asked, stop_delivered
from mall.groupbuy.models import GroupBuy, State
from mall.messaging.models import Message
from mall.ordering.models import Status
from payments.api import business_date, deliver_pending, now
from tests.factories.groups import make_item_plan, make_open_group, make_point, make_product
from tests.mall.fulfilment.day import buy, form, jpeg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(acquirer):
    """Two points: one on the north route, one on no route; two pieces wait for each."""
    north = Route.objects.create(name="北线", driver_name="老周", driver_phone="13900000001")
    groups = []
    for name in ("东门店", "西门店"):
        item = make_item_plan(make_product("糯玉米"), price_minor=3000)
        group = make_open_group(items=[item], point=make_point(name))
        buy(group, acquirer, name=name, first=2)
        form(group)
        groups.append(group)
    RouteStop.objects.create(route=north, pickup_point=groups[0].pickup_point, position=1)
    return groups


def day_of(groups):
    return groups[0].group_buy.pickup_on


def stops():
    rows = DeliveryStop.objects.order_by("pickup_point__name")
    return [(str(s.delivery.route), s.is_on_no_route, s.pieces) for s in rows]


def default_route() -> Route:
    return Route.objects.create(
        name="南线", driver_name="小郑", driver_phone="13900000002", is_default=True
    )


def test_a_point_on_no_route_goes_with_the_default_one_and_the_board_says_so(town):
    plan_day(day_of(town))
    assert stops() == [("北线", False, 2), ("None", True, 2)]
    assert len(board_of(day_of(town)).alerts) == 2

    default_route()
    plan_due(10)
    plan_due(10)

    assert stops() == [("北线", False, 2), ("南线", True, 2)]
    assert Delivery.objects.count() == 2
    (alert,) = board_of(day_of(town)).alerts
    assert "西门店" in alert


def test_a_round_is_sent_group_by_group_and_only_once(town, admin_user):
    default_route()
    plan_day(day_of(town))
    both = list(Delivery.objects.values_list("pk", flat=True))

    assert (ask_to_send(both, by=admin_user), ask_to_send(both, by=admin_user)) == (2, 0)
    assert send_asked(1) == {"groups": 1, "rounds": 1}
    assert set(Delivery.objects.values_list("status", flat=True)) == {"planned", "dispatched"}
    assert send_asked(10) == {"groups": 1, "rounds": 1}
    assert send_asked(10) == {"groups": 0, "rounds": 0}

    assert {order.status for group in town for order in group.orders.all()} == {Status.IN_TRANSIT}
    deliver_pending(1000)
    told = Message.objects.filter(kind="delivery.dispatched")
    assert {(message.user_id, message.values["driver"]) for message in told} == {
        (town[0].leader_id, "老周 13900000001"),
        (town[1].leader_id, "小郑 13900000002"),
    }
    # What was sent stays as it was, whatever the routes say afterwards.
    RouteStop.objects.all().delete()
    plan_day(day_of(town))
    assert stops()[0] == ("北线", False, 2)


def test_a_round_waits_for_groups_that_are_not_decided(town, admin_user):
    GroupBuy.objects.filter(pk=town[0].group_buy_id).update(
        state=State.CLOSED,
        opens_at=now() - timedelta(hours=2),
        closes_at=now() - timedelta(minutes=1),
    )
    town[0].group_buy.groups.update(state=State.CLOSED)
    plan_day(day_of(town))
    delivery = DeliveryStop.objects.filter(pickup_point=town[1].pickup_point).get().delivery
    stop = DeliveryStop.objects.create(
        delivery=delivery, pickup_point=town[0].pickup_point, pickup_on=delivery.pickup_on
    )

    ask_to_send([delivery.pk], by=admin_user)
    assert send_asked(10) == {"groups": 1, "rounds": 0}
    assert send_asked(10) == {"groups": 0, "rounds": 0}

    delivery.refresh_from_db()
    assert (delivery.status, bool(delivery.problem), stop.pk > 0) == ("planned", True, True)


def test_a_round_does_not_wait_for_a_sale_that_takes_orders_until_tonight(town, admin_user):
    GroupBuy.objects.filter(pk=town[0].group_buy_id).update(
        state=State.OPEN, closes_at=now() + timedelta(hours=8)
    )
    town[0].group_buy.groups.update(state=State.OPEN)
    plan_day(day_of(town))
    delivery = DeliveryStop.objects.filter(pickup_point=town[1].pickup_point).get().delivery
    DeliveryStop.objects.create(
        delivery=delivery, pickup_point=town[0].pickup_point, pickup_on=delivery.pickup_on
    )

    ask_to_send([delivery.pk], by=admin_user)
    assert send_asked(10) == {"groups": 1, "rounds": 1}


def test_the_driver_ticks_each_stop_once_and_the_last_ends_the_round(town, admin_user, client):
    plan_day(day_of(town))
    delivery = Delivery.objects.get(route__name="北线")
    stop = delivery.stops.get()
    page = f"/d/{delivery.token}/"
    assert b"13900000001" not in client.get(page).content
    with pytest.raises(RoundNotSentError):
        stop_delivered(token=delivery.token, stop_id=stop.pk)
    ask_to_send([delivery.pk], by=admin_user)
    send_asked(10)

    photo = SimpleUploadedFile("a.jpg", jpeg(), content_type="image/jpeg")
    done = client.post(f"{page}stops/{stop.pk}/", {"note": "放在门口", "photo": photo})
    client.post(f"{page}stops/{stop.pk}/", {"note": "again"})

    stop.refresh_from_db()
    delivery.refresh_from_db()
    assert done.status_code == 302
    assert (stop.note, bool(stop.photo), delivery.status) == ("放在门口", True, "delivered")
    shown = client.get(page)
    assert shown["Referrer-Policy"] == "same-origin"
    assert "李" not in re.sub("<[^>]+>", "", shown.content.decode())


@pytest.mark.parametrize("token", ["forged", "x" * 400])
def test_a_strange_link_opens_nothing(db, client, token):
    assert client.get(f"/d/{token}/").status_code == 404
    assert client.post(f"/d/{token}/stops/1/").status_code == 404


def test_a_link_ends_and_is_of_its_own_stops_only(town):
    plan_day(day_of(town))
    north = Delivery.objects.get(route__name="北线")
    other = Delivery.objects.get(route=None)
    with pytest.raises(RoundOverError):
        stop_delivered(token=north.token, stop_id=other.stops.get().pk)
    Delivery.objects.filter(pk=north.pk).update(pickup_on=business_date() - timedelta(days=4))
    with pytest.raises(RoundOverError):
        round_of(north.token)


def test_papers_that_cannot_be_written_send_nothing(town, admin_client, monkeypatch):
    plan_day(day_of(town))
    wish = {"day": f"{day_of(town)}"}

    def no_paper(*_args):
        raise OSError("no room left for the file")

    monkeypatch.setattr(deliveries, "write", no_paper)
    admin_client.post("/admin/fulfilment/delivery/board/send/", wish)
    assert not Delivery.objects.exclude(asked_at=None).exists()
    monkeypatch.undo()

    admin_client.post("/admin/fulfilment/delivery/board/send/", wish)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"dispatched"}


def test_the_board_asks_as_often_for_two_points_as_for_one(
    town, django_assert_num_queries, django_assert_max_num_queries
):
    day = day_of(town)
    plan_day(day)
    with django_assert_max_num_queries(7) as first:
        board = board_of(day)
    assert board.totals["expected"] == 4
    assert [row.points[0].state[0] for row in board.rounds] == ["base", "base"]
    town[1].group_buy.groups.update(state=State.FAILED)
    with django_assert_num_queries(len(first)):
        board_of(day)
