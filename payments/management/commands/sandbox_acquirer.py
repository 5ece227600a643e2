"""Start the sandbox acquirer from manage.py; it is the same separate program either way."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _


class Command(BaseCommand):
    """Hand over to `python -m payments.sandbox`: this process becomes the bank, without Django."""

    help = _("Run the sandbox acquirer, a bank of its own for demonstrations and tests.")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the two that everyone needs; the rest goes through after `--`."""
        parser.add_argument("--port", default="8001")
        parser.add_argument("--data", required=True)
        parser.add_argument("rest", nargs="*", help=_("further options of the program, after --"))

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  the command's interface
        """Replace this process by the program."""
        line = ["--port", str(options["port"]), "--data", str(options["data"]), *options["rest"]]
        os.execv(sys.executable, [sys.executable, "-m", "payments.sandbox", *line])  # noqa: S606  its own program
