"""Draw a rain again from its seed and say whether every draw was right."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mall.redpackets.models import RainSession
from mall.redpackets.replay import replay
from payments.api import one_moment


class Command(BaseCommand):
    """Exit 0 when all is as the seed, the odds and the budget say; 1 and the lines otherwise."""

    help = "Recompute every draw of a red-packet rain from its seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask which rain."""
        parser.add_argument("session", help="the rain's code, as in its address /rain/<code>/")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw again and compare."""
        del args
        with one_moment():
            session = RainSession.objects.filter(code=options["session"]).first()
            if session is None:
                raise CommandError(f"there is no rain {options['session']}")
            found = replay(session)
        for sentence in found.wrong:
            self.stdout.write(sentence)
        self.stdout.write(
            f"{session.code}: {found.draws} draws, {found.wins} packets, "
            f"{found.spent_minor / 100:.2f} of {session.budget_minor / 100:.2f} given, "
            f"seed sha256 {session.seed_sha256}, {len(found.wrong)} wrong"
        )
        if found.wrong:
            raise CommandError("the rain was not drawn as its seed says")
