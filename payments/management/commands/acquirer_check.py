"""Talk with an acquirer before residents do: manage.py acquirer_check CODE, a line per call."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import make_adapter
from payments.models import AcquirerAccount
from payments.services.rehearsal import Line, Rehearsal, amount_for, rehearse


class Command(BaseCommand):
    """Creates, asks about and closes a payment of a cent, and asks for what else there is."""

    help = (
        "Hold a harmless conversation with a configured acquirer account. Prints what was asked, "
        "what came back and how long it took; exits 1 if something is wrong. Nothing is written "
        "into the books: numbers begin with C and belong to no order."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account, and what is to be different from the ordinary conversation."""
        parser.add_argument("code", help="the account, for example sandbox")
        parser.add_argument("--account-version", type=int, help="another version than the newest")
        parser.add_argument("--amount-minor", type=int, default=1, help="in fen; 1 unless refused")
        parser.add_argument(
            "--leave-open", action="store_true", help="do not close: print the page to pay it on"
        )
        parser.add_argument(
            "--paid",
            default="",
            metavar="C…",
            help="a payment left open before and paid since: ask about it and give it back "
            "(only in a test environment)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Hold the conversation; CommandError with exit code 1 where an answer is wrong."""
        account = _account(options["code"], options["account_version"])
        try:
            adapter = make_adapter(account)
            play = Rehearsal(
                account=account,
                adapter=adapter,
                amount=amount_for(adapter, options["amount_minor"]),
                leave_open=options["leave_open"],
                paid=options["paid"],
            )
            lines = self._play(play, is_quiet=options["json"])
        except (ConfigError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            told = {"account": str(account), "lines": [asdict(line) for line in lines]}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        wrong = sum(line.is_right is False for line in lines)
        if wrong:
            raise CommandError(f"{account}: {wrong} of {len(lines)} answers are wrong")
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS(f"{account}: all is well"))

    def _play(self, play: Rehearsal, *, is_quiet: bool) -> list[Line]:
        lines = []
        for line in rehearse(play):
            lines.append(line)
            if not is_quiet:
                self._tell(line)
        return lines

    def _tell(self, line: Line) -> None:
        marks = {True: self.style.SUCCESS("ok   "), False: self.style.ERROR("WRONG")}
        mark = marks.get(line.is_right, "-    ") if line.is_right is not None else "-    "
        time = f"{line.ms:>6} ms" if line.is_right is not None else " " * 9
        self.stdout.write(f"{mark} {time}  {line.asked:<15} {line.number:<21} {line.answer}")
        if line.page:
            self.stdout.write(f"{'':17}{line.page}")


def _account(code: str, version: int | None) -> AcquirerAccount:
    rows = AcquirerAccount.objects.filter(code=code).order_by("-version")
    found = rows.filter(version=version).first() if version else rows.first()
    if found is None:
        known = sorted({*AcquirerAccount.objects.values_list("code", flat=True)})
        raise CommandError(f"there is no account {code}; there are: {', '.join(known) or 'none'}")
    return found
