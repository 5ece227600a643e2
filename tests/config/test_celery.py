"""The other runner: Celery workers and beat, on a real Redis."""

from __future__ import annotations

import json
import sys

import pytest
import redis

from mall.config import celery, processes, runner
from mall.config.models import JobRun
from tests.databases import ROOT
from tests.servers import program_environment
from tests.waiting import until


def test_beat_has_every_job_with_its_period():
    schedule = celery.app.conf.beat_schedule

    assert {name: entry["schedule"] for name, entry in schedule.items()} == {
        job.name: job.every_seconds for job in runner.all_jobs()
    }
    assert all(entry["args"] == [name] for name, entry in schedule.items())


def test_nothing_but_json_is_read_and_a_lost_worker_loses_no_message():
    conf = celery.app.conf

    assert conf.accept_content == ["json"]
    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] >= 10 * conf.task_time_limit


@pytest.mark.django_db(transaction=True)
def test_beat_and_a_worker_do_the_jobs_over_redis(redis_url, tmp_path):
    environment = program_environment() | {"REDIS_URL": redis_url, "LINLI_DATA": str(tmp_path)}
    program = [sys.executable, "-m", "celery", "--app", "mall.config.celery"]
    logs = {part: tmp_path / f"{part}.log" for part in ("worker", "beat")}
    arguments = {"worker": ["--concurrency=1", "--without-mingle"], "beat": []}
    running = [
        processes.start([*program, part, *arguments[part]], log=log, env=environment, cwd=ROOT)
        for part, log in logs.items()
    ]
    try:
        until(
            lambda: JobRun.objects.filter(name="worker.heartbeat", finished_at__isnull=False),
            90,
            "the heartbeat has run by Celery",
        )
        first = JobRun.objects.get(name="worker.heartbeat").started_at
        again = until(
            lambda: JobRun.objects.filter(name="worker.heartbeat", started_at__gt=first).first(),
            60,
            "it runs again in time",
        )
    except AssertionError:
        print(*(log.read_text() for log in logs.values()))
        raise
    finally:
        processes.stop_all(running)

    assert again.error == ""


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_does_the_job_once(redis_url):
    celery.run_job("worker.heartbeat")
    first = JobRun.objects.get(name="worker.heartbeat").started_at

    celery.run_job("worker.heartbeat")

    assert JobRun.objects.get(name="worker.heartbeat").started_at == first


def test_the_tests_redis_is_a_real_one(redis_url):
    client = redis.Redis.from_url(redis_url)
    client.set("words", json.dumps(["接龙"]))

    assert json.loads(client.get("words")) == ["接龙"]
