"""The harness itself: the running mall serves what a test commits; the next test starts clean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import requests
from django.contrib.sites.models import Site
from django.db import connection

from mall.config.models import JobRun


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_the_mall_sees_what_the_test_commits_and_the_next_test_does_not(running_web, time):
    before = requests.get(f"{running_web.url}/readyz")

    results = running_web.run_jobs("worker.heartbeat")

    assert before.status_code == 503
    assert before.json()["worker"] == "has never run"
    assert results == {"worker.heartbeat": True}
    assert JobRun.objects.count() == 1
    after = requests.get(f"{running_web.url}/readyz")
    assert after.status_code == 200
    assert after.json()["ready"] is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_rows_that_migrations_wrote_come_back_after_a_test_deleted_them(time):
    assert Site.objects.count() == 1

    Site.objects.all().delete()

    assert Site.objects.count() == 0


@pytest.mark.django_db
def test_the_database_belongs_to_this_process_alone(settings):
    name = connection.settings_dict["NAME"]

    if connection.vendor == "sqlite":
        assert Path(name).parent == settings.DATA_DIR
    else:
        assert name == f"linli_test_{os.getpid()}"
