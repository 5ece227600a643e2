"""The house under fire: web server and worker as processes that are killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

from django.conf import settings
from django.db import DatabaseError, connection

from mall.config import processes
from tests.databases import ROOT
from tests.kills.cluster import Cluster
from tests.servers import program_environment

_WEB = [sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket", "--timeout", "20"]
_WEB += ["--worker-class", "gthread", "--threads", "4", "--workers", "2", "--graceful-timeout", "1"]
_WORKER = [sys.executable, "manage.py", "worker"]
_START_SECONDS = 90


class House:
    """Everything of ours that runs; the acquirer is a stranger and keeps running."""

    # How often each is chosen. A web worker or a connection comes back by itself and soon.
    VICTIMS = {"web worker": 6, "worker": 2, "web server": 1, "database": 2, "connection": 2}

    def __init__(self, cluster: Cluster) -> None:
        """Take charge of a house on this database."""
        self.cluster = cluster
        self.url = settings.SITE_URL
        self.logs = settings.DATA_DIR
        self._web: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start what does not run, and wait until residents can come in."""
        if not self.cluster.is_ready():
            processes.wait_for(self.cluster.is_ready, seconds=5)
        if not self.cluster.is_ready():
            self.cluster.start()
        if self._web is None or self._web.poll() is not None:
            address = self.url.removeprefix("http://")
            self._web = self._start([*_WEB, "--bind", address, "mall.config.wsgi"], "web.log")
        if self._worker is None or self._worker.poll() is not None:
            self._worker = self._start(_WORKER, "worker.log")
        if not processes.wait_for(self.is_open, seconds=_START_SECONDS):
            raise RuntimeError(processes.last_lines(self.logs / "web.log", 40))

    def is_open(self) -> bool:
        """Whether a page that needs the database answers."""
        return processes.answers(f"{self.url}/points/")

    def kill(self, victim: str, dice: Random) -> None:
        """Kill one part without a word, and start what does not come back by itself."""
        if victim == "web worker":
            _kill_one(_children(self._web), dice)
        elif victim == "connection":
            self._kill_a_connection(dice)
        elif victim == "database":
            self.cluster.stop_at_once()
            self.cluster.start()
        else:
            process = self._web if victim == "web server" else self._worker
            _kill_group(process)
            self.open()

    def close(self) -> None:
        """Stop everything."""
        running = [process for process in (self._worker, self._web) if process is not None]
        processes.stop_all(running)

    def _start(self, command: list[str], log: str) -> subprocess.Popen[bytes]:
        environment = program_environment()
        return processes.start(command, log=self.logs / log, env=environment, cwd=ROOT)

    def _kill_a_connection(self, dice: Random) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pid FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
                pids = [pid for (pid,) in cursor.fetchall()]
        except DatabaseError:
            pids = []  # it is just coming back
        finally:
            connection.close()
        _kill_one(pids, dice)


def _children(process: subprocess.Popen[bytes] | None) -> list[int]:
    if process is None:
        return []
    file = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def _kill_one(pids: list[int], dice: Random) -> None:
    if pids:
        _kill(os.kill, dice.choice(pids))


def _kill_group(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        _kill(os.killpg, process.pid)
        process.wait()


def _kill(how: object, pid: int) -> None:
    try:
        how(pid, signal.SIGKILL)  # type: ignore[operator]
    except ProcessLookupError:
        return
