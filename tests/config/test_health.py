"""Does it live, can it work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mall.config import runner
from mall.config.models import JobRun
from payments.api import now


def test_healthz_answers_without_a_database(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_every_part_is_well(client):
    runner.run_once([runner.HEARTBEAT])

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "database": "ok",
        "migrations": "ok",
        "cache": "ok",
        "worker": "ok",
    }


@pytest.mark.django_db
def test_not_ready_when_the_worker_has_never_run(client):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["worker"] == "has never run"


@pytest.mark.django_db
def test_not_ready_when_the_worker_has_fallen_silent(client):
    runner.run_once([runner.HEARTBEAT])
    JobRun.objects.update(started_at=now() - timedelta(minutes=5))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["worker"] == "silent for 300 s"
    assert response.json()["database"] == "ok"


@pytest.mark.django_db
def test_not_ready_when_the_cache_forgets(client, settings):
    runner.run_once([runner.HEARTBEAT])
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["cache"] == "does not remember"


def test_a_part_that_raises_is_named_by_its_error_only(client):
    # No database fixture: the question itself fails.
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["database"] == "failed: RuntimeError"
