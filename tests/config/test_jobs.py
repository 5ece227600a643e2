"""Work that runs by itself: taken once, repeated in time, and no job stops another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from mall.config import runner
from mall.config.models import JobRun
from payments.api import Job, each, now
from tests.databases import ROOT
from tests.servers import program_environment
from tests.waiting import until

DONE: list[int] = []


def count(limit: int) -> dict[str, int]:
    DONE.append(limit)
    return {"done": 1}


def fill_the_batch(limit: int) -> dict[str, int]:
    return {"done": limit}


def one_row_falls_over(limit: int) -> dict[str, int]:
    def step(number: int) -> bool:
        if number == 2:
            raise ValueError("the shelf broke")
        return True

    return dict(each([1, 2, 3], step, limit=limit, done="put"))


def fall_over(limit: int) -> dict[str, int]:
    raise ValueError("the shelf broke")


def job(function, *, name: str = "tests.count", every_seconds: int = 60) -> Job:
    dotted = f"tests.config.test_jobs.{function.__name__}"
    return Job(name=name, every_seconds=every_seconds, function=dotted, limit=7)


@pytest.fixture(autouse=True)
def _nothing_done_yet():
    DONE.clear()


def test_a_job_is_named_after_its_floor_and_has_a_period():
    with pytest.raises(ValueError, match="floor"):
        Job(name="expire", every_seconds=5, function="x.y")
    with pytest.raises(ValueError, match="at least 1"):
        Job(name="payments.expire", every_seconds=0, function="x.y")


@pytest.mark.django_db
def test_of_two_runners_one_takes_the_job():
    assert runner.take(job(count)) is True
    assert runner.take(job(count)) is False


@pytest.mark.django_db
def test_a_job_can_be_taken_again_when_its_time_has_come():
    runner.take(job(count))
    JobRun.objects.update(due_at=now() - timedelta(seconds=1))

    assert runner.take(job(count)) is True
    assert JobRun.objects.get().due_at > now() + timedelta(seconds=50)


@pytest.mark.django_db(transaction=True)
def test_eight_runners_at_the_same_moment_take_it_once():
    gate, results = threading.Barrier(8), []

    def knock() -> None:
        gate.wait()
        results.append(runner.take(job(count)))
        connection.close()

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False] * 7 + [True]


@pytest.mark.django_db
def test_what_a_job_did_is_written_down():
    runner.run_once([job(count)])

    run = JobRun.objects.get(name="tests.count")
    assert DONE == [7]
    assert run.counts == {"done": 1}
    assert run.error == ""
    assert run.finished_at is not None


@pytest.mark.django_db
def test_a_job_that_falls_over_is_written_down_and_stops_no_other():
    results = runner.run_once([job(fall_over, name="tests.fall"), job(count)])

    run = JobRun.objects.get(name="tests.fall")
    assert results == {"tests.fall": False, "tests.count": True}
    assert run.error == "ValueError: the shelf broke"
    assert run.failures == 1
    assert DONE == [7]


@pytest.mark.django_db
def test_a_job_that_recovers_forgets_its_failures():
    runner.run_once([job(fall_over)])
    runner.run_once([job(count)])

    run = JobRun.objects.get(name="tests.count")
    assert (run.failures, run.error) == (0, "")


@pytest.mark.django_db
def test_a_full_batch_is_due_again_at_once():
    runner.take(job(fill_the_batch))
    runner.perform(job(fill_the_batch))

    assert JobRun.objects.get().due_at <= now()


@pytest.mark.django_db(transaction=True)
def test_the_loop_repeats_jobs_until_it_is_told_to_stop():
    stopping = threading.Event()
    jobs = [job(fall_over, name="tests.fall", every_seconds=1), job(count, every_seconds=1)]

    def go_on() -> None:
        runner.run_forever(jobs, stopping)
        connection.close()

    loop = threading.Thread(target=go_on)
    loop.start()
    until(lambda: len(DONE) >= 2, 20, "the job has run twice beside one that falls over")
    stopping.set()
    loop.join(timeout=10)

    assert not loop.is_alive()
    assert JobRun.objects.get(name="tests.fall").failures >= 1


def test_every_job_of_the_house_names_a_function_that_exists():
    jobs = runner.all_jobs()

    assert runner.HEARTBEAT in jobs
    assert len({each.name for each in jobs}) == len(jobs)
    assert [each.name for each in jobs if not callable(runner.import_string(each.function))] == []


@pytest.mark.django_db
def test_the_worker_command_does_one_round(capsys):
    call_command("worker", "--once", "--job", "worker.heartbeat")

    assert JobRun.objects.filter(name="worker.heartbeat").exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_process_beats_and_ends_on_sigterm(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--job", "worker.heartbeat"],
            cwd=ROOT,
            env=program_environment(),
            stdout=log,
            stderr=log,
        )
    until(JobRun.objects.exists, 60, "the worker has beaten")
    os.kill(worker.pid, signal.SIGTERM)

    assert worker.wait(15) == 0
    assert "worker.stopped" in (tmp_path / "log").read_text()


@pytest.mark.django_db
def test_rows_that_fail_are_named_for_the_operator_until_they_went_well():
    broken = job(one_row_falls_over)
    for times in (1, 2):
        assert runner.run_once([broken]) == {broken.name: True}
        run = JobRun.objects.get(name=broken.name)
        assert run.counts == {"put": 2, "failed": 1}
        assert run.error == f"put 2: ValueError: the shelf broke ({times}×)"

    runner.run_once([broken])

    run.refresh_from_db()
    assert (run.counts, run.troubles["put 2"]["failures"]) == ({"put": 2}, 2)
    assert "the shelf broke" in run.error
    JobRun.objects.update(troubles={})
    runner.run_once([job(count, name=broken.name)])
    run.refresh_from_db()
    assert run.error == ""
