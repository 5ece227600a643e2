"""What goes over the line to Stripe: keys and profile of an account, calls, answers. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from payments.acquiring.contract import ConfigError, OutcomeUnknownError
from payments.acquiring.registry import Account
from payments.acquiring.signing import read_key_file
from payments.acquiring.transport import HttpAnswer, HttpCall
from payments.adapters.stripe.codes import Refusal, raise_refusal
from payments.adapters.stripe.encoding import Params, form_body, query_string
from payments.kernel.money import EXPONENTS

# Every parameter we send and every field we read is of this version of the API.
API_VERSION: Final = "2026-10-28.endive"
API_BASE: Final = "https://api.stripe.com"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret key we call with, and the secrets Stripe signs its messages with."""

    secret: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_live(self) -> bool:
        """Whether the key moves real money: `sk_live_…`, `rk_live_…`, `sk_org_live_…`."""
        return "live" in self.secret.split("_")[1:3]

    @classmethod
    def from_account(cls, account: Account) -> Keys:
        """Read the key files an account names; ConfigError when something is missing."""
        try:
            secret = read_key_file(account.keys["secret_key"]).decode().strip()
            found = read_key_file(account.keys["webhook_secrets"]).decode().split()
        except (KeyError, ValueError) as error:
            raise ConfigError(f"account {account.code} lacks a key") from error
        if not secret.startswith(("sk_", "rk_")) or not secret.isascii():
            raise ConfigError(f"account {account.code} has no Stripe secret key")
        return cls(secret, tuple(found))


@dataclass(frozen=True, slots=True)
class Profile:
    """How an account is used: settings of the account's row, see docs/adapters/stripe.md."""

    merchant_id: str
    currency: str = "CNY"
    version: str = API_VERSION
    hosted_pages: bool = False
    connect: bool = False
    lenient: bool = False

    @classmethod
    def from_account(cls, account: Account) -> Profile:
        """Read an account's settings; ConfigError for a currency we do not count in."""
        facts = account.settings
        currency = str(facts.get("currency") or "CNY").upper()
        if currency not in EXPONENTS:
            raise ConfigError(f"account {account.code} counts in {currency}, which we do not")
        return cls(
            merchant_id=str(facts.get("account_id") or account.code),
            currency=currency,
            version=str(facts.get("api_version") or API_VERSION),
            hosted_pages=bool(facts.get("hosted_pages")),
            connect=bool(facts.get("connect")),
            lenient=bool(facts.get("lenient")),
        )


def idempotency_key(purpose: str, number: str) -> str:
    """Return what makes a repeated request the same request: sha256(purpose|number), in hex."""
    return hashlib.sha256(f"{purpose}|{number}".encode()).hexdigest()


def get_call(path: str, params: Params, *, keys: Keys, profile: Profile) -> HttpCall:
    """Build a question."""
    return HttpCall("GET", path + query_string(params), _headers(keys, profile))


def post_call(
    path: str, params: Params, *, keys: Keys, profile: Profile, key: str = ""
) -> HttpCall:
    """Build a request that changes something, under its idempotency key ("" for none)."""
    headers = _headers(keys, profile) | {"Content-Type": "application/x-www-form-urlencoded"}
    if key:
        headers["Idempotency-Key"] = key
    return HttpCall("POST", path, headers, form_body(params))


def _headers(keys: Keys, profile: Profile) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys.secret}", "Stripe-Version": profile.version}


def read_answer(answer: HttpAnswer) -> dict[str, Any]:
    """Return the object of a good answer; raise what any other stands for.

    Who answers is proven by TLS alone; Stripe signs its messages, not its answers.
    """
    data = _as_object(answer.body)
    if answer.status >= 300:
        raise_refusal(read_refusal(answer.status, data))
    if data is None:
        raise OutcomeUnknownError("Stripe's answer cannot be read")
    return data


def read_refusal(status: int, data: Mapping[str, Any] | None) -> Refusal:
    """Read an error's body; whatever of it is missing or misshapen is empty."""
    error = (data or {}).get("error")
    if not isinstance(error, Mapping):
        return Refusal(status)
    intent = error.get("payment_intent")
    return Refusal(
        status,
        kind=_text(error, "type"),
        code=_text(error, "code"),
        decline_code=_text(error, "decline_code"),
        param=_text(error, "param"),
        message=_text(error, "message"),
        intent_id=_text(intent, "id") if isinstance(intent, Mapping) else "",
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _as_object(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
