"""However often and from wherever it is sent at once: one broadcast a form, so many a day."""

from __future__ import annotations

import pytest
from django.db.models import F

from groupleader.errors import ToldOftenEnoughError
from groupleader.models import Broadcast, BroadcastCount
from groupleader.services import broadcasts
from groupleader.services.broadcasts import send_broadcasts, send_to_group
from mall.messaging.models import Message
from payments.api import business_date, transact
from tests.factories.crowd import all_at_once
from tests.groupleader.neighbourhood import make_led_group, make_neighbours, order_each

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group():
    found = make_led_group()
    order_each(found, make_neighbours(30))
    return found


def _send(group, key: str):
    leader = group.leader.leader
    return lambda: send_to_group(
        leader=leader, group_id=group.pk, whom="all", text="到货了", idem_key=key
    )


def test_eight_at_once_are_as_many_as_a_day_has(group, settings):
    settings.LINLI_BROADCASTS_A_DAY = 3

    came = all_at_once([_send(group, f"key-{n}") for n in range(8)])

    assert sum(isinstance(each, ToldOftenEnoughError) for each in came) == 5
    assert Broadcast.objects.count() == 3
    assert BroadcastCount.objects.get().count == 3


def test_the_race_is_real_a_counter_read_and_written_back_lets_more_through(group, settings):
    """The negative control: judged in Python, the same crowd passes the limit."""
    settings.LINLI_BROADCASTS_A_DAY = 3
    BroadcastCount.objects.create(group_id=group.pk, day=business_date(), count=0)
    gate = all_at_once

    def careless():
        left = broadcasts.left_today(group.pk)
        gate_passed.append(left)
        if not left:
            raise ToldOftenEnoughError
        rows = BroadcastCount.objects.filter(group_id=group.pk)
        transact()(lambda: rows.update(count=F("count") + 1))()

    gate_passed: list[int] = []
    for _try in range(20):
        BroadcastCount.objects.update(count=0)
        gate([careless for _ in range(8)])
        if BroadcastCount.objects.get().count > 3:
            return
    pytest.fail(f"no race was seen: {gate_passed}")


def test_one_form_sent_eight_times_is_one_broadcast(group):
    came = all_at_once([_send(group, "one") for _ in range(8)])

    assert {each.pk for each in came} == {Broadcast.objects.get().pk}
    assert BroadcastCount.objects.get().count == 1


def test_two_jobs_at_once_tell_everybody_once(group, monkeypatch):
    monkeypatch.setattr(broadcasts, "_AT_ONCE", 5)
    sent = _send(group, "one")()

    all_at_once([lambda: send_broadcasts(100) for _ in range(4)])
    send_broadcasts(100)

    sent.refresh_from_db()
    assert (sent.state, sent.told, Message.objects.count()) == ("sent", 30, 30)
