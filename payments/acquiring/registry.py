"""Which adapter speaks for which account: one dictionary, one cache.

An adapter of another package joins by a setting: LINLI_ADAPTERS=mybank=mypackage.adapter.MyAdapter.

An account's version is part of the key, so an attempt keeps the keys and settings it was made with
while newer attempts already use the new ones.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from payments.acquiring.contract import AcquirerAdapter
from payments.acquiring.errors import ConfigError
from payments.acquiring.setup import Setup

ADAPTERS: Final[dict[str, str]] = {
    "alipay": "payments.adapters.alipay.adapter.AlipayAdapter",
    "bank_file": "payments.adapters.bank_file.adapter.BankFileAdapter",
    "ccb": "payments.adapters.ccb.adapter.CcbAdapter",
    "ccb_hsb": "payments.adapters.ccb_hsb.adapter.HsbAdapter",
    "sandbox": "payments.adapters.sandbox.adapter.SandboxAdapter",
    "stripe": "payments.adapters.stripe.adapter.StripeAdapter",
    "unionpay": "payments.adapters.unionpay.adapter.UnionPayAdapter",
    "wechatpay": "payments.adapters.wechatpay.adapter.WeChatPayAdapter",
}


class Account(Protocol):
    """What an adapter must know of an account; a database row of this shape will do.

    `settings` holds plain values (address, merchant id, time limits); `keys` names key files, never
    the keys themselves.
    """

    @property
    def code(self) -> str: ...
    @property
    def adapter(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def settings(self) -> Mapping[str, object]: ...
    @property
    def keys(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account written down by hand, for programs and tests that have no database row."""

    code: str
    adapter: str
    version: int = 1
    settings: Mapping[str, object] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)


class AdapterFactory(Protocol):
    """An adapter's class: made from an account."""

    def from_account(self, account: Account) -> AcquirerAdapter: ...


_made: dict[tuple[str, int], AcquirerAdapter] = {}
_lock = threading.Lock()


def adapter_for(account: Account) -> AcquirerAdapter:
    """Return the adapter of an account's version; ConfigError for an adapter nobody knows."""
    key = (account.code, account.version)
    known = _made.get(key)
    if known is not None:
        return known
    made = make_adapter(account)
    with _lock:
        return _made.setdefault(key, made)


def make_adapter(account: Account) -> AcquirerAdapter:
    """Make an account's adapter without keeping it: how settings and keys are tried. ConfigError.

    Nothing is sent; key files are read.
    """
    known = adapters()
    if account.adapter not in known:
        raise ConfigError(f"account {account.code} names an unknown adapter {account.adapter!r}")
    factory = cast("AdapterFactory", import_string(known[account.adapter]))
    return factory.from_account(account)


def adapters() -> dict[str, str]:
    """Return every adapter's class by its code: ours, and those LINLI_ADAPTERS adds."""
    return {**ADAPTERS, **settings.LINLI_ADAPTERS}


def setup_of(adapter: str) -> Setup | None:
    """Return what an adapter's account has to be told; None where its author did not write it."""
    known = adapters()
    return getattr(import_string(known[adapter]), "setup", None) if adapter in known else None


def forget_adapters() -> None:
    """Drop all made adapters: after key files were replaced, and between tests."""
    with _lock:
        _made.clear()
