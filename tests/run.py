"""The whole test run: static checks, then every test on SQLite and on PostgreSQL.

python -m tests.run all                     what `make test` does
python -m tests.run check                   static checks only
python -m tests.run sqlite [pytest args]    some tests on SQLite
python -m tests.run postgres [pytest args]  the same on a PostgreSQL started for them
python -m tests.run bench [name ...]        benchmarks (bills, offers, group_page)
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.bench.run import main as bench
from tests.machines import postgres

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
# The rooms that hold under mypy's strict rules; a room joins when it does.
TYPED_ROOMS = [
    *(f"payments/{room}" for room in ("kernel", "acquiring", "ledger", "models", "services")),
    *(
        f"payments/{room}"
        for room in ("cashier", "rest_api", "invariants", "sandbox", "reconciliation")
    ),
    *(f"payments/{room}.py" for room in ("api", "jobs", "outbox", "selectors", "wallet")),
    "groupleader/services",
    "groupleader/models",
]
STATIC_CHECKS = {
    "ruff format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "ruff": [BIN / "ruff", "check", "--quiet", "."],
    "import rules": [BIN / "lint-imports", "--no-cache"],
    "types": [BIN / "mypy", "--no-error-summary", "--follow-imports=silent", *TYPED_ROOMS],
    "templates": [BIN / "djlint", "--lint", "--quiet", "templates"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "system checks": [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
}
# What does not ask our database: `make demo` brings its own SQLite file, the sandbox acquirer keeps
# books of its own, adapters keep nothing. A second time would say nothing new.
_STRIPE = [
    "bills",
    "connect",
    "encoding",
    "localstripe",
    "published",
    "refusals",
    "strict",
    "webhooks",
]
# Acquirers' protocols: only a day and the services ask our database.
_ACQUIRERS = [
    *(
        f"--ignore-glob=tests/payments/{name}/test_[!cds]*.py"
        for name in ("alipay", "ccb", "ccb_hsb", "unionpay", "wechatpay")
    ),
    *(f"--ignore=tests/payments/{name}/test_dialect.py" for name in ("alipay", "wechatpay")),
    "--ignore=tests/payments/unionpay/test_certificates.py",
]
# How pages look is judged once; that every list and form of the admin opens is tried on both.
_PAGES = [
    *("--ignore=tests/mall/storefront", "--ignore=tests/payments/admin"),
    *(f"--ignore-glob=tests/{place}/test_*pages.py" for place in ("mall/*", "groupleader")),
    "--ignore-glob=tests/mall/*/test_page.py",
]
# Rooms that read and tell: what they ask of a database they ask through Django alone. Their races
# are run on both.
_READING = [
    *(f"mall/{room}" for room in ("banks", "insight", "messaging", "offerdesk", "reviews")),
    *("mall/rest_api", "mall/telling", "mall/webhooks"),
]
# Pure arithmetic and words.
_PURE = [
    *(
        f"mall/promotions/test_{part}"
        for part in ("boundaries", "evaluation", "guide", "reference")
    ),
    *("config/test_checks", "config/test_logs", "mall/test_languages"),
    *("mall/ordering/test_parts", "mall/vouchers/test_evaluation", "payments/ledger/test_money"),
]
SQLITE_ONLY = [
    "--ignore=tests/config/test_demo.py",
    *(f"--ignore=tests/{part}.py" for part in _PURE),
    *(f"--ignore-glob=tests/{room}/test_[!r]*.py" for room in _READING),
    # How pages move in a browser; the story of an order is told on both.
    "--ignore-glob=tests/browser/test_[!s]*.py",
    "--ignore=tests/browser/test_scanning.py",
    *_PAGES,
    "--ignore=tests/contract",
    "--ignore=tests/payments/acquiring",
    "--ignore=tests/payments/sandbox",
    *(f"--ignore=tests/payments/stripe/test_{part}.py" for part in _STRIPE),
    *_ACQUIRERS,
    # Plays bring a scratch database; of the seeds some are played on PostgreSQL too.
    *(f"--ignore=tests/faults/test_{part}.py" for part in ("controls", "regressions", "replay")),
    # Who may ask which address, and how the code is built, no database decides.
    *("--ignore=tests/architecture", "--ignore=tests/groupleader/sweep"),
    "--ignore=tests/config/test_celery.py",
]
# Buyers over HTTP wait in line before SQLite's one writer; those without HTTP race on both.
POSTGRES_ONLY = ["--ignore=tests/races/test_http_races.py"]
PLAYS = "tests/faults"
# One more than there are cores: a test that waits for another program leaves its core to the next.
_PROCESSES = str((os.cpu_count() or 1) + 1)
FULL_RUN = ["-n", os.environ.get("LINLI_TEST_PROCESSES", _PROCESSES), "--dist", "worksteal"]


@dataclass(frozen=True)
class Counts:
    """How a part of the run ended."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def check() -> Counts:
    """Run every static check; each that fails counts as one failure."""
    failures = 0
    for name, command in STATIC_CHECKS.items():
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        verdict = "FAILED" if done.returncode else "ok"
        say(f"{name:15} {verdict} ({time.monotonic() - started:.0f} s)")
        if done.returncode:
            failures += 1
            sys.stdout.buffer.write(done.stdout)
    return Counts(failed=failures)


def on_sqlite(arguments: Sequence[str]) -> Counts:
    """Run the tests on SQLite files."""
    return _pytest("SQLite", {"DATABASE_URL": ""}, arguments)


def on_postgres(arguments: Sequence[str]) -> Counts:
    """Run the tests on PostgreSQL: the one DATABASE_URL names, or one started for this run."""
    named = os.environ.get("DATABASE_URL", "")
    if named.startswith("postgres"):
        return _pytest("PostgreSQL", {"DATABASE_URL": named}, arguments)
    with postgres() as url:
        return _pytest("PostgreSQL", {"DATABASE_URL": url}, arguments)


def everything() -> Counts:
    """Check, then run every test on SQLite and on PostgreSQL.

    The empty databases are made meanwhile: migrating one from nothing takes more than a minute.
    """
    with ExitStack() as stack:
        stack.enter_context(_template_in_the_making(""))
        counts = check()
        url = os.environ.get("DATABASE_URL", "")
        if not url.startswith("postgres"):
            url = stack.enter_context(postgres())
        stack.enter_context(_template_in_the_making(url))
        counts += on_sqlite([*FULL_RUN, *POSTGRES_ONLY])
        return counts + _pytest("PostgreSQL", {"DATABASE_URL": url}, [*FULL_RUN, *SQLITE_ONLY])


@contextmanager
def _template_in_the_making(url: str) -> Iterator[None]:
    """Let another process make a template; if that fails, the tests try again and say why."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "mall.config.settings",
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.databases"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        _end(child)


def _pytest(database: str, environment: dict[str, str], arguments: Sequence[str]) -> Counts:
    say(f"\nTests on {database}: pytest {' '.join(arguments)}")
    with tempfile.TemporaryDirectory(prefix="linli-run-") as folder:
        report = Path(folder) / "report.xml"
        child = subprocess.Popen(
            [sys.executable, "-m", "pytest", f"--junit-xml={report}", *arguments],
            cwd=ROOT,
            env={name: value for name, value in (os.environ | environment).items() if value},
            start_new_session=True,
        )
        try:
            code = child.wait()
        finally:
            # Also when this program is told to stop: pytest's own processes are in its group.
            _end(child)
        counts = _read(report)
    # Nothing collected, or a crash before the report: that is a failure even with no failed test.
    return counts + Counts(failed=1) if code and not counts.failed else counts


def _end(child: subprocess.Popen[bytes]) -> None:
    for number, patience in ((signal.SIGINT, 30), (signal.SIGKILL, None)):
        try:
            os.killpg(child.pid, number)
            child.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _read(report: Path) -> Counts:
    if not report.exists():
        return Counts()
    suites = ET.parse(report).getroot().iter("testsuite")
    counts = Counts()
    for suite in suites:
        total, failures, errors, skipped = (
            int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
        )
        failed = failures + errors
        counts += Counts(total - failed - skipped, failed, skipped)
    return counts


def say(line: str) -> None:
    """Print at once: the log of a run is read while it runs."""
    print(line, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Do the part of the run that was asked for and end with its counts on a line of their own."""
    part, *rest = arguments or ["all"]
    parts: dict[str, Callable[[], Counts]] = {
        "check": check,
        "sqlite": lambda: on_sqlite(rest),
        "postgres": lambda: on_postgres(rest),
        "bench": lambda: Counts(failed=bench(rest)),
        # The plays bring a scratch database, and SQLite's is put back a hundred times faster.
        "nightly": lambda: (
            on_postgres([*FULL_RUN, "-m", "nightly", f"--ignore={PLAYS}"])
            + on_sqlite([*FULL_RUN, "-m", "nightly", PLAYS])
        ),
        "all": everything,
    }
    if part not in parts:
        say(__doc__ or "")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    counts = parts[part]()
    if part != "check":
        say("")
        say(str(counts))
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
