"""Set the Stripe account up from the environment, or give it the keys that are there now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.kernel.errors import LinliError
from payments.services.accounts import notify_url
from payments.services.stripe_accounts import STRIPE, ensure_stripe_account


class Command(BaseCommand):
    """Run again after every change of STRIPE_…: unchanged, nothing happens."""

    help = "Set the Stripe account up from STRIPE_SECRET_KEY and its like in the environment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account's code."""
        parser.add_argument("--code", default=STRIPE, help="the account's code, also in its URL")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the account down and say where Stripe is to send its messages."""
        try:
            account = ensure_stripe_account(code=options["code"])
        except (LinliError, OSError) as refusal:
            raise CommandError(str(getattr(refusal, "user_message", refusal))) from refusal
        self.stdout.write(f"{account}: {account.merchant_id}")
        self.stdout.write(f"Webhook endpoint: {notify_url(account)}")
