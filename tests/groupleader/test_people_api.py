"""Residents, notes and words to a group in a leader's app; hers alone."""

from __future__ import annotations

import pytest

from groupleader.models import Broadcast, Leader, ResidentNote
from groupleader.services.broadcasts import send_broadcasts
from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import Status
from tests.factories.groups import make_person
from tests.groupleader.making import make_leader
from tests.groupleader.neighbourhood import make_led_group, order_each
from tests.mall.rest_api.app import V1, App

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> LeaderGroup:
    return make_led_group()


@pytest.fixture
def app(group) -> App:
    return App(group.leader)


@pytest.fixture
def person(group) -> User:
    found = make_person("王秀兰")
    order_each(group, [found], status=Status.ARRIVED)
    return found


def delete(app: App, path: str) -> int:
    headers = {"Authorization": f"Bearer {app.token}"}
    return app.client.delete(V1 + path, headers=headers).status_code


def test_a_resident_is_found_noted_and_tagged(app, person):
    path = f"/leader/residents/{person.pk}/"

    note = app.post(f"{path}notes/", {"text": "对花生过敏"})
    app.put(f"{path}tags/", {"tags": ["老人", "送上门"]})
    listed = app.get("/leader/residents/", q="wxl", tag="老人").json()
    one = app.get(path).json()

    assert note.status_code == 201
    assert [row["masked_name"] for row in listed["results"]] == ["王*兰"]
    assert (listed["results"][0]["notes"], listed["results"][0]["orders"]) == (1, 1)
    assert one["notes"][0]["text"] == "对花生过敏"
    assert one["resident"]["tags"] == ["老人", "送上门"]
    assert app.get(f"{path}orders/").json()["results"][0]["summary"] == "糯玉米 ×1"
    assert app.get("/leader/residents/tags/").json() == {"tags": ["老人", "送上门"]}
    number = note.json()["note_id"]
    assert app.put(f"/leader/residents/notes/{number}/", {"text": "爱吃花生"}).json()["changed_at"]
    assert delete(app, f"/leader/residents/notes/{number}/") == 204
    assert delete(app, f"/leader/residents/notes/{number}/") == 404


def test_a_word_is_looked_at_and_sent_once(app, group, person):
    path = f"/leader/groups/{group.pk}/broadcasts/"
    wish = {"text": "菜到了，请来取", "whom": "waiting"}

    preview = app.post(f"{path}preview/", wish)
    sent = app.post(path, wish, key="word-one-1")
    again = app.post(path, wish, key="word-one-1")
    send_broadcasts(10)

    assert preview.json()["people"] == 1
    assert (sent.status_code, sent.json()) == (201, again.json())
    (row,) = app.get(path).json()
    assert (row["told"], row["state"]) == (1, "sent")
    for wrong in ({"text": "加 13800138000", "whom": "all"}, {"text": "x", "whom": "me"}, {}):
        assert app.post(path, wrong).status_code in {400, 422}
    assert Broadcast.objects.count() == 1


@pytest.mark.parametrize("query", [{"show": "x"}, {"q": "x" * 41}, {"tag": "长" * 13}])
def test_what_cannot_be_meant_is_refused(app, person, query):
    assert app.get("/leader/residents/", **query).status_code == 400


def test_another_leader_and_residents_reach_none_of_it(app, group, person):
    app.post(f"/leader/residents/{person.pk}/notes/", {"text": "记一笔"})
    note = ResidentNote.objects.get()
    other, resident = App(make_leader("周明", payee=False).user), App(person)
    suspended = App(group.leader)
    one, own = f"/leader/residents/{person.pk}/", f"/leader/residents/notes/{note.pk}/"
    word = {"text": "到货了", "whom": "all"}

    def ask(app: App) -> set[int]:
        words = f"/leader/groups/{group.pk}/broadcasts/"
        answers = [
            app.get(one),
            app.get(f"{one}orders/"),
            app.post(f"{one}notes/", {"text": "x"}),
            app.put(f"{one}tags/", {"tags": ["x"]}),
            app.put(own, {"text": "x"}),
            app.get(words),
            app.post(words, word),
            app.post(f"{words}preview/", word),
        ]
        return {answer.status_code for answer in answers} | {delete(app, own)}

    assert ask(other) == {404}
    assert ask(resident) == {403}
    assert ask(App()) == {401}
    Leader.objects.filter(user=group.leader).update(status=Leader.Status.SUSPENDED)
    assert ask(suspended) == {403}
    assert ResidentNote.objects.get() == note
    assert not Broadcast.objects.exists()
