"""The other runner of the same jobs: Celery workers and beat, for installations on many machines.

    celery --app mall.config.celery worker        and, once,
    celery --app mall.config.celery beat

A message only says "look now". The rows are the queue, so a lost message loses nothing and a
doubled one does nothing twice; there are no countdown tasks, which Redis would deliver again.
"""

from __future__ import annotations

import os

import django
from celery import Celery
from django.apps import apps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mall.config.settings")
if not apps.ready:
    django.setup()

from mall.config import runner

_HARD_LIMIT_SECONDS = 90

app = Celery("linli")
app.conf.update(
    broker_url=settings.REDIS_URL or None,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 10 * _HARD_LIMIT_SECONDS},
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_soft_time_limit=60,
    task_time_limit=_HARD_LIMIT_SECONDS,
    task_default_queue="linli",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone=settings.TIME_ZONE,
    beat_schedule_filename=str(settings.DATA_DIR / "celerybeat-schedule"),
    beat_schedule={
        job.name: {
            "task": "linli.run_job",
            "schedule": job.every_seconds,
            "args": [job.name],
            # A worker that comes back after an hour need not look 240 times.
            "options": {"expires": job.every_seconds},
        }
        for job in runner.all_jobs()
    },
)


@app.task(name="linli.run_job")
def run_job(name: str) -> None:
    """Do the job of this name if it is due and nobody else has taken it."""
    job = runner.job_named(name)
    if runner.take(job):
        runner.perform(job)
