"""Residents and broadcasts as pages: full, empty and refused; hers only, few questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from groupleader.models import Broadcast, Leader, ResidentNote, ResidentTag
from groupleader.services.broadcasts import send_broadcasts, stop_leader
from groupleader.services.neighbours import add_note, set_tags
from mall.messaging.models import Message
from mall.ordering.models import OrderFulfilment, Status
from tests.factories.groups import make_person
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.neighbourhood import make_led_group, make_neighbours, order_each

pytestmark = pytest.mark.django_db
HUGE = 10**30


@pytest.fixture
def group():
    return make_led_group()


@pytest.fixture
def leader(group) -> Leader:
    return group.leader.leader


@pytest.fixture
def client(group) -> Client:
    client = Client()
    client.force_login(group.leader)
    return client


@pytest.fixture
def person(group):
    found = make_person("王秀兰")
    order_each(group, [found], status=Status.ARRIVED)
    return found


def _page(name: str, *args: object) -> str:
    return reverse(f"groupleader:{name}", args=args)


def test_the_list_masks_names_and_finds_again(client, group, person):
    order_each(group, make_neighbours(25))

    page = client.get(_page("residents"))
    assert len(page.context["page"].object_list) == 20
    assert len(client.get(_page("residents"), {"page": "2"}).context["page"].object_list) == 6
    found = client.get(_page("residents"), {"q": "wxl"})

    (row,) = found.context["page"].object_list
    text = found.content.decode()
    assert row.resident_id == person.pk
    assert "王*兰" in text
    assert "王秀兰" not in text
    assert person.phone not in text
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "query", ["?q=%25", "?q=zzz&page=99", "?show=x&tag=%25", "?page=abc", "?tag=没有&show=overdue"]
)
def test_odd_questions_are_answered(client, person, query):
    assert client.get(_page("residents") + query).status_code == 200


def test_a_resident_has_her_history_her_notes_and_a_door_to_order_for_her(client, leader, person):
    client.post(_page("resident-note", person.pk), {"text": "对花生过敏"})
    client.post(_page("resident-tags", person.pk), {"tags": "老人，送上门 老人", "add": "三楼"})

    page = client.get(_page("resident", person.pk))

    assert [note.text for note in page.context["notes"]] == ["对花生过敏"]
    assert page.context["resident"].tags == ("三楼", "老人", "送上门")
    text = page.content.decode()
    assert f"?neighbour={person.pk}" in text
    assert "糯玉米 ×1" in text
    assert person.phone not in text
    note = ResidentNote.objects.get()
    client.post(_page("note", note.pk), {"text": "爱吃花生"})
    note.refresh_from_db()
    assert note.text == "爱吃花生"
    client.post(_page("note", note.pk), {"delete": "1"})
    assert not ResidentNote.objects.exists()


def test_what_cannot_be_noted_is_said(client, person):
    for name, answers in (("resident-note", {"text": " "}), ("resident-tags", {"tags": "长" * 13})):
        page = client.post(_page(name, person.pk), answers, follow=True)
        assert [str(each.level_tag) for each in page.context["messages"]] == ["error"]
    assert not ResidentNote.objects.exists()
    assert not ResidentTag.objects.exists()


def test_empty_pages_say_what_to_do(client, group):
    assert "empty" in client.get(_page("residents")).content.decode()
    answer = client.post(_page("broadcast", group.pk), {"text": "到货了", "whom": "all"})
    assert answer.status_code == 422
    assert answer.context["typed"]["text"] == "到货了"


def test_a_message_is_looked_at_first_and_sent_once(client, leader, group, person):
    start = client.get(_page("broadcast", group.pk), {"template": "remember"})
    typed = start.context["typed"]
    assert (typed["whom"], bool(typed["text"])) == ("waiting", True)

    wish = {"text": typed["text"], "whom": typed["whom"], "idem_key": typed["idem_key"]}
    preview = client.post(_page("broadcast", group.pk), wish)
    assert preview.context["preview"].people == 1
    assert not Broadcast.objects.exists()
    changed = client.post(_page("broadcast", group.pk), wish | {"change": "1"})
    assert changed.context["typed"]["text"] == typed["text"]
    for _press in range(2):
        client.post(_page("broadcast", group.pk), wish | {"send": "1"})
    send_broadcasts(10)

    assert Message.objects.get().user == person
    page = client.get(_page("broadcast", group.pk))
    (row,) = page.context["sent"]
    assert (row.told, row.read) == (1, 0)
    inbox = Client()
    inbox.force_login(person)
    assert typed["text"] in inbox.get(reverse("storefront:messages")).content.decode()


def test_who_was_stopped_reads_why(client, leader, group, person):
    stop_leader(leader=leader, because="打广告", by=make_user("管理员", is_staff=True))

    assert "打广告" in client.get(_page("broadcast", group.pk)).content.decode()
    answer = client.post(
        _page("broadcast", group.pk), {"text": "x", "whom": "all", "idem_key": "k", "send": "1"}
    )
    assert answer.status_code == 422


def test_every_page_is_hers_alone(client, leader, group, person):
    note = add_note(leader=leader, resident_id=person.pk, text="记一笔")
    set_tags(leader=leader, resident_id=person.pk, names=["老人"])
    other = make_leader("周明", payee=False)
    own_person = make_person("她的邻居")
    order = OrderFulfilment.objects.get()
    OrderFulfilment.objects.filter(pk=order.pk).update(resident=person)
    pages = [
        ("get", _page("resident", person.pk)),
        ("post", _page("resident-note", person.pk)),
        ("post", _page("resident-tags", person.pk)),
        ("post", _page("note", note.pk)),
        ("get", _page("broadcast", group.pk)),
        ("post", _page("broadcast", group.pk)),
    ]
    answers = {"text": "到货了", "tags": "x", "delete": "1", "whom": "all", "send": "1"}

    def ask(who: object) -> set[int]:
        visitor = Client()
        if who is not None:
            visitor.force_login(who)
        return {getattr(visitor, method)(url, answers).status_code for method, url in pages}

    assert ask(other.user) == {404}
    assert ask(person) == {403}
    assert ask(own_person) == {403}
    assert ask(None) == {302}
    assert ResidentNote.objects.get() == note
    assert not Broadcast.objects.exists()
    stranger = Client()
    stranger.force_login(other.user)
    assert not stranger.get(_page("residents")).context["page"].object_list
    assert stranger.get(_page("residents"), {"tag": "老人"}).context["tags"] == []
    for missing in (HUGE, 0, own_person.pk):
        assert client.get(_page("resident", missing)).status_code == 404
        assert client.post(_page("note", missing + 5), answers).status_code == 404


def test_pages_ask_a_fixed_number_of_questions(client, leader, group, person):
    def asked() -> list[int]:
        counts = []
        for url in (_page("residents"), _page("resident", person.pk), _page("broadcast", group.pk)):
            client.get(url)
            with CaptureQueriesContext(connection) as counted:
                assert client.get(url).status_code == 200
            counts.append(len(counted))
        return counts

    add_note(leader=leader, resident_id=person.pk, text="第一条")
    few = asked()
    people = make_neighbours(30)
    order_each(group, people)
    order_each(group, [person] * 3)
    for nth, each in enumerate(people[:10]):
        set_tags(leader=leader, resident_id=each.pk, names=[f"标{nth}"])
        add_note(leader=leader, resident_id=person.pk, text=f"第{nth}条")

    assert asked() == few
    assert max(few) <= 20


def test_a_quiet_resident_is_marked(client, group, person):
    OrderFulfilment.objects.update(
        placed_at=OrderFulfilment.objects.get().placed_at - timedelta(40)
    )

    page = client.get(_page("residents"), {"show": "sleeping"})

    (row,) = page.context["page"].object_list
    assert row.is_sleeping
