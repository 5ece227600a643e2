"""Scales speak for themselves: keys, reach, replays, nonsense; never a broken answer."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mall.fulfilment.asking import count_asking, forget_asking
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.models import AskedOften, ScaleDevice, Weighing
from mall.fulfilment.scales import REQUESTS_A_MINUTE, create_scale, revoke, rotate_key
from mall.fulfilment.tracing import codes_of
from payments.api import now, refunds_of
from tests.factories.groups import make_person, make_point
from tests.mall.fulfilment.counter import all_arrived, bought, by_weight, form, line
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/scales/weighings"


@pytest.fixture
def group(acquirer):
    found = make_worked_group()
    by_weight(found)
    return found


@pytest.fixture
def staff(db):
    return make_person("管理员", is_staff=True)


def send(key, body, *, idem="weighing-1", **headers):
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client(raise_request_exception=False).post(
        URL,
        raw,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": idem, **headers},
    )


def photo() -> str:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(picture, format="PNG")
    return base64.b64encode(picture.getvalue()).decode()


def test_a_weight_is_taken_once_however_often_it_is_sent(group, acquirer, staff):
    order = bought(group, acquirer, payable=3000, first=1)
    all_arrived(group)
    device, key = create_scale(name="桌1", points=[group.pickup_point], by=staff)
    trace = codes_of([line(order).pk])[line(order).pk]
    body = {"trace": trace, "weight": "0.912", "tare": "0.012", "unit": "kg", "photo": photo()}

    answers = [send(key, body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    said = answers[0].json()
    assert (said["grams"], said["estimated_grams"], said["off_minor"]) == (900, 1000, 300)
    weighing = Weighing.objects.get()
    assert (weighing.device, weighing.by, bool(weighing.photo)) == (device, None, True)
    assert len(refunds_of(order.payment_no)) == 1
    assert "李" not in answers[0].content.decode()

    other = send(key, body | {"weight": "0.850"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    far = send(key, body | {"weight": "0.400"}, idem="weighing-2")
    assert (far.status_code, far.json()["code"]) == (409, "beyond_tolerance")
    assert far.json()["data"]["tolerance_percent"] == 15
    sure = send(key, body | {"weight": "0.400", "reason": "cut"}, idem="weighing-2")
    assert (sure.status_code, sure.json()["grams"]) == (201, 388)


def test_a_key_opens_its_points_only_and_can_be_renewed_and_taken_away(group, acquirer, staff):
    order = bought(group, acquirer, payable=3000, first=1)
    form(group)
    mark_dispatched(group_id=group.pk)
    trace = codes_of([line(order).pk])[line(order).pk]
    body = {"trace": trace, "weight": 1000, "unit": "g"}
    _elsewhere, strange = create_scale(name="别处", points=[make_point("别处")], by=staff)
    depot, key = create_scale(name="仓库", points=[], by=staff, is_at_depot=True)

    assert send(strange, body).json()["code"] == "line_unknown"
    assert send(key, body | {"trace": "zzzzzzzzzzzz"}).status_code == 404
    assert send(key, body).status_code == 201
    renewed = rotate_key(device_id=depot.pk)
    assert send(renewed, body, idem="weighing-2").status_code == 201
    assert send(key, body, idem="weighing-3").status_code == 201
    with time_machine.travel(now() + timedelta(hours=25)):
        assert send(key, body, idem="weighing-4").status_code == 401
    all_arrived(group)
    assert send(renewed, body, idem="weighing-5").status_code == 404  # at the point it is not hers
    revoke(device_id=depot.pk)
    for wrong in (renewed, "", "SC1.x", f"{depot.device_no}."):
        assert send(wrong, body).status_code == 401
    stored = json.dumps(list(ScaleDevice.objects.values_list("key_hash", "old_key_hash")))
    assert key.partition(".")[2] not in stored


def test_a_scale_and_a_guesser_are_slowed_down(staff):
    device, key = create_scale(name="桌1", points=[], by=staff)
    body = {"trace": "zzzzzzzzzzzz", "weight": 1, "unit": "g"}
    stranger = [send("SC0.wrong", body).status_code for _ in range(31)]
    assert stranger == [401] * 30 + [429]
    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        for _ in range(REQUESTS_A_MINUTE - 1):
            count_asking(f"scale:{device.pk}", most=REQUESTS_A_MINUTE)
        last, beyond = send(key, body), send(key, body)
    assert (last.status_code, beyond.status_code) == (404, 429)
    assert (beyond.json()["code"], beyond["Retry-After"]) == ("rate_limited", "60")
    with time_machine.travel(now() + timedelta(hours=3)):
        assert forget_asking(limit=10) == {"forgotten": 2}
    assert not AskedOften.objects.exists()


NONSENSE = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["trace", "piece", "weight", "tare", "unit", "reason", "photo", "x"]
                ),
                inner,
                max_size=7,
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
)


@pytest.fixture
def open_scale(group, acquirer, staff):
    order = bought(group, acquirer, payable=3000, first=1)
    all_arrived(group)
    _device, key = create_scale(name="桌1", points=[group.pickup_point], by=staff)
    return key, codes_of([line(order).pk])[line(order).pk]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=NONSENSE,
    fields=st.dictionaries(
        st.sampled_from(["piece", "weight", "unit", "tare", "reason", "photo"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    ),
    idem=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=70),
)
def test_whatever_is_sent_gets_a_sound_answer(open_scale, body, fields, idem):
    key, trace = open_scale
    AskedOften.objects.all().delete()
    sound = {"trace": trace, "weight": 1000, "unit": "g"}

    for answer in (send(key, body), send(key, json.dumps(sound | fields), idem=idem)):
        assert answer.status_code < 500
        said = answer.json()
        assert "grams" in said if answer.status_code == 201 else said["code"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("9" * 5000, "invalid_request"),
        ("[" * 100_000, "invalid_request"),
        ('{"trace": "a\\u0000"}', "weight_unreadable"),
        (b"x" * (1024 * 1024 + 1), "invalid_request"),
        ({"trace": "zzzzzzzzzzzz", "weight": 10**30, "unit": "g"}, "weight_unreadable"),
        ({"trace": "zzzzzzzzzzzz", "weight": 201, "unit": "kg"}, "weight_out_of_range"),
        ({"trace": "zzzzzzzzzzzz", "weight": 5, "tare": 9, "unit": "g"}, "line_unknown"),
        ({"trace": "zzzzzzzzzzzz", "weight": 5, "unit": "g", "photo": "!"}, "line_unknown"),
    ],
)
def test_refusals_have_stable_codes(staff, body, code):
    _device, key = create_scale(name="桌1", points=[], by=staff)

    answer = send(key, body)

    assert answer.json()["code"] == code
    assert 400 <= answer.status_code < 500
    assert Client().get(URL).status_code == 405
