"""Becoming a leader: what was typed is kept, handed in once, decided once, with reasons."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from groupleader.errors import AlreadyLeaderError, NotWholeError
from groupleader.models import Leader, LeaderApplication, LeaderEvent
from groupleader.services.applying import (
    application_of,
    approve,
    hand_in,
    keep_draft,
    refuse,
    withdraw,
)
from mall.messaging.models import Message
from mall.pickup.models import Community, PickupPoint, PointTenure
from payments.api import IllegalTransitionError, deliver_pending
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_community
from tests.groupleader.making import make_leader, make_user

Status = LeaderApplication.Status


def photo(name: str = "place.jpg") -> SimpleUploadedFile:
    """A picture as a telephone sends it."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, format="JPEG")
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/jpeg")


def answers(community: Community | None = None, **changed: Any) -> dict[str, Any]:
    """A form that is right."""
    typed = {
        "name": "陈大姐",
        "place_name": "陈记便利店",
        "kind": "shop",
        "address": "和平路 8 号",
        "hours_from": "08:00",
        "hours_until": "20:30",
        "hours_note": "",
        "terms": "on",
        "photo": photo(),
    }
    if community is not None:
        typed["community"] = community.pk
    typed |= changed
    return {name: value for name, value in typed.items() if value is not None}


def apply_for(user: Any, community: Community) -> LeaderApplication:
    """An application that was handed in."""
    values = {
        "name": "陈大姐",
        "community_id": community.pk,
        "city": community.city,
        "district": community.district,
        "community_name": community.name,
        "place_name": "陈记便利店",
        "kind": "shop",
        "address": "和平路 8 号",
    }
    keep_draft(user=user, values=values, photo=photo())
    return hand_in(user=user, agrees=True)


@pytest.fixture
def chen(db):
    return make_user("陈大姐")


@pytest.fixture
def here(db):
    return make_community()


@pytest.mark.django_db
def test_a_stranger_reads_about_it_and_signs_in(client):
    page = client.get(reverse("groupleader:apply"))

    assert page.status_code == 200
    assert "next=%2Fleader%2Fapply%2F" in page.content.decode()


def test_she_chooses_district_and_community_and_hands_in(client, chen, here):
    client.force_login(chen)
    where = reverse("groupleader:apply-where")
    assert here.district in client.get(where).content.decode()
    listed = client.get(where, {"city": here.city, "district": here.district})
    assert f"community={here.pk}" in listed.content.decode()

    done = client.post(reverse("groupleader:apply-form"), answers(here))

    assert done.status_code == 302
    found = application_of(chen.pk)
    assert (found.status, found.community, found.terms_version) == ("applied", here, "2026-11")
    assert found.photo.name.endswith(".jpg")
    assert found.terms_at is not None
    page = client.get(reverse("groupleader:apply"))
    assert "陈记便利店" in page.content.decode()


def test_what_is_right_stays_when_something_is_wrong(client, chen, here):
    client.force_login(chen)
    url = reverse("groupleader:apply-form")

    wrong = client.post(url, answers(here, address="", terms=None, hours_until="07:00"))

    assert wrong.status_code == 422
    draft = application_of(chen.pk)
    assert (draft.status, draft.name, bool(draft.photo)) == ("draft", "陈大姐", True)
    again = client.get(url).content.decode()
    assert "陈记便利店" in again
    done = client.post(url, answers(here, photo=None))
    assert done.status_code == 302
    assert application_of(chen.pk).status == Status.APPLIED


@pytest.mark.parametrize(
    "changed",
    [
        {"photo": SimpleUploadedFile("x.jpg", b"<svg/>")},
        {"photo": None},
        {"kind": "castle"},
        {"hours_from": "25:99"},
        {"name": "x" * 61},
    ],
)
def test_what_cannot_be_is_said_and_never_a_crash(client, chen, here, changed):
    client.force_login(chen)

    page = client.post(reverse("groupleader:apply-form"), answers(here, **changed))

    assert page.status_code == 422
    assert application_of(chen.pk).status == Status.DRAFT


def test_a_community_that_is_not_listed_is_named(client, chen, here):
    client.force_login(chen)
    new = {"city": here.city, "district": here.district, "community_name": "新桥小区"}

    client.post(reverse("groupleader:apply-form"), answers(**new))

    found = application_of(chen.pk)
    assert (found.community, found.community_name, found.status) == (None, "新桥小区", "applied")


@pytest.mark.parametrize("community", ["9" * 30, "0", "x", ""])
def test_a_community_of_nowhere_leads_back_to_the_list(client, chen, community):
    client.force_login(chen)

    page = client.get(reverse("groupleader:apply-form"), {"community": community})

    assert page.status_code == 302
    assert page["Location"] == reverse("groupleader:apply-where")


def test_the_terms_must_be_agreed_to(chen, here):
    keep_draft(user=chen, values={"name": "陈大姐"}, photo=photo())
    with pytest.raises(NotWholeError):
        hand_in(user=chen, agrees=True)
    with pytest.raises(NotWholeError):
        hand_in(user=chen, agrees=False)


def test_the_database_keeps_one_open_application_a_person(chen, here):
    found = apply_for(chen, here)

    with pytest.raises(IntegrityError), transaction.atomic():
        LeaderApplication.objects.create(user=chen, started_at=found.started_at)


def test_she_takes_it_back_and_may_apply_again(client, chen, here):
    apply_for(chen, here)
    client.force_login(chen)

    client.post(reverse("groupleader:apply-take-back"))

    assert application_of(chen.pk).status == Status.WITHDRAWN
    assert apply_for(chen, here).status == Status.APPLIED


@pytest.mark.django_db
def test_a_leader_does_not_apply(client):
    leader = make_leader()
    with pytest.raises(AlreadyLeaderError):
        keep_draft(user=leader.user, values={})
    client.force_login(leader.user)

    assert client.get(reverse("groupleader:apply")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_approved_she_leads_keeps_a_point_and_is_told(admin_user):
    chen, here = make_user("陈大姐"), make_community()
    application = apply_for(chen, here)

    for _twice in range(2):
        leader = approve(application=application, community=here, by=admin_user, note="欢迎")
    deliver_pending()

    point = PickupPoint.objects.get(leader=chen)
    assert (leader.status, leader.user) == ("active", chen)
    assert (point.name, point.community, point.is_open) == ("陈记便利店", here, False)
    assert PointTenure.objects.get(point=point).leader == chen
    kinds = list(Message.objects.filter(user=chen).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["leader.applied", "leader.approved"]
    what = list(LeaderEvent.objects.order_by("pk").values_list("what", flat=True))
    assert what == ["applied", "approved"]


def test_refused_she_reads_why_and_may_apply_again(client, chen, here, admin_user):
    application = apply_for(chen, here)
    with pytest.raises(NotWholeError):
        refuse(application=application, reason="other", note="", by=admin_user)

    refuse(application=application, reason="photo", note="请拍货架", by=admin_user)

    client.force_login(chen)
    page = client.get(reverse("groupleader:apply")).content.decode()
    assert "请拍货架" in page
    with pytest.raises(IllegalTransitionError):
        approve(application=application, community=here, by=admin_user)
    assert apply_for(chen, here).status == Status.APPLIED


def test_staff_decide_on_the_page(admin_client, chen, here):
    application = apply_for(chen, here)
    page = reverse("admin:groupleader_leaderapplication_change", args=[application.pk])
    assert admin_client.get(page).status_code == 200
    listed = admin_client.get(reverse("admin:groupleader_leaderapplication_changelist"))
    assert listed.status_code == 200

    act = "admin:groupleader_application_act"
    admin_client.post(reverse(act, args=[application.pk, "take-up"]))
    assert application_of(chen.pk).status == Status.IN_REVIEW
    without = admin_client.post(
        reverse(act, args=[application.pk, "approve"]), {"community": "", "name": "新桥小区"}
    )
    assert without.status_code == 200
    new = {"community": "", "name": "新桥小区", "latitude": "25.1", "longitude": "118.1"}
    admin_client.post(reverse(act, args=[application.pk, "approve"]), new)

    assert Leader.objects.get(user=chen).status == "active"
    assert PickupPoint.objects.get(leader=chen).community.name == "新桥小区"


@pytest.mark.django_db(transaction=True)
def test_two_staff_and_two_phones_at_once_make_one_leader_and_one_point(admin_user):
    chen, here = make_user("陈大姐"), make_community()
    keep_draft(user=chen, values={}, photo=None)
    withdraw(user=chen)

    all_at_once([lambda: keep_draft(user=chen, values={"name": "陈"}) for _ in range(3)])
    assert LeaderApplication.objects.filter(user=chen, status=Status.DRAFT).count() == 1
    application = apply_for(chen, here)
    ends = all_at_once(
        [lambda: approve(application=application, community=here, by=admin_user)] * 3
    )

    assert {type(end) for end in ends} == {Leader}
    assert PickupPoint.objects.filter(leader=chen).count() == 1
    assert LeaderEvent.objects.filter(what="approved").count() == 1
