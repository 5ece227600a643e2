"""`manage.py worker`: does the work that runs by itself, in one process, with no broker."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

import structlog
from django.core.management.base import BaseCommand

from mall.config import runner

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Run the jobs of every floor: closing groups, sending payments, delivering facts, settling."""

    help = "Run the jobs of every floor until stopped, or each of them once with --once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer a single round, and a choice of jobs."""
        parser.add_argument("--once", action="store_true", help="run each job once and end")
        parser.add_argument("--job", action="append", help="only this job; may be repeated")
        parser.add_argument("--list", action="store_true", help="list the jobs and end")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT; the job that is being done is finished first."""
        jobs = runner.all_jobs()
        if options["job"]:
            jobs = [job for job in jobs if job.name in options["job"]]
        if options["list"]:
            for job in jobs:
                self.stdout.write(f"{job.name:36} every {job.every_seconds} s  {job.function}")
        elif options["once"]:
            results = runner.run_once(jobs)
            if not all(results.values()):
                sys.exit(1)
        else:
            run_until_stopped(jobs)


def run_until_stopped(jobs: list[runner.Job]) -> None:
    """Run the jobs; the first signal asks to end, a second one ends at once."""
    stopping = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            sys.exit(128 + number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log.info("worker.started", jobs=len(jobs))
    runner.run_forever(jobs, stopping)
    log.info("worker.stopped")
