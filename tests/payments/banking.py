"""Several accounts in one shop: a second one at the same bank, one where nobody answers, rules."""

from __future__ import annotations

from typing import Any

from payments.acquiring.contract import Capabilities, Scene
from payments.adapters.sandbox.adapter import SandboxAdapter
from payments.models import AcquirerAccount, AcquirerHealth, RoutingRule
from tests.machines import free_port


class PlainAdapter(SandboxAdapter):
    """A bank with a cashier and nothing else: it cannot even close."""

    def __init__(self, **parts: Any) -> None:
        """Be able to do less."""
        super().__init__(**parts)
        self.caps = Capabilities(scenes=frozenset({Scene.H5}))


def another_account(code: str, **changes: Any) -> AcquirerAccount:
    """An account like the sandbox's under another code; only rules lead to it."""
    like = AcquirerAccount.objects.filter(code="sandbox").order_by("status", "-version")[0]
    row = {
        "code": code,
        "adapter": like.adapter,
        "merchant_id": like.merchant_id,
        "settings": like.settings,
        "keys": like.keys,
    }
    return AcquirerAccount.objects.create(**{**row, **changes})


def dead_account(code: str = "dead", **changes: Any) -> AcquirerAccount:
    """An account at an address where nobody listens."""
    account = another_account(code, **changes)
    address = {**account.settings, "base_url": f"http://127.0.0.1:{free_port()}"}
    AcquirerAccount.objects.filter(pk=account.pk).update(settings=address)
    account.refresh_from_db()
    return account


def lead(code: str, priority: int = 10, **conditions: Any) -> RoutingRule:
    """A rule that leads to an account."""
    return RoutingRule.objects.create(account_code=code, priority=priority, **conditions)


def circuit(code: str) -> AcquirerHealth | None:
    """What is known of an account's health."""
    return AcquirerHealth.objects.filter(account_code=code).first()
