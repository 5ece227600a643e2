"""The running mall: the real web server in processes of its own, on this test's database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from mall.config import processes, runner
from tests import machines
from tests.databases import ROOT, database_url

WEB_PROCESSES = 3
_GUNICORN = [sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket"]
_GUNICORN += ["--worker-class", "gthread", "--threads", "4", "--workers", str(WEB_PROCESSES)]
_START_SECONDS = 90


@dataclass(frozen=True)
class LiveMall:
    """A mall that answers at ``url``; its rows are the rows the test commits and reads."""

    url: str
    log: Path

    def run_jobs(self, *names: str) -> dict[str, bool]:
        """Do the jobs of these names (of all by default) now, once; return which went well."""
        jobs = [job for job in runner.all_jobs() if not names or job.name in names]
        if unknown := set(names) - {job.name for job in jobs}:
            raise LookupError(f"no such job: {sorted(unknown)}")
        return runner.run_once(jobs)


def program_environment() -> dict[str, str]:
    """What a program of the house needs to be part of this test's installation."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "mall.config.settings",
        "DATABASE_URL": database_url(),
        "LINLI_STATIC": str(ROOT / ".cache" / "static"),
        "LINLI_SITE_URL": settings.SITE_URL,
    }


@contextmanager
def serving(url: str, *, program: str = "mall.config.wsgi", **more: str) -> Iterator[LiveMall]:
    """A web server of this test's installation, stopped at the end; ``more`` joins its settings."""
    environment = program_environment() | {"LINLI_SITE_URL": url} | more
    log = settings.DATA_DIR / f"web-{url.rpartition(':')[2]}.log"
    address = url.removeprefix("http://")
    web = processes.start(
        [*_GUNICORN, "--bind", address, program], log=log, env=environment, cwd=ROOT
    )
    try:
        if not processes.wait_for(
            lambda: processes.answers(f"{url}/healthz"), seconds=_START_SECONDS
        ):
            pytest.fail(f"the mall did not start:\n{processes.last_lines(log, 40)}")
        yield LiveMall(url=url, log=log)
    finally:
        processes.stop(web)


@pytest.fixture(scope="session")
def running_web(django_db_setup, django_db_blocker) -> Iterator[LiveMall]:
    """The web server, started once per test process and left running between tests.

    It has an address of its own: what the acquirer tells a test without ``live_mall`` must reach
    nobody, or the answer to a call and the message about it would race in that test.
    """
    environment = program_environment()
    subprocess.run(
        [sys.executable, "manage.py", "collect_assets"], cwd=ROOT, env=environment, check=True
    )
    with serving(f"http://127.0.0.1:{machines.free_port()}") as mall:
        yield mall


@pytest.fixture
def live_mall(transactional_db, acquirer, running_web, settings) -> LiveMall:
    """The running mall with the sandbox acquirer beside it and an empty, migrated database."""
    settings.SITE_URL = running_web.url
    return running_web


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis of the test's own."""
    with machines.redis() as url:
        yield url
