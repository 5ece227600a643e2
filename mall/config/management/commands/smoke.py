"""`manage.py smoke`: plays the whole story against a running installation, over HTTP only."""

from __future__ import annotations

import os
import secrets
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mall.config.demo_data.people import LEADERS, PASSWORD
from mall.config.demo_data.places import PLACES
from mall.config.smoke.browser import Browser
from mall.config.smoke.plan import PRICES, Good, Plan
from mall.config.smoke.signing_in import messages_page
from mall.config.smoke.story import play
from mall.config.smoke.telling import StepFailedError, Teller

_GOODS: Final = ("草莓", "苹果", "大米")


class Command(BaseCommand):
    """Buys, pays, receives, hands over, settles and pays out; one line per step.

    It sets up a group buy of its own and touches no other. Passwords come from the environment
    (LINLI_SMOKE_PASSWORD, LINLI_SMOKE_SECOND_PASSWORD), so that no process list shows them.
    """

    help = "Play a whole purchase against a running installation; non-zero where a step fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where, as whom and with which goods; the defaults are the demo's."""
        parser.add_argument("--base-url", default=os.environ.get("BASE_URL") or settings.SITE_URL)
        parser.add_argument("--bank-url", default="", help="where text messages are shown")
        parser.add_argument("--admin-user", default="admin")
        parser.add_argument("--second-user", default="finance", help="approves large statements")
        parser.add_argument("--leader-phone", default=LEADERS[0][0].removeprefix("+86"))
        parser.add_argument("--point", default=PLACES[0].name, help="the leader's pickup point")
        parser.add_argument("--goods", nargs=3, default=_GOODS, help="words that find the products")
        parser.add_argument("--patience", type=float, default=120, help="seconds per wait")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play; CommandError with what was expected and what came."""
        teller = Teller(self.stdout)
        try:
            play(_plan(options), teller)
        except StepFailedError as failure:
            raise CommandError(
                f"after {teller.steps} good steps: {failure}", returncode=1
            ) from None
        self.stdout.write(f"All {teller.steps} steps as they should be.")


def _plan(options: dict[str, Any]) -> Plan:
    base_url = options["base_url"].rstrip("/")
    bank_url = options["bank_url"] or messages_page(Browser(base_url))
    if not bank_url:
        raise CommandError("Text messages are really sent here: name their page with --bank-url.")
    password = os.environ.get("LINLI_SMOKE_PASSWORD", PASSWORD)
    second = os.environ.get("LINLI_SMOKE_SECOND_PASSWORD", PASSWORD)
    return Plan(
        base_url=base_url,
        bank_url=bank_url,
        admin=(options["admin_user"], password),
        second=(options["second_user"], second),
        leader_phone=options["leader_phone"],
        # A number of the range that is given out for tests: new each time, nobody's own.
        resident_phone=f"199{secrets.randbelow(10**8):08d}",
        point=options["point"],
        goods=tuple(
            Good(search=word, price_minor=price, cost_minor=cost, quantity=quantity)
            for word, (price, cost, quantity) in zip(options["goods"], PRICES, strict=True)
        ),
        seconds=options["patience"],
    )
