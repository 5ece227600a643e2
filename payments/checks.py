"""What must be true of the small bank before it handles real money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Notice
from django.db import DatabaseError

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import make_adapter
from payments.models import AcquirerAccount, RoutingRule
from payments.services.accounts import SANDBOX, account_code

Status = AcquirerAccount.Status


def acquirer_is_real(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse to collect real orders through the sandbox acquirer, whose payments are not money."""
    if settings.LINLI_DEMO or account_code() != SANDBOX:
        return []
    return [
        Error(
            "New payments go to the sandbox acquirer: what it collects is not money.",
            hint="Set up an account at a real acquirer and name it in LINLI_ACQUIRER_ACCOUNT.",
            id="payments.E001",
        )
    ]


def accounts_are_usable(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Accounts have their keys and speak in private; rules lead somewhere. Asks the database.

    What can be put right while the mall runs is a warning: other accounts go on, and the admin,
    where it is put right, must be reachable.
    """
    if not databases:
        return []
    try:
        accounts = list(AcquirerAccount.objects.exclude(status=Status.DISABLED))
        rules = list(RoutingRule.objects.filter(is_active=True))
    except DatabaseError:
        return []  # not there yet, or not migrated yet: /readyz says so
    in_use = {account.code for account in accounts if account.status == Status.ACTIVE}
    return [*_each_account(accounts), *_default(in_use), *_rules(rules, in_use)]


def _each_account(accounts: list[AcquirerAccount]) -> Iterator[CheckMessage]:
    for account in accounts:
        try:
            make_adapter(account)
        except ConfigError as error:
            yield Notice(
                f"The acquirer account {account} cannot be used: {error.message}.",
                hint="Put the key files where its version names them, or give it a new version "
                "(manage.py acquirer_account new-version).",
                id="payments.W001",
            )
        address = str(account.settings.get("base_url", ""))
        if not settings.LINLI_DEMO and address.startswith("http://"):
            yield Error(
                f"The acquirer account {account} speaks without TLS ({address}).",
                hint="Give it a new version with an https address, or disable it.",
                id="payments.E002",
            )


def _default(in_use: set[str]) -> Iterator[CheckMessage]:
    if not settings.LINLI_DEMO and account_code() not in in_use:
        yield Notice(
            f"LINLI_ACQUIRER_ACCOUNT names {account_code()}, which is no account in use.",
            hint="manage.py acquirer_account list shows those there are.",
            id="payments.W002",
        )


def _rules(rules: list[RoutingRule], in_use: set[str]) -> Iterator[CheckMessage]:
    for rule in rules:
        if rule.account_code not in in_use:
            yield Notice(
                f"Routing rule {rule} leads to an account that is not in use.",
                hint="Put the account in use, or change the rule (Payments, Routing rules).",
                id="payments.W003",
            )
