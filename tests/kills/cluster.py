"""A PostgreSQL cluster to be killed: of its own, so that nobody else's tests feel it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mall.config import processes
from tests.machines import _INITDB_OPTIONS, postgres_programs

# What was said to be committed must be there after a crash of the server, so commits wait for the
# log; the machine itself does not crash, so nothing waits for the disk.
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "150",
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "64MB",
    "restart_after_crash": "on",
}
_START_SECONDS = 60


class Cluster:
    """A server that can be stopped at once, as a power switch does, and started again."""

    def __init__(self, home: Path) -> None:
        """Make an empty cluster in a folder."""
        self.home = home
        self._programs = postgres_programs()
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(home, "postgres", "postgres")
        self._run("initdb", f"--pgdata={home / 'data'}", *_INITDB_OPTIONS)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgres:///{self.home}/linli"

    def start(self) -> None:
        """Start the server and wait until it takes connections, whatever it has to recover."""
        options = {**_OPTIONS, "unix_socket_directories": str(self.home)}
        self._server = processes.start(
            [*self._as_user, self._programs / "postgres", "-D", self.home / "data"]
            + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
            log=self.home / "log",
        )
        if not processes.wait_for(self.is_ready, seconds=_START_SECONDS):
            raise RuntimeError(processes.last_lines(self.home / "log", 20))

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        ask = [self._programs / "pg_isready", "--quiet", f"--host={self.home}"]
        return subprocess.run(ask, check=False).returncode == 0

    def stop_at_once(self) -> None:
        """Do what `pg_ctl stop -m immediate` does: no farewell, recovery at the next start."""
        self._run("pg_ctl", "stop", "-D", self.home / "data", "-m", "immediate", "-w")
        if self._server is not None:
            self._server.wait()

    def kill_backend(self, pid: int) -> None:
        """SIGKILL one connection's process; the server then throws everybody out and recovers."""
        os.kill(pid, signal.SIGKILL)

    def load(self, source: str) -> None:
        """Copy another database into this cluster's own."""
        subprocess.run([self._programs / "createdb", f"--host={self.home}", "linli"], check=True)
        with (self.home / "copy.log").open("wb") as log:
            dump = subprocess.Popen(
                [self._programs / "pg_dump", "--no-owner", source], stdout=subprocess.PIPE
            )
            subprocess.run(
                [self._programs / "psql", "-q", f"--host={self.home}", "linli"],
                stdin=dump.stdout,
                stdout=log,
                stderr=log,
                check=True,
            )
            if dump.wait():
                raise RuntimeError("the database could not be copied")

    def stop(self) -> None:
        """End the server for good."""
        if self._server is not None:
            processes.stop(self._server)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [*self._as_user, self._programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def own_cluster(source: str) -> Iterator[Cluster]:
    """A running cluster holding a copy of the database at `source`; gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="linli-kills-"))
    cluster = Cluster(home)
    try:
        cluster.start()
        cluster.load(source)
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
