"""Setting the Stripe account up from the environment, its keys kept as files that only we read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from payments.models import AcquirerAccount
from payments.services.key_files import keep_key_file
from payments.services.rotation import AccountRefusedError, add_account, new_version

STRIPE: Final = "stripe"
_BY: Final = "environment"
_SWITCHES: Final = {
    "hosted_pages": "STRIPE_HOSTED_PAGES",
    "connect": "STRIPE_CONNECT",
    "lenient": "STRIPE_LENIENT",
}
_TEXTS: Final = {
    "base_url": "STRIPE_API_BASE",
    "api_version": "STRIPE_API_VERSION",
    "account_id": "STRIPE_ACCOUNT_ID",
    "currency": "STRIPE_CURRENCY",
    "fee_rate": "STRIPE_FEE_RATE",
}
_TRUE: Final = frozenset({"1", "true", "yes", "on"})


def ensure_stripe_account(
    *, code: str = STRIPE, environ: Mapping[str, str] | None = None
) -> AcquirerAccount:
    """Set the Stripe account up from STRIPE_… in the environment; unchanged, it keeps its version.

    Changed settings or keys become a new version, and the one before still verifies messages. The
    names are in docs/adapters/stripe.md. AccountRefusedError without a secret key, or where the
    adapter refuses the settings. Nothing is sent.
    """
    found = os.environ if environ is None else environ
    wanted, keys = _settings(found), _key_files(code, found)
    if not AcquirerAccount.objects.filter(code=code).exists():
        return add_account(code, adapter=STRIPE, settings=wanted, keys=keys, by=_BY)
    newest = AcquirerAccount.objects.filter(code=code).order_by("-version")[0]
    dropped = {name: None for name in newest.settings if name not in wanted}
    return new_version(code, settings={**dropped, **wanted}, keys=keys, by=_BY)


def _settings(environ: Mapping[str, str]) -> dict[str, Any]:
    texts = {name: environ[key] for name, key in _TEXTS.items() if environ.get(key)}
    switches = {
        name: True
        for name, key in _SWITCHES.items()
        if environ.get(key, "").strip().lower() in _TRUE
    }
    return {**texts, **switches}


def _key_files(code: str, environ: Mapping[str, str]) -> dict[str, str]:
    secret = _secret(environ, "STRIPE_SECRET_KEY")
    signing = _secret(environ, "STRIPE_WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRET")
    if not secret:
        raise AccountRefusedError(_("STRIPE_SECRET_KEY or STRIPE_SECRET_KEY_FILE is not set."))
    texts = {"secret_key": secret, "webhook_secrets": "\n".join(signing.replace(",", " ").split())}
    return {
        name: str(keep_key_file(f"{code}-{name}", f"{text}\n".encode())[0])
        for name, text in texts.items()
    }


def _secret(environ: Mapping[str, str], *names: str) -> str:
    """Return the first of these that is set, in the environment or in a file it names."""
    for name in names:
        if environ.get(name):
            return environ[name].strip()
        if environ.get(f"{name}_FILE"):
            return Path(environ[f"{name}_FILE"]).read_text().strip()
    return ""
