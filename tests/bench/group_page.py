"""A group's page under load, beside Oscar's own catalogue page: answers a second, and how late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mall.config import processes
from tests.bench.readers import Server, read
from tests.bench.reconciliation import ROOT, on_postgres, on_sqlite
from tests.machines import free_port

GOODS, ENTRIES = 60, 400
_SERVER = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread"]
_SERVER += ["--workers", "2", "--threads", "4"]
_COLUMNS = ("database", "page", "answers a second", "p50", "p95", "CPU of the server", "size")


def measure(sizes: tuple[int, ...] = (ENTRIES,)) -> list[dict[str, float | str]]:
    """Put both malls up on every database and read their pages in parallel."""
    found: list[dict[str, float | str]] = []
    for name, database in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        for entries in sizes:
            with tempfile.TemporaryDirectory(prefix="linli-bench-") as place, database() as url:
                found += [{"database": name, **row} for row in _ours(Path(place), url, entries)]
        with tempfile.TemporaryDirectory(prefix="linli-bench-") as place, _empty(name) as url:
            found += [{"database": name, **row} for row in _oscars(Path(place), url)]
    return found


def section(found: list[dict[str, float | str]]) -> str:
    """Write what was found as a table."""
    rows = [
        f"| {each['database']} | {each['page']} | {each['per_second']:,.0f} | {each['p50']:.0f} ms "
        f"| {each['p95']:.0f} ms | {each['cpu_ms']:.1f} ms | {each['kib']:.0f} KiB |"
        for each in found
    ]
    return "\n".join(
        [f"| {' | '.join(_COLUMNS)} |", f"| --- | --- |{' ---: |' * (len(_COLUMNS) - 2)}", *rows]
    )


def _ours(place: Path, url: str, entries: int) -> Iterator[dict[str, float | str]]:
    settings = "mall.config.settings"
    made = _program(place, url, settings, "group_page_run", str(GOODS), str(entries))
    group = json.loads(made)
    cookie = {"Cookie": f"sessionid={group['session']}"}
    page = f"/g/{group['share_code']}/"
    with _serving(place, url, settings, "mall.config.wsgi") as server:
        yield read(server, "a group, to a stranger", page)
        yield read(server, "a group, to a neighbour with a basket", page, cookie)
        yield read(server, "what moves on it", f"{page}live/")


def _oscars(place: Path, url: str) -> Iterator[dict[str, float | str]]:
    settings = "tests.bench.vanilla"
    _program(place, url, settings, "vanilla", str(GOODS))
    with _serving(place, url, settings, "django.core.wsgi:get_wsgi_application()") as server:
        yield read(server, "Oscar's catalogue, 20 of 60 goods", "/catalogue/")


def _program(place: Path, url: str, settings: str, *words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.program", *words],
        cwd=ROOT,
        env=_environment(place, url, settings),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return (ran.stdout.splitlines() or [""])[-1]


def _environment(place: Path, url: str, settings: str) -> dict[str, str]:
    return os.environ | {
        "LINLI_DATA": str(place),
        "LINLI_STATIC": str(ROOT / ".cache" / "static"),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": settings,
    }


@contextmanager
def _serving(place: Path, url: str, settings: str, program: str) -> Iterator[Server]:
    """A web server of two processes."""
    address = f"127.0.0.1:{free_port()}"
    environment = _environment(place, url, settings) | {"LINLI_SITE_URL": f"http://{address}"}
    command = [*_SERVER, "--bind", address, program]
    process = processes.start(command, log=place / "web.log", env=environment, cwd=ROOT)
    try:
        if not processes.wait_for(lambda: processes.answers(f"http://{address}/"), seconds=90):
            raise RuntimeError(processes.last_lines(place / "web.log", 40))
        yield Server(address=address, group=process.pid)
    finally:
        processes.stop(process)


@contextmanager
def _empty(name: str) -> Iterator[str]:
    """A database with nothing in it."""
    if name == "PostgreSQL":
        with on_postgres() as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="linli-bench-db-") as folder:
        yield f"sqlite:///{folder}/vanilla.sqlite3"
