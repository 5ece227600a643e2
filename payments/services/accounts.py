"""Which account money goes through, who speaks for it, and where it finds us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from payments.acquiring.contract import AcquirerAdapter, ConfigError
from payments.acquiring.registry import Account, adapter_for
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import AcquirerAccount

SANDBOX = "sandbox"
BANK_FILE = "bank_file"
MERCHANT_FILE = "merchant.json"
DIALECT_FILE = "account.json"
_AFTER_ALL_OTHERS = 500


Status = AcquirerAccount.Status


class NoAcquirerError(LinliError):
    """No acquirer account can do what is wanted."""

    code = "no_acquirer"
    http_status = 503


def account_code() -> str:
    """Return which account is asked first where no rule speaks: LINLI_ACQUIRER_ACCOUNT."""
    return str(settings.LINLI_ACQUIRER_ACCOUNT)


def adapter_of(account: AcquirerAccount) -> AcquirerAdapter:
    """Return who speaks for the account now, whatever version something was begun with.

    That is the version in use, or the newest that still finishes things: an acquirer may refuse an
    old key from the moment it knows the new one. ConfigError where no version may speak any more.
    """
    return adapter_for(speaking_version(account))


def speaking_version(account: AcquirerAccount) -> AcquirerAccount:
    """Return the version of the account whose keys are used to speak now; ConfigError."""
    if account.status == Status.ACTIVE:
        return account
    versions = AcquirerAccount.objects.filter(code=account.code).exclude(status=Status.DISABLED)
    # "active" sorts before "verify_only"; of several the newest knows the newest keys.
    found = versions.order_by("status", "-version").first()
    if found is None:
        raise ConfigError(f"account {account.code} is out of use")
    return found


def adapter_of_version(account: AcquirerAccount) -> AcquirerAdapter:
    """Return who reads and verifies with exactly this version's keys; ConfigError."""
    return adapter_for(account)


def merchant_of(account: AcquirerAccount) -> str:
    """Return within what an acquirer's number is unique: the acquirer and our merchant number."""
    return f"{account.adapter}:{account.merchant_id}"


def is_by_file(account: AcquirerAccount) -> bool:
    """Tell whether a person carries files to this bank, because it has no interface."""
    return account.adapter == BANK_FILE


def ensure_bank_file_account(*, merchant_id: str) -> AcquirerAccount:
    """Return the account behind the bank's batch files; set up by the first batch.

    In a transaction. `merchant_id` is our own account at that bank, as the books call it.
    """
    rows = AcquirerAccount.objects.filter(code=BANK_FILE, status=Status.ACTIVE)
    found = rows.first()
    if found is not None:
        return found
    with transaction.atomic():
        return write_version(
            BANK_FILE,
            adapter=BANK_FILE,
            merchant_id=merchant_id,
            settings_={"merchant_id": merchant_id},
            keys={},
        )


def notify_url(account: Account) -> str:
    """Return where the acquirer's messages are to be sent."""
    return f"{settings.SITE_URL}{reverse('payments:notify', args=[account.code])}"


def result_url(payment_no: str) -> str:
    """Return the page a payer comes back to."""
    return f"{settings.SITE_URL}{reverse('cashier:result', args=[payment_no])}"


def form_url(payment_no: str) -> str:
    """Return our page that posts a form to the acquirer, where it wants one."""
    return f"{settings.SITE_URL}{reverse('cashier:form', args=[payment_no])}"


def code_url(payment_no: str) -> str:
    """Return our page where a card's owner types the code her bank sent her."""
    return f"{settings.SITE_URL}{reverse('cashier:code', args=[payment_no])}"


def signing_url(agreement_no: str) -> str:
    """Return our page that posts a form to the acquirer's signing page."""
    return f"{settings.SITE_URL}{reverse('cashier:signing', args=[agreement_no])}"


def ensure_sandbox_account() -> AcquirerAccount:
    """Set the sandbox account up from the files the sandbox acquirer left in its keys folder.

    Unchanged settings keep their version; changed ones become a new version, and the old one only
    finishes what it began. ConfigError while the sandbox has not written its files yet.
    """
    folder = Path(settings.LINLI_SANDBOX_KEYS)
    try:
        facts = json.loads((folder / MERCHANT_FILE).read_text())
    except FileNotFoundError as error:
        raise ConfigError(f"the sandbox acquirer has not written {folder} yet") from error
    return _ensure(
        SANDBOX,
        settings_={
            "base_url": settings.LINLI_SANDBOX_URL,
            "merchant_id": facts["merchant_id"],
            "merchant_serial": facts["merchant_serial"],
            "sandbox_serial": facts["sandbox_serial"],
            "fee_rate": facts["fee_rate"],
        },
        keys={
            name: str(folder / facts[name])
            for name in ("merchant_private_key", "sandbox_public_key", "aead_key")
        },
    )


def ensure_dialect_account(name: str) -> AcquirerAccount:
    """Set up an account at the sandbox's dialect `name` from the files it left in its keys folder.

    The account's code is the dialect's name, which is also its adapter's. ConfigError while the
    sandbox has not written them: it speaks only the dialects it was started with.
    """
    folder = Path(settings.LINLI_SANDBOX_KEYS) / name
    try:
        facts = json.loads((folder / DIALECT_FILE).read_text())
    except FileNotFoundError as error:
        raise ConfigError(f"the sandbox acquirer has not written {folder} yet") from error
    return _ensure(
        name,
        settings_={**facts["settings"], "merchant_id": facts["merchant_id"]},
        keys={key: str(folder / file) for key, file in facts["keys"].items()},
    )


def ensure_dialect_accounts() -> list[AcquirerAccount]:
    """Set up an account at every dialect the sandbox speaks, asked after the settings' account.

    An operator's own priority of one stays.
    """
    folder = Path(settings.LINLI_SANDBOX_KEYS)
    names = sorted(file.parent.name for file in folder.glob(f"*/{DIALECT_FILE}"))
    accounts = [ensure_dialect_account(name) for name in names]
    AcquirerAccount.objects.filter(
        pk__in=[account.pk for account in accounts], version=1, priority=None
    ).update(priority=_AFTER_ALL_OTHERS)
    return accounts


@transact()
def _ensure(code: str, *, settings_: dict[str, Any], keys: dict[str, str]) -> AcquirerAccount:
    rows = AcquirerAccount.objects.filter(code=code)
    current = rows.filter(status=Status.ACTIVE).first()
    if current is not None and (current.settings, current.keys) == (settings_, keys):
        return current
    return write_version(
        code,
        adapter=code,
        merchant_id=settings_["merchant_id"],
        settings_=settings_,
        keys=keys,
    )


def write_version(
    code: str,
    *,
    adapter: str,
    merchant_id: str,
    settings_: Mapping[str, Any],
    keys: Mapping[str, str],
    by: str = "",
) -> AcquirerAccount:
    """Write the account's next version, in use at once; the one before only finishes its work.

    In a transaction.
    """
    rows = AcquirerAccount.objects.filter(code=code)
    newest = rows.order_by("-version").first()
    rows.filter(status=Status.ACTIVE).update(status=Status.VERIFY_ONLY)
    return AcquirerAccount.objects.create(
        code=code,
        version=1 if newest is None else newest.version + 1,
        adapter=adapter,
        merchant_id=merchant_id,
        settings=dict(settings_),
        keys=dict(keys),
        priority=None if newest is None else newest.priority,
        set_up_by=by[:64],
    )
