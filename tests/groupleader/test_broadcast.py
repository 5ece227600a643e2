"""A leader's word to a group: to whom she means, once, so many a day, by a job that goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from groupleader.broadcasts import broadcasts_of_group
from groupleader.errors import (
    BroadcastRefusedError,
    BroadcastsStoppedError,
    NobodyToTellError,
    ToldOftenEnoughError,
)
from groupleader.models import Broadcast, BroadcastCount, BroadcastStop, Leader
from groupleader.services import broadcasts
from groupleader.services.broadcasts import (
    left_today,
    preview_of,
    said_plainly,
    send_broadcasts,
    send_to_group,
    stop_broadcast,
    stop_leader,
)
from mall.groupbuy.models import LeaderGroup
from mall.messaging.models import Category, Delivery, Message
from mall.messaging.reading import choose_categories, connect_chat, mark_all_read
from mall.messaging.wording import words_of
from mall.ordering.errors import OrderGoneError
from mall.ordering.models import Status
from payments.api import SHANGHAI, now, travelling
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.neighbourhood import make_led_group, make_neighbours, order_each

pytestmark = pytest.mark.django_db
TEXT = "菜已经到店，请今晚八点前来取。"


@pytest.fixture
def group() -> LeaderGroup:
    return make_led_group()


@pytest.fixture
def leader(group) -> Leader:
    return group.leader.leader


def send(leader: Leader, group: LeaderGroup, *, key: str = "one", **changes: object) -> Broadcast:
    wish = {"whom": "all", "text": TEXT, "idem_key": key} | changes
    return send_to_group(leader=leader, group_id=group.pk, **wish)


def told() -> list[int]:
    return sorted(Message.objects.values_list("user_id", flat=True))


def test_everybody_who_paid_is_told_once_however_often_it_is_sent(group, leader):
    people = make_neighbours(3)
    order_each(group, people)
    order_each(group, people[:1])
    order_each(group, make_neighbours(1), status=Status.REFUNDED)

    assert preview_of(leader=leader, group_id=group.pk, whom="all", text=TEXT).people == 3
    first, again = send(leader, group), send(leader, group)
    assert first == again
    assert send_broadcasts(100) == {"told": 3, "finished": 1}
    assert send_broadcasts(100) == {"told": 0, "finished": 0}

    assert told() == [person.pk for person in people]
    first.refresh_from_db()
    assert (first.state, first.told, first.people) == ("sent", 3, 3)
    message = Message.objects.first()
    words = words_of(message.kind, message.values)
    assert TEXT in words.body
    assert leader.name in words.title
    assert message.link == f"/g/{group.share_code}/"
    assert left_today(group.pk) == 2


def test_only_those_who_have_not_fetched_or_not_paid_are_told(group, leader):
    waits, fetched, owes, owes_herself, closed = make_neighbours(5)
    order_each(group, [waits], status=Status.ARRIVED)
    order_each(group, [fetched], status=Status.COLLECTED)
    order_each(group, [owes], status=Status.PENDING_PAYMENT, placed_by=group.leader)
    order_each(group, [owes_herself], status=Status.PENDING_PAYMENT)
    order_each(group, [closed], status=Status.ARRIVED)
    get_user_model().objects.filter(pk=closed.pk).update(is_active=False)

    send(leader, group, whom="waiting")
    send_broadcasts(100)
    assert told() == [waits.pk]

    send(leader, group, key="two", whom="unpaid")
    send_broadcasts(100)
    assert told() == [waits.pk, owes.pk]


def test_a_run_that_was_killed_is_gone_on_with(group, leader, monkeypatch):
    people = make_neighbours(7)
    order_each(group, people)
    sent = send(leader, group)
    monkeypatch.setattr(broadcasts, "_AT_ONCE", 2)

    assert send_broadcasts(3) == {"told": 3, "finished": 0}
    sent.refresh_from_db()
    assert (sent.state, sent.told, sent.reached) == ("sending", 3, people[2].pk)
    # As if the step had been told and then killed before it was written down.
    Broadcast.objects.filter(pk=sent.pk).update(reached=people[0].pk, told=1)

    assert send_broadcasts(100) == {"told": 4, "finished": 1}
    assert told() == [person.pk for person in people]


def test_a_category_turned_off_does_not_ring_and_a_text_costs_only_where_allowed(
    group, leader, settings
):
    in_chat, by_text, quiet = make_neighbours(3)
    order_each(group, [in_chat, by_text, quiet])
    settings.LINLI_CHAT_BACKEND = "sandbox"
    for person in (in_chat, quiet):
        connect_chat(user_id=person.pk, open_id=f"o-{person.pk}")
    choose_categories(user_id=quiet.pk, wanted=[Category.NEWS])

    send(leader, group)
    send_broadcasts(100)
    assert Message.objects.count() == 3
    assert [row.message.user_id for row in Delivery.objects.all()] == [in_chat.pk]

    settings.LINLI_BROADCAST_TEXTS = True
    send(leader, group, key="two")
    send_broadcasts(100)
    channels = Delivery.objects.filter(message__batch__endswith=str(Broadcast.objects.first().pk))
    assert sorted(channels.values_list("message__user_id", "channel")) == [
        (in_chat.pk, "chat"),
        (by_text.pk, "text"),
    ]


def test_at_night_it_waits_for_the_morning_on_telephones(group, leader, settings):
    settings.LINLI_CHAT_BACKEND = "sandbox"
    (person,) = make_neighbours(1)
    connect_chat(user_id=person.pk, open_id="o-1")
    night = datetime(2026, 11, 22, 23, 0, tzinfo=SHANGHAI)

    order_each(group, [person])
    with travelling(night):
        send(leader, group)
        send_broadcasts(10)

    assert Delivery.objects.get().next_at == datetime(2026, 11, 23, 7, 30, tzinfo=SHANGHAI)


def test_a_group_is_told_only_so_much_a_day(group, leader, settings):
    order_each(group, make_neighbours(1))
    settings.LINLI_BROADCASTS_A_DAY = 2
    for key in ("one", "two"):
        send(leader, group, key=key)

    with pytest.raises(ToldOftenEnoughError):
        send(leader, group, key="three")
    with pytest.raises(ToldOftenEnoughError):
        preview_of(leader=leader, group_id=group.pk, whom="all", text=TEXT)
    assert send(leader, group, key="one").idem_key == "one"
    assert (Broadcast.objects.count(), left_today(group.pk)) == (2, 0)
    with travelling(now() + timedelta(days=1)):
        send(leader, group, key="three")
    settings.LINLI_BROADCASTS_A_DAY = 999
    assert BroadcastCount.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\0 ",
        "长" * 201,
        "打我电话13800138000",
        "加我 138 0013 8000",
        "１３８００１３８０００",
        "店里 010-62345678",
        "QQ 12345678",
        "看 https://example.com",
        "点 www.example.xyz 领钱",
        "taobao.com 更便宜",
    ],
)
def test_nothing_numbers_and_links_are_not_said(text):
    with pytest.raises(BroadcastRefusedError):
        said_plainly(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 16:00-20:00 取货",
        "今天 16:00 到 20:00，3.5kg 大米 ¥19.90，满200减16",
        "请到 3 栋 1 单元 502 取",
        "第一行\n第二行",
        "{point} 100%",
    ],
)
def test_days_hours_prices_and_doors_are_said(text):
    assert said_plainly(f"  {text} ") == text


def test_nobody_and_somebody_elses_group_and_one_long_over_are_refused(group, leader):
    with pytest.raises(NobodyToTellError):
        send(leader, group)
    order_each(group, make_neighbours(1))
    with pytest.raises(OrderGoneError):
        send(make_leader("周明", payee=False), group)
    with pytest.raises(BroadcastRefusedError):
        send(leader, group, whom="nonsense")
    with pytest.raises(BroadcastRefusedError):
        send(leader, group, key=" ")
    with travelling(now() + timedelta(days=30)), pytest.raises(BroadcastRefusedError):
        send(leader, group)
    assert not Broadcast.objects.exists()
    assert left_today(group.pk) == 3


def test_the_mall_takes_the_right_away_and_what_is_under_way_stops(group, leader):
    order_each(group, make_neighbours(3))
    sent = send(leader, group)
    staff = make_user("管理员", is_staff=True)

    stop = stop_leader(leader=leader, because="打广告", by=staff)

    assert stop_leader(leader=leader, because="再来一次", by=staff) == stop
    sent.refresh_from_db()
    assert sent.state == "stopped"
    assert not stop_broadcast(broadcast=sent)
    assert send_broadcasts(100) == {"told": 0, "finished": 0}
    with pytest.raises(BroadcastsStoppedError) as refusal:
        send(leader, group, key="two")
    assert "打广告" in str(refusal.value.user_message)
    stop.delete()
    assert send(leader, group, key="two").state == "sending"


def test_how_many_were_told_and_have_read_it_is_shown(group, leader, settings):
    settings.LINLI_CHAT_BACKEND = "sandbox"
    people = make_neighbours(3)
    order_each(group, people)
    connect_chat(user_id=people[0].pk, open_id="o-1")
    send(leader, group)
    send_broadcasts(100)
    Delivery.objects.update(state="sent", sent_at=now())
    mark_all_read(user_id=people[1].pk)

    (row,) = broadcasts_of_group(leader, group.pk)

    assert (row.people, row.told, row.rang, row.read) == (3, 3, 1, 1)
    assert broadcasts_of_group(make_leader("周明", payee=False), group.pk) == ()


def test_a_big_group_is_told_in_bounded_steps_and_runs(group, leader):
    order_each(group, make_neighbours(410))
    send(leader, group)

    assert send_broadcasts(300) == {"told": 300, "finished": 0}
    assert send_broadcasts(300) == {"told": 110, "finished": 1}
    assert Message.objects.count() == 410


def test_staff_read_stop_and_take_the_right_away(group, leader, client):
    order_each(group, make_neighbours(2))
    sent = send(leader, group)
    client.force_login(make_user("管理员", is_staff=True))
    page = reverse("admin:groupleader_broadcast_changelist")

    assert TEXT in client.get(page).content.decode()
    detail = reverse("admin:groupleader_broadcast_change", args=[sent.pk])
    assert client.get(detail).status_code == 200
    client.post(page, {"action": "stop", "_selected_action": [sent.pk]})
    sent.refresh_from_db()
    assert sent.state == "stopped"
    assert send_broadcasts(10) == {"told": 0, "finished": 0}

    send(leader, group, key="two")
    stops = reverse("admin:groupleader_broadcaststop_add")
    client.post(stops, {"leader": leader.pk, "because": "打广告"})
    assert Broadcast.objects.get(idem_key="two").state == "stopped"
    (stop,) = BroadcastStop.objects.all()
    assert (stop.because, stop.by.display_name) == ("打广告", "管理员")
    gone = reverse("admin:groupleader_broadcaststop_delete", args=[stop.pk])
    client.post(gone, {"post": "yes"})
    assert send(leader, group, key="three").state == "sending"
