"""Which account money goes through, who speaks for it, and where it finds us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.urls import reverse

from payments.acquiring.contract import AcquirerAdapter, ConfigError
from payments.acquiring.registry import adapter_for
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import AcquirerAccount

SANDBOX = "sandbox"
MERCHANT_FILE = "merchant.json"


class NoAcquirerError(LinliError):
    """No acquirer account is in use."""

    code = "no_acquirer"
    http_status = 503


def account_code() -> str:
    """Return which account new payments use: LINLI_ACQUIRER_ACCOUNT."""
    return str(settings.LINLI_ACQUIRER_ACCOUNT)


def active_account() -> AcquirerAccount:
    """Return the account new payments use; NoAcquirerError where none is set up."""
    code = account_code()
    found = AcquirerAccount.objects.filter(code=code, status=AcquirerAccount.Status.ACTIVE).first()
    if found is None:
        raise NoAcquirerError(account=code)
    return found


def adapter_of(account: AcquirerAccount) -> AcquirerAdapter:
    """Return who speaks for this version of the account; ConfigError."""
    return adapter_for(account)


def merchant_of(account: AcquirerAccount) -> str:
    """Return within what an acquirer's number is unique: the acquirer and our merchant number."""
    return f"{account.adapter}:{account.merchant_id}"


def notify_url(account: AcquirerAccount) -> str:
    """Return where the acquirer's messages are to be sent."""
    return f"{settings.SITE_URL}{reverse('payments:notify', args=[account.code])}"


def result_url(payment_no: str) -> str:
    """Return the page a payer comes back to."""
    return f"{settings.SITE_URL}{reverse('cashier:result', args=[payment_no])}"


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
        merchant_id=facts["merchant_id"],
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


@transact()
def _ensure(
    *, merchant_id: str, settings_: dict[str, Any], keys: dict[str, str]
) -> AcquirerAccount:
    rows = AcquirerAccount.objects.filter(code=SANDBOX)
    current = rows.filter(status=AcquirerAccount.Status.ACTIVE).first()
    if current is not None and current.settings == settings_ and current.keys == keys:
        return current
    rows.filter(status=AcquirerAccount.Status.ACTIVE).update(
        status=AcquirerAccount.Status.VERIFY_ONLY
    )
    version = (rows.aggregate(last=Max("version"))["last"] or 0) + 1
    return AcquirerAccount.objects.create(
        code=SANDBOX,
        version=version,
        adapter=SANDBOX,
        merchant_id=merchant_id,
        settings=settings_,
        keys=keys,
    )
