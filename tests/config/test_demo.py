"""`make demo`: three programs that start together, and of which none is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from mall.config import processes
from mall.config.demo import Demo
from tests.databases import ROOT, sqlite_template
from tests.machines import free_port
from tests.waiting import until

START_SECONDS = 300


@dataclass
class Run:
    """A demo that was started, and what it said."""

    demo: Demo
    process: subprocess.Popen[bytes]
    output: Path

    def says(self, words: str) -> bool:
        return words in self.output.read_text()

    def ended(self) -> str:
        """Wait for its end and return what it said."""
        self.process.wait(60)
        return self.output.read_text()

    def programs(self) -> dict[int, str]:
        """What it has started and not yet lost, by process number."""
        found = {self.process.pid: ""}
        for pid, parent, line in _processes():
            if parent in found:
                found[pid] = line
        return {pid: line for pid, line in found.items() if line}


def _processes() -> list[tuple[int, int, str]]:
    """Every living process: number, parent, command line; older ones first."""
    table = subprocess.run(
        ["ps", "-eww", "-o", "pid=,ppid=,stat=,args=", "--sort=start_time"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(maxsplit=3) for line in table.stdout.splitlines()]
    return [(int(row[0]), int(row[1]), row[3]) for row in rows if not row[2].startswith("Z")]


def alive(programs: dict[int, str]) -> list[str]:
    running = {pid: line for pid, _, line in _processes()}
    return [line for pid, line in programs.items() if running.get(pid) == line]


@pytest.fixture
def start(tmp_path) -> Iterator:
    """``start(demo)`` starts it as `make` would."""
    runs = []

    def _start(demo: Demo) -> Run:
        output = tmp_path / f"demo-{len(runs)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "mall.config.demo", "run", "--port", str(demo.port)],
                cwd=ROOT,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        runs.append(Run(demo, process, output))
        return runs[-1]

    yield _start
    for run in runs:
        processes.stop(run.process)
        shutil.rmtree(run.demo.data, ignore_errors=True)


@pytest.fixture
def demo() -> Demo:
    port = free_port()
    while not (processes.is_free(port + 1) and processes.is_free(port + 2)):
        port = free_port()
    return Demo(port)


def ready(run: Run) -> Run:
    until(
        lambda: run.says("READY ") or run.process.poll() is not None,
        START_SECONDS,
        "the demo is up",
    )
    assert run.says(f"READY {run.demo.site}/"), run.output.read_text()
    return run


@pytest.mark.timeout(900)
def test_it_starts_keeps_its_data_and_leaves_nothing_running(start, demo):
    # The migrations have tests of their own; here they would be half of the time.
    demo.data.mkdir(parents=True)
    shutil.copy(sqlite_template(), demo.data / "linli.sqlite3")

    first = ready(start(demo))
    key, programs = (demo.data / "secret_key").read_text(), first.programs()
    for part in ("payments.sandbox", "manage.py worker", "gunicorn mall.config.wsgi"):
        assert any(part in line for line in programs.values()), part
    assert requests.get(f"{demo.site}/readyz").json()["ready"] is True
    assert requests.get(f"{demo.bank}/healthz").status_code == 200
    first.process.send_signal(signal.SIGTERM)
    assert "stopping" in first.ended()
    assert first.process.returncode == 0
    assert alive(programs) == []

    second = ready(start(demo))
    programs = second.programs()
    assert (demo.data / "secret_key").read_text() == key
    # Killed without a chance to say goodbye, it takes its programs along all the same.
    second.process.kill()
    until(lambda: not alive(programs), 20, "its programs have ended")

    third = ready(start(demo))
    programs = third.programs()
    os.kill(next(pid for pid, line in programs.items() if "gunicorn" in line), signal.SIGKILL)
    said = third.ended()
    assert third.process.returncode == 1
    assert "web ended with -9" in said
    assert "Listening at" in said  # the end of its log
    assert alive(programs) == []


def test_a_taken_port_is_named_with_the_way_out(start, demo):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", demo.port + 1))
        other.listen()

        said = start(demo).ended()

    assert f"Port {demo.port + 1} is taken" in said
    assert "PORT=9000 make demo" in said
    assert not demo.data.exists()


def test_a_reset_deletes_this_demos_folder_only(demo):
    neighbour = demo.data.parent / f"demo-{demo.port}-neighbour"
    for folder in (demo.data, neighbour):
        folder.mkdir(parents=True)

    subprocess.run(
        [sys.executable, "-m", "mall.config.demo", "reset", "--port", str(demo.port)],
        cwd=ROOT,
        check=True,
    )

    assert not demo.data.exists()
    assert neighbour.exists()
    neighbour.rmdir()


def test_the_shells_own_settings_stay_out(demo, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://real/books")
    monkeypatch.setenv("LINLI_SMS_BACKEND", "operator.sms.Backend")

    environment = demo.environment()

    assert "DATABASE_URL" not in environment
    assert "LINLI_SMS_BACKEND" not in environment
    assert environment["LINLI_DEMO"] == "true"
    shutil.rmtree(demo.data)
