"""The addresses of the counter without a connection: whose they are, and what they never say."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from groupleader.models import DeviceAct, DeviceKey, Leader
from groupleader.services.phone_day import ITERATIONS
from mall.pickup.models import PointHelper
from payments.api import now
from tests.factories.groups import make_person
from tests.groupleader.making import make_leader
from tests.groupleader.telephones import Telephone
from tests.mall.fulfilment.counter import all_arrived, bought, form, fresh
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)
DAY, ACTS, DEVICE = "/leader/offline/day/", "/leader/offline/acts/", "/leader/offline/device/"


@pytest.fixture
def group(acquirer):
    found = make_worked_group()
    Leader.objects.create(user=found.leader, name="王姐", status=Leader.Status.ACTIVE)
    return found


@pytest.fixture
def order(group, acquirer):
    """Two pieces of corn at the point."""
    found = bought(group, acquirer, payable=6000, first=2)
    all_arrived(group)
    return fresh(found)


@pytest.fixture
def phone(client, group) -> Telephone:
    """The leader's telephone; she is signed in on it."""
    client.force_login(group.leader)
    return Telephone(group.leader)


def send(client, phone, *acts):
    """What the page's script sends."""
    signed = [{"text": act.text, "sig": act.signature} for act in acts]
    return client.post(ACTS, {"device": phone.device.ref, "acts": json.dumps(signed)})


def test_a_phone_gets_its_bags_and_neither_codes_nor_numbers_nor_money(client, phone, order):
    answer = client.get(DAY, {"device": phone.device.ref})
    said = answer.content.decode()
    (bag,) = answer.json()["bags"]

    assert (bag["order_no"], bag["waits"], bag["lines"][0]["quantity"]) == (order.order_no, True, 2)
    assert (answer.json()["iterations"], len(bag["code"])) == (ITERATIONS, 24)
    for secret in (order.pickup_code, order.pickup_token, order.receiver_phone, "李小娟", "6000"):
        assert f'"{secret}"' not in said
    assert "minor" not in said
    assert answer["Cache-Control"] == "private, no-store"
    assert client.get(DAY, {"device": phone.device.ref}).json()["bags"] == [bag]


def test_what_is_still_to_come_goes_along_without_a_code(client, phone, group, acquirer):
    bought(group, acquirer, payable=6000, first=2)
    form(group)

    said = client.get(DAY, {"device": phone.device.ref}).json()

    assert [(bag["waits"], bag["code"], len(bag["keys"])) for bag in said["bags"]] == [
        (False, "", 0)
    ]
    assert [item["expected"] for item in said["deliveries"][0]["items"]] == [2]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00+00:00"])
def test_a_phone_whose_clock_stands_still_tells_what_it_did_as_of_now(client, phone, order, at):
    (answer,) = send(client, phone, phone.hands_over(order, at=at)).json()["answers"]

    assert answer["end"] == "done"
    assert now() - DeviceAct.objects.get().at < timedelta(minutes=5)
    assert fresh(order).status == "collected"


def test_acts_are_taken_from_their_own_person_only(client, phone, order):
    act = phone.hands_over(order)
    client.force_login(make_leader("李姐").user)

    assert client.get(DAY, {"device": phone.device.ref}).json()["device"] is None
    assert send(client, phone, act).status_code == 404
    client.force_login(make_person("别人"))
    assert [client.get(DAY).status_code, send(client, phone, act).status_code] == [403, 403]
    client.logout()
    assert [client.get(DAY).status_code, send(client, phone, act).status_code] == [401, 401]
    assert not DeviceAct.objects.exists()

    client.force_login(phone.user)
    answer = send(client, phone, act).json()
    assert ([each["end"] for each in answer["answers"]], answer["next_seq"]) == (["done"], 2)


@pytest.mark.parametrize("acts", ["", "{}", "[1]", '[{"text":1}]', "[" * 5000, "[{}]", "x" * 99])
def test_what_is_no_queue_is_refused_in_peace(client, phone, acts):
    answer = client.post(ACTS, {"device": phone.device.ref, "acts": acts})

    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_a_helper_works_with_a_phone_of_her_own_until_she_is_none(client, group, order):
    helper = make_person("小周")
    row = PointHelper.objects.create(
        point=group.pickup_point,
        user=helper,
        phone=helper.phone,
        invited_by=group.leader,
        invited_at=now(),
        since=now(),
    )
    client.force_login(helper)
    phone = Telephone(helper)

    assert len(client.get(DAY, {"device": phone.device.ref}).json()["bags"]) == 1
    for page in ("offline", "devices", "conflicts", "to-sort"):
        shown = client.get(reverse(f"groupleader:{page}"))
        assert (shown.status_code, "¥" in shown.content.decode()) == (200, False)
    act = phone.hands_over(order)
    PointHelper.objects.filter(pk=row.pk).update(ended_at=now(), ended_by=group.leader)
    assert send(client, phone, act).status_code == 403


def test_a_lost_phone_is_taken_off_and_signed_out(client, phone, order):
    client.get(DAY, {"device": phone.device.ref})
    url = reverse("groupleader:device-revoke", args=[phone.device.ref])

    assert client.get("/leader/devices/").status_code == 200
    assert client.post(url)["Location"] == "/leader/devices/"
    assert client.get("/leader/devices/").status_code == 302
    client.force_login(phone.user)
    assert client.get(DAY, {"device": phone.device.ref}).json()["revoked"] is True
    client.force_login(make_leader("李姐").user)
    assert client.post(url).status_code == 404
    assert DeviceKey.objects.get().revoked_at


def test_a_conflict_is_seen_and_settled_by_its_person_only(client, phone, order):
    send(
        client,
        phone,
        phone.does(kind="hand_over", order_no="M1", pieces={"1": 1}, point=1, means="list"),
    )
    url = reverse("groupleader:conflict-settle", args=[DeviceAct.objects.get().act_id])

    client.force_login(make_leader("李姐").user)
    assert client.get("/leader/conflicts/").context["shown"] == []
    assert client.post(url).status_code == 404
    client.force_login(phone.user)
    assert len(client.get("/leader/conflicts/").context["shown"]) == 1
    client.post(url, {"note": "老公给的"})
    client.post(url, {"note": "again"})
    row = DeviceAct.objects.get()
    assert (row.settled_by, row.settled_note) == (phone.user, "老公给的")


def test_the_app_has_a_manifest_and_a_worker_of_its_own(client):
    manifest = client.get("/leader/app.webmanifest").json()
    worker = client.get("/leader/sw.js")

    assert (manifest["scope"], manifest["display"]) == ("/leader/", "standalone")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "groupleader/queue" in worker.content.decode()


def test_a_phone_is_made_known_once(client, phone):
    asked = {"public_key": phone.public_key, "name": "Android"}

    first, again = (client.post(DEVICE, asked).json() for _time in range(2))

    assert first == again == {"device": phone.device.ref, "next_seq": 1}
    assert client.post(DEVICE, {"public_key": "x"}).status_code == 400


def test_the_first_page_says_what_is_next(client, phone, order):
    page = client.get("/leader/").context

    assert (page["to_sort"], [bag.order_no for bag in page["next_bags"]]) == (1, [order.order_no])
    assert [sign.is_open for sign in page["signs"]] == [True]
    groups = client.get("/leader/sorting/").context["groups"]
    assert [(group.left, group.done) for group in groups] == [(1, 0)]
