"""The demo: starts the sandbox acquirer, the web server and the worker, watches them, stops them.

python -m mall.config.demo run --port 8000      what `make demo` does
python -m mall.config.demo reset --port 8000    throw the demo's data away
python -m mall.config.demo manage --port 8000 verify_books     a command on the demo's data
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mall.config import processes

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 300  # a slow machine is no reason to give up
_WATCH_SECONDS = 0.2
_SHOWN_LINES = 20


SANDBOX = "sandbox"


@dataclass(frozen=True)
class Demo:
    """One demo: everything about it follows from its port."""

    port: int
    # whose page a resident pays at: the sandbox's own, or one of the dialects it speaks
    acquirer: str = SANDBOX

    @property
    def site(self) -> str:
        """The mall's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bank(self) -> str:
        """The sandbox acquirer's address."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def bank_admin(self) -> str:
        """Where the sandbox acquirer takes commands: faults, its clock, a stand-in for payers."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port this demo listens on."""
        return (self.port, self.port + 1, self.port + 2)

    @property
    def data(self) -> Path:
        """The only folder this demo writes to, and the only one a reset deletes."""
        return ROOT / ".data" / f"demo-{self.port}"

    def environment(self) -> dict[str, str]:
        """The demo's settings. Those of the shell stay out: they could name a real database."""
        ours = ("LINLI_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "mall.config.settings",
            "LINLI_DEMO": "true",
            "LINLI_OPERATOR_NAME": "邻里团社区团购（演示）",
            "LINLI_DATA": str(self.data),
            "LINLI_STATIC": str(ROOT / ".cache" / "static"),
            "LINLI_SECRET_KEY": self._secret_key(),
            "LINLI_SITE_URL": self.site,
            "LINLI_SANDBOX_URL": self.bank,
            "LINLI_SANDBOX_ADMIN_URL": self.bank_admin,
            "LINLI_SANDBOX_KEYS": str(self.data / "sandbox" / "keys"),
            "LINLI_ACQUIRER_ACCOUNT": self.acquirer,
            "PYTHONUNBUFFERED": "1",
        }

    def _secret_key(self) -> str:
        self.data.mkdir(parents=True, exist_ok=True)
        file = self.data / "secret_key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(50))
        return file.read_text()


class StoppedError(Exception):
    """Somebody asked for the end; not an error to a person."""


class Supervisor:
    """Starts the programs one after the other and leaves none of them behind."""

    def __init__(self, demo: Demo) -> None:
        """Start nothing yet."""
        self._demo = demo
        self._environment = demo.environment()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._is_asked_to_stop = False
        self._parent = os.getppid()

    def run(self) -> None:
        """Start all, say READY, watch until asked to stop. Raises SystemExit when one dies."""
        demo, python = self._demo, sys.executable
        bank_arguments = ["--port", str(demo.port + 1), "--data", demo.data / "sandbox"]
        # The demo's past is played through the admin plane.
        bank_arguments += ["--admin-port", str(demo.port + 2), "--dialect", "all"]
        bank_arguments += [
            "--merchant-notify-url",
            f"{demo.site}/payments/notify/{{dialect}}/",
        ]
        with self._cleaning_up():
            say("1/3 沙箱收单行 / sandbox acquirer …")
            self._start("acquirer", [python, "-m", "payments.sandbox", *bank_arguments])
            self._wait_for(f"{demo.bank}/")
            say("2/3 数据库与演示数据 / database and demo data …")
            # The past was paid at the sandbox's own page, whoever collects now.
            before = {"LINLI_ACQUIRER_ACCOUNT": SANDBOX}
            self._start("prepare", [python, "manage.py", "demo_prepare"], before)
            self._wait_for_end("prepare")
            say("3/3 商城与后台任务 / web server and worker …")
            self._start("worker", [python, "manage.py", "worker"])
            self._start("web", [python, "-m", "gunicorn", *_gunicorn_arguments(demo.port)])
            self._wait_for(f"{demo.site}/readyz")
            # Its last heartbeat may be a moment old, from before a quick restart.
            self._wait_for_words("worker", "worker.started")
            say(_welcome(demo))
            say(f"READY {demo.site}/")
            while True:
                self._watch()

    @contextmanager
    def _cleaning_up(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asked for that
                signal.signal(number, self._ask_to_stop)
        try:
            yield
        except StoppedError:
            say("\n正在停止 / stopping …")
        finally:
            processes.stop_all(self._running.values())

    def _ask_to_stop(self, *_signal: object) -> None:
        self._is_asked_to_stop = True

    def _start(
        self, name: str, args: Sequence[str | Path], changed: Mapping[str, str] | None = None
    ) -> None:
        log = self._log(name)
        log.unlink(missing_ok=True)
        environment = {**self._environment, **(changed or {})}
        self._running[name] = processes.start(args, log=log, env=environment, cwd=ROOT)

    def _log(self, name: str) -> Path:
        return self._demo.data / "logs" / f"{name}.log"

    def _watch(self) -> None:
        """One look at everything that must go on; returns after a moment."""
        # A killed `make` cannot say goodbye; then we have a new parent.
        if self._is_asked_to_stop or os.getppid() != self._parent:
            raise StoppedError
        for name, process in self._running.items():
            if process.poll() is not None:
                self._give_up(name, f"ended with {process.returncode}")
        processes.pause(_WATCH_SECONDS)

    def _wait_for(self, url: str) -> None:
        def has_begun() -> bool:
            self._watch()
            return processes.answers(url)

        if not processes.wait_for(has_begun, seconds=_START_SECONDS):
            newest = list(self._running)[-1]
            self._give_up(newest, f"gave no answer at {url} within {_START_SECONDS} s")

    def _wait_for_words(self, name: str, words: str) -> None:
        def has_said() -> bool:
            self._watch()
            return words in self._log(name).read_text(errors="replace")

        if not processes.wait_for(has_said, seconds=_START_SECONDS):
            self._give_up(name, f"did not say {words} within {_START_SECONDS} s")

    def _wait_for_end(self, name: str) -> None:
        process = self._running[name]
        while process.poll() is None:
            self._watch()
        if process.returncode:
            self._give_up(name, f"ended with {process.returncode}")
        del self._running[name]

    def _give_up(self, name: str, what: str) -> None:
        log = self._log(name)
        say(f"\n程序 {name} 出错，其余将停止 / {name} {what}; stopping the rest. From {log}:\n")
        say(processes.last_lines(log, _SHOWN_LINES))
        sys.exit(1)


def reset(demo: Demo) -> None:
    """Delete the demo's own folder. Raises SystemExit while the demo runs."""
    if not all(processes.is_free(port) for port in demo.ports):
        say(f"演示仍在运行，请先停止 / The demo on port {demo.port} is running: stop it first.")
        sys.exit(1)
    shutil.rmtree(demo.data, ignore_errors=True)
    say(f"已清空 / Deleted {demo.data.relative_to(ROOT)}. Start afresh: PORT={demo.port} make demo")


def run(demo: Demo) -> None:
    """Run the demo until it is stopped. Raises SystemExit when a port is taken."""
    for port in demo.ports:
        if not processes.is_free(port):
            say(f"端口 {port} 已被占用（可能已有一个演示在运行）。换一个端口：PORT=9000 make demo")
            say(f"Port {port} is taken, perhaps by a demo that runs already. PORT=9000 make demo")
            sys.exit(1)
    Supervisor(demo).run()


def manage(demo: Demo, command: Sequence[str]) -> None:
    """Run a management command on the demo's data, in place of this program."""
    os.execve(  # noqa: S606 - no shell is wanted
        sys.executable, [sys.executable, str(ROOT / "manage.py"), *command], demo.environment()
    )


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _gunicorn_arguments(port: int) -> list[str]:
    options = {
        "bind": f"127.0.0.1:{port}",
        "worker-class": "gthread",
        "workers": "2",
        "threads": "4",
        "graceful-timeout": "3",
    }
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    # The control socket has one place per person, and several demos may run.
    return ["mall.config.wsgi", "--preload", "--no-control-socket", *given]


def _welcome(demo: Demo) -> str:
    """What load_demo has to say about its people and cards, under the addresses."""
    written = demo.data / "welcome.txt"
    addresses = (
        f"\n邻里团演示 / Linli demo\n"
        f"  居民商城 / the mall               {demo.site}/\n"
        f"  团长工作台 / the leader's pages    {demo.site}/leader/\n"
        f"  管理后台 / the admin               {demo.site}/admin/\n"
        f"  沙箱收单行 / the sandbox acquirer  {demo.bank}/\n"
        f"  沙箱管理面 / its admin plane        {demo.bank_admin}/_faults\n"
    )
    return addresses + ("\n" + written.read_text() if written.exists() else "")


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 1024 <= port <= 65_000:
        raise argparse.ArgumentTypeError(f"PORT is a number from 1024 to 65000, not {text!r}")
    return port


def main() -> None:
    """Read what is wanted and do it."""
    parser = argparse.ArgumentParser(description="Run the demo.")
    parser.add_argument("what", choices=["run", "reset", "manage"])
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument("--acquirer", default=SANDBOX)
    given, rest = parser.parse_known_args()
    demo = Demo(given.port, given.acquirer or SANDBOX)
    if given.what == "manage":
        manage(demo, rest)
    elif given.what == "reset":
        reset(demo)
    else:
        run(demo)


if __name__ == "__main__":
    main()
