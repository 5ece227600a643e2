"""For whoever watches the installation: does it live, and can it work."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mall.config import runner
from mall.config.models import JobRun
from payments.api import now

log = structlog.get_logger(__name__)

_HEARTBEAT_MAX_AGE: Final = timedelta(seconds=60)
_WELL: Final = "ok"


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer, if this process can. Says nothing of the database: no restart of ours mends it."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Every part this installation needs, each with "ok" or what is wrong; 503 if any is."""
    parts = {name: _answer(question) for name, question in _QUESTIONS.items()}
    ready = all(answer == _WELL for answer in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _answer(question: Callable[[], str]) -> str:
    try:
        return question()
    except Exception as error:  # whatever is wrong, the watcher is to read it
        log.exception("readyz.failed", question=question.__name__)
        return f"failed: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return _WELL


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else _WELL


def _cache() -> str:
    word = uuid.uuid4().hex
    cache.set(f"readyz:{word}", word, timeout=5)
    return _WELL if cache.get(f"readyz:{word}") == word else "does not remember"


def _worker() -> str:
    run = JobRun.objects.filter(name=runner.HEARTBEAT.name).first()
    if run is None:
        return "has never run"
    age = now() - run.started_at
    return _WELL if age <= _HEARTBEAT_MAX_AGE else f"silent for {int(age.total_seconds())} s"


_QUESTIONS: Final = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "worker": _worker,
}
