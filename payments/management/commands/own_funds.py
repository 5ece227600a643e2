"""Put the operator's own money into the books from the shell: one enters, another confirms."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.models import OwnFunds
from payments.services.own_funds import confirm_own_funds, propose_own_funds


class Command(BaseCommand):
    """The same as Books → Own funds in the admin, for the day a new installation begins."""

    help = (
        "Enter a deposit of own funds (own_funds KEY AMOUNT --by NAME), "
        "or confirm one that another entered (own_funds KEY --confirm --by NAME)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the key, the amount in yuan, who does it, and whether to confirm."""
        parser.add_argument("key", help="the bank's receipt number, or “opening”")
        parser.add_argument("amount", nargs="?", help="in yuan, for example 1000000.00")
        parser.add_argument("--by", required=True, help="user name of the member of staff")
        parser.add_argument("--reason", default="own funds")
        parser.add_argument("--confirm", action="store_true", help="confirm instead of entering")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Enter or confirm; what does not fit is an error, nothing is half done."""
        who = get_user_model().objects.filter(username=options["by"], is_staff=True)
        if not who.exists():
            raise CommandError(f"{options['by']} is not a member of staff")
        try:
            funds = self._confirm(options) if options["confirm"] else self._propose(options)
        except LinliError as refusal:
            raise CommandError(str(refusal.user_message)) from refusal
        self.stdout.write(f"{funds.key}: {funds.amount}, {funds.get_status_display()}")

    def _propose(self, options: dict[str, Any]) -> OwnFunds:
        try:
            amount = Money.from_major(Decimal(options["amount"] or ""))
            return propose_own_funds(
                key=options["key"], amount=amount, reason=options["reason"], by=options["by"]
            )
        except (InvalidOperation, ValueError) as error:
            raise CommandError(f"{options['amount']} is not an amount of own funds") from error

    def _confirm(self, options: dict[str, Any]) -> OwnFunds:
        funds = OwnFunds.objects.filter(key=options["key"]).first()
        if funds is None:
            raise CommandError(f"nobody entered {options['key']}")
        return confirm_own_funds(funds, by=options["by"])
