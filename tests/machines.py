"""PostgreSQL and Redis of our own for one test run: started on demand, gone afterwards."""

from __future__ import annotations

import getpass
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mall.config import processes

# Nothing of a test run has to survive the machine, so nothing waits for the disk.
_POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
}
_INITDB_OPTIONS = [
    "--no-locale",
    "--encoding=UTF8",
    "--auth=trust",  # the socket lies in a folder only this user can enter
    "--no-sync",
    f"--username={getpass.getuser()}",
]


def free_port() -> int:
    """A port nobody listens on, below those the system hands out to clients."""
    while not processes.is_free(port := random.randint(20_000, 32_000)):
        continue
    return port


def postgres_programs() -> Path:
    """The folder of initdb and postgres; Debian keeps them off the PATH."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if told := shutil.which("pg_config"):
        answer = subprocess.run([told, "--bindir"], capture_output=True, text=True, check=False)
        folders.insert(0, Path(answer.stdout.strip()))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise FileNotFoundError("PostgreSQL's server programs are missing: install `postgresql`.")


@contextmanager
def postgres(**other_options: str) -> Iterator[str]:
    """A PostgreSQL cluster in a folder of its own, reached by a socket in it; yields its URL.

    The server refuses to run as root, so root starts it as the user `postgres`.
    """
    programs = postgres_programs()
    home = Path(tempfile.mkdtemp(prefix="linli-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        as_user += ["--pdeathsig=TERM"]
        shutil.chown(home, "postgres", "postgres")
    try:
        subprocess.run(
            [*as_user, programs / "initdb", f"--pgdata={home / 'data'}", *_INITDB_OPTIONS],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        options = {**_POSTGRES_OPTIONS, **other_options, "unix_socket_directories": str(home)}
        server = processes.start(
            [*as_user, programs / "postgres", "-D", home / "data"]
            + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
            log=home / "log",
        )
        try:
            ready = [programs / "pg_isready", "--quiet", f"--host={home}"]
            if not processes.wait_for(
                lambda: subprocess.run(ready, check=False).returncode == 0, seconds=30
            ):
                raise RuntimeError(processes.last_lines(home / "log", 20))
            yield f"postgres:///{home}/postgres"
        finally:
            processes.stop(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """A Redis that keeps nothing; yields its URL."""
    home = Path(tempfile.mkdtemp(prefix="linli-redis-"))
    port = free_port()
    server = processes.start(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", home],
        log=home / "log",
    )
    try:
        if not processes.wait_for(lambda: not processes.is_free(port), seconds=15):
            raise RuntimeError(processes.last_lines(home / "log", 20))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        processes.stop(server)
        shutil.rmtree(home, ignore_errors=True)
