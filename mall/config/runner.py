"""Running the jobs: finding them, taking one, doing it, writing down how it went."""

from __future__ import annotations

import importlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, close_old_connections, transaction
from django.utils.module_loading import import_string

from mall.config.models import JobRun
from payments.api import Job, Troubles, now, remembering

log = structlog.get_logger(__name__)

HEARTBEAT: Final = Job(
    name="worker.heartbeat", every_seconds=10, function="mall.config.runner.beat"
)
# A tick that comes a little early still counts, or every second one would be missed.
_EARLY: Final = 0.9
_LONGEST_PAUSE_SECONDS: Final = 5.0
_ERROR_CHARACTERS: Final = 2000


def beat(_limit: int) -> dict[str, int]:
    """Do nothing: that this ran is what /readyz wants to know."""
    return {}


def all_jobs() -> list[Job]:
    """Return the jobs of every floor in ``settings.LINLI_JOBS`` and the heartbeat."""
    jobs = [HEARTBEAT]
    for module in settings.LINLI_JOBS:
        jobs += importlib.import_module(module).JOBS
    return jobs


def job_named(name: str) -> Job:
    """Return the job of this name; raises KeyError."""
    return {job.name: job for job in all_jobs()}[name]


def take(job: Job) -> bool:
    """Take a due job, so that of several runners one does it; say whether we got it."""
    at = now()
    next_due = at + timedelta(seconds=job.every_seconds * _EARLY)
    taken = JobRun.objects.filter(name=job.name, due_at__lte=at).update(
        due_at=next_due, started_at=at
    )
    if taken:
        return True
    try:
        with transaction.atomic():
            _, made = JobRun.objects.get_or_create(
                name=job.name, defaults={"due_at": next_due, "started_at": at}
            )
    except IntegrityError:
        return False
    return made


def perform(job: Job) -> bool:
    """Do a job once, log its counts or its traceback, write both down; say whether it went well."""
    started = time.monotonic()
    run = JobRun.objects.filter(name=job.name)
    troubles = Troubles.of(run.values_list("troubles", flat=True).first() or {})
    try:
        function: Callable[[int], Mapping[str, int]] = import_string(job.function)
        with remembering(troubles):
            counts = dict(function(job.limit))
    except Exception as error:
        log.exception("job.failed", job=job.name)
        message = f"{type(error).__name__}: {error}"[:_ERROR_CHARACTERS]
        failures = run.values_list("failures", flat=True).first() or 0
        run.update(finished_at=now(), error=message, failures=failures + 1)
        return False
    kept = troubles.as_json()
    run.update(finished_at=now(), counts=counts, troubles=kept, error=_in_words(kept), failures=0)
    if any(counts.values()):
        log.info("job.done", job=job.name, ms=round((time.monotonic() - started) * 1000), **counts)
    if sum(counts.values()) - counts.get("failed", 0) >= job.limit:
        run.update(due_at=now())  # a full batch: there is more, do not wait for the period
    return True


def _in_words(troubles: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the rows that fail, with what is wrong, for the operator's list of jobs."""
    lines = (f"{name}: {each['error']} ({each['failures']}×)" for name, each in troubles.items())
    return "\n".join(lines)[:_ERROR_CHARACTERS]


def run_once(jobs: Sequence[Job] | None = None) -> dict[str, bool]:
    """Do every job once, due or not, and return which went well: for tests and operators."""
    results = {}
    for job in jobs if jobs is not None else all_jobs():
        at = now()
        JobRun.objects.update_or_create(name=job.name, defaults={"due_at": at, "started_at": at})
        results[job.name] = perform(job)
    return results


def run_forever(jobs: Sequence[Job], stopping: threading.Event) -> None:
    """Do due jobs in turn until ``stopping`` is set; a job that is being done is finished."""
    # Spread over the first seconds, so that workers started together do not knock together.
    next_look = {job: time.monotonic() + random.uniform(0, 1) for job in jobs}  # noqa: S311
    while not stopping.is_set():
        for job in sorted(next_look, key=lambda each: next_look[each]):
            if stopping.is_set() or next_look[job] > time.monotonic():
                break
            next_look[job] = time.monotonic() + _turn(job)
        pause = min(next_look.values()) - time.monotonic()
        stopping.wait(min(max(pause, 0.01), _LONGEST_PAUSE_SECONDS))


def _turn(job: Job) -> float:
    """Do the job if it is ours to do; return the seconds until we look at it again."""
    with _fresh_connections():
        try:
            if take(job):
                perform(job)
                if JobRun.objects.filter(name=job.name, due_at__lte=now()).exists():
                    return 0.0
        except DatabaseError:
            log.exception("job.database_away", job=job.name)
    return job.every_seconds * random.uniform(_EARLY, 1.1)  # noqa: S311 - jitter, not a secret


@contextmanager
def _fresh_connections() -> Iterator[None]:
    """A worker lives for months; a database connection may not."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
