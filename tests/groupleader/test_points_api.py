"""Becoming a leader and keeping a point in the app: the same services as on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from groupleader.models import LeaderApplication
from mall.pickup.models import PickupPoint, PointBreak, PointHelper
from payments.api import business_date
from tests.factories.groups import make_community, make_person
from tests.groupleader.neighbourhood import make_led_group
from tests.mall.aftersales.complaining import photo
from tests.mall.rest_api.app import V1, App

pytestmark = pytest.mark.django_db
APPLICATION = "/leader/application/"


def put_photo(app: App, file: SimpleUploadedFile) -> object:
    """As a telephone sends a picture."""
    request = app.client
    headers = {"Authorization": f"Bearer {app.token}"}
    body = encode_multipart(BOUNDARY, {"photo": file})
    return request.put(
        f"{V1}{APPLICATION}photo/", body, content_type=MULTIPART_CONTENT, headers=headers
    )


def test_she_applies_step_by_step_and_once(settings):
    community, app = make_community(), App(make_person("新团长"))
    places = app.get(f"{APPLICATION}places/").json()
    assert app.get(APPLICATION).status_code == 404
    assert places["districts"][0]["communities"][0]["community_id"] == community.pk

    draft = {"name": "新团长", "community_id": community.pk, "place_name": "小卖部"}
    app.put(APPLICATION, draft)
    terms = {"agrees": True, "terms_version": places["terms_version"]}
    missing = app.post(f"{APPLICATION}hand-in/", terms)
    rest = {"kind": "shop", "address": "解放路 8 号", "hours_from": "07:30", "hours_until": "21:00"}
    app.put(APPLICATION, rest)
    kept = put_photo(app, photo())
    unread = app.post(f"{APPLICATION}hand-in/", terms | {"terms_version": "2020-01"})
    for _twice in range(2):
        told = app.post(f"{APPLICATION}hand-in/", terms)

    assert (missing.status_code, missing.json()["code"]) == (422, "not_whole")
    assert set(missing.json()["data"]["missing"]) == {"kind", "address", "photo"}
    assert kept.json()["has_photo"]
    assert unread.json()["data"]["missing"] == ["terms"]
    assert (told.json()["status"], told.json()["community_name"]) == ("applied", community.name)
    row = LeaderApplication.objects.get()
    assert (row.status, row.address, row.hours_until.hour) == ("applied", "解放路 8 号", 21)
    refused = app.put(APPLICATION, {"name": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "application_gone")
    assert app.post(f"{APPLICATION}withdraw/").json()["status"] == "withdrawn"
    assert app.post(f"{APPLICATION}withdraw/").json()["code"] == "application_gone"


@pytest.mark.parametrize(
    "draft",
    [
        {"community_id": 10**30}, {"hours_from": "25:00"}, {"name": "x" * 61}, {"name": "a\0b"},
        {"kind": "x" * 21},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(draft):
    assert App(make_person()).put(APPLICATION, draft).status_code == 400


def test_a_leader_does_not_apply_and_no_program_is_a_photo():
    leader = App(make_led_group().leader)
    assert leader.put(APPLICATION, {"name": "x"}).json()["code"] == "already_leader"
    file = SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    assert put_photo(App(make_person()), file).status_code in {400, 422}
    assert App(make_person()).put(APPLICATION, {"community_id": 9}).status_code == 404


def test_she_keeps_her_point():
    group = make_led_group()
    app, day = App(group.leader), business_date() + timedelta(days=30)
    point = f"/leader/points/{group.pickup_point_id}"

    closed = app.put(f"{point}/sign/", {"is_open": False}).json()
    hours = app.put(f"{point}/hours/", {"hours_from": "09:00", "hours_until": "18:00"})
    wrong = app.put(f"{point}/hours/", {"hours_from": "18:00", "hours_until": "09:00"})
    days = {"first_day": day.isoformat(), "last_day": day.isoformat()}
    away = [app.post(f"{point}/breaks/", days).json()["break_id"] for _twice in range(2)]
    helper = {"phone": "138 1111 2222", "name": "小妹"}
    asked = [app.post(f"{point}/helpers/", helper).json() for _twice in range(2)]
    (shown,) = app.get("/leader/points/").json()

    assert (closed["is_open"], closed["takes_orders_today"]) == (False, False)
    assert hours.json()["hours_from"] == "09:00"
    assert wrong.status_code in {409, 422}
    assert (away[0], shown["breaks"][0]["orders"]) == (away[1], 0)
    assert asked[0] == asked[1] == shown["helpers"][0]
    assert (asked[0]["phone_tail"], asked[0]["since"]) == ("2222", None)
    assert app.get(f"{point}/helpers/").json() == shown["helpers"]
    for path in (f"breaks/{away[0]}", f"helpers/{asked[0]['helper_id']}"):
        headers = {"Authorization": f"Bearer {app.token}"}
        gone = app.client.delete(f"{V1}/leader/points/{path}/", headers=headers)
        assert gone.status_code == 204
    assert not PointBreak.objects.exists()
    assert PointHelper.objects.get().ended_at is not None
    assert not PickupPoint.objects.get(pk=group.pickup_point_id).is_open
    assert app.put(f"/leader/points/{10**30}/sign/", {"is_open": True}).status_code == 404
