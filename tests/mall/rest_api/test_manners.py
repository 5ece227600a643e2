"""How the interface behaves with whatever is sent: one shape of refusals, never a broken answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import get_resolver

from mall.rest_api import idempotency
from mall.rest_api.models import KeptAnswer
from payments.api import now, travelling
from tests.factories.groups import make_open_group, make_person
from tests.mall.rest_api.app import App

pytestmark = pytest.mark.django_db


@pytest.fixture
def app():
    return App(make_person("王阿姨", phone="+8613800138001"))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/points/", {"latitude": "nowhere"}),
        ("/points/", {"latitude": "1"}),
        ("/points/", {"latitude": "nan", "longitude": "nan"}),
        ("/points/", {"latitude": "inf", "longitude": "0"}),
        ("/orders/", {"status": "happy"}),
        ("/orders/", {"limit": "-1", "offset": "x"}),
        ("/orders/", {"offset": "9" * 40}),
        ("/orders/M1/", {}),
        ("/groups/NONE/", {}),
        ("/groups/NONE/entries/", {"before": "9" * 30}),
        (f"/points/{2**70}/groups/", {}),
        ("/me/messages/", {"limit": "9" * 30}),
    ],
)
def test_whatever_is_asked_gets_an_answer_a_program_can_read(app, path, query):
    answer = app.get(path, **query)

    assert answer.status_code in {200, 400, 404}
    if answer.status_code != 200:
        assert set(answer.json()) <= {"code", "message", "fields", "data"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"quantity": "\\u0000"}']
)
def test_bodies_that_are_none_are_refused_in_words(app, body):
    group = make_open_group()

    answer = app.client.put(
        f"/api/v1/groups/{group.share_code}/basket/1/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {app.token}"},
    )

    assert answer.status_code == 400
    assert answer.json()["code"] in {"bad_json", "invalid"}


def test_a_sentence_comes_in_the_readers_language(app):
    asked = {"Authorization": f"Bearer {app.token}", "Accept-Language": "en"}

    answer = app.client.get("/api/v1/orders/M1/", headers=asked)

    assert answer.json()["message"] == "There is nothing here for you."


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "ünïcode"])
def test_a_token_that_is_none_is_told_to_sign_in(token):
    answer = App(token=token).get("/me/")

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_description_names_every_address(client):
    described = client.get("/api/v1/openapi.json").json()["paths"]

    ours = {
        f"/{pattern}"
        for pattern in _patterns(get_resolver().url_patterns)
        if pattern.startswith("api/v1/") and "openapi" not in pattern
    }
    assert {path.split("{")[0] for path in described} == {path.split("<")[0] for path in ours}


def _patterns(patterns, prefix=""):
    for each in patterns:
        here = prefix + str(each.pattern)
        yield from _patterns(each.url_patterns, here) if hasattr(each, "url_patterns") else [here]


def test_answers_are_kept_two_days(app):
    app.post("/me/messages/read/", key="read-them-all")
    assert KeptAnswer.objects.get().status == 204

    with travelling(now() + timedelta(hours=49)):
        assert idempotency.forget_old(10) == {"forgotten": 1}


def test_a_wish_whose_worker_was_killed_is_worked_on_again_after_a_minute(app):
    app.post("/me/messages/read/", key="read-them-all")
    KeptAnswer.objects.update(status=None, begun_at=now())

    first = app.post("/me/messages/read/", key="read-them-all")
    with travelling(now() + timedelta(seconds=61)):
        second = app.post("/me/messages/read/", key="read-them-all")

    assert (first.status_code, first.json()["code"]) == (409, "in_progress")
    assert second.status_code == 204


def test_the_description_is_json_that_apps_can_be_made_from(client):
    text = client.get("/api/v1/openapi.json").content

    assert json.loads(text)["openapi"].startswith("3.")
