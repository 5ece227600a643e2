"""A bench to test an adapter on: the adapter, and somebody who plays its acquirer's other side.

One bench per adapter. The tests beside this file ask a bench for nothing that the adapter's own
flags do not promise. A bench of another package joins with LINLI_CONTRACT_BENCHES=a.module:Class
(several by commas); docs/adapters.md tells how to write one.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from payments.acquiring.contract import (
    AcquirerAdapter,
    AgreementPay,
    Capabilities,
    NextStep,
    PayResult,
    RawHttp,
    Scene,
    SplitReceiver,
)
from payments.acquiring.registry import AccountSpec, make_adapter

BENCHES = [
    "tests.contract.benches.alipay:AlipayBench",
    "tests.contract.benches.ccb:CcbBench",
    "tests.contract.benches.ccb_hsb:HsbBench",
    "tests.contract.benches.sandbox:SandboxBench",
    "tests.contract.benches.stripe:StripeBench",
    "tests.contract.benches.wechatpay:WeChatPayBench",
    "tests.contract.benches.unionpay:UnionPayBench",
]


class Bench(ABC):
    """One acquirer, running, and the people at it: its payers, its clerks, its bad days."""

    name: ClassVar[str]
    caps: ClassVar[Capabilities]
    currency: ClassVar[str] = "CNY"
    # After so long (or so much before) a message proves nothing any more.
    stale_after_seconds: ClassVar[int] = 300
    # Whether its messages say when they were signed; old ones cannot be told where they do not.
    messages_carry_time: ClassVar[bool] = True
    # Whether it tells an order nobody has paid yet from one it has never heard of.
    knows_unpaid_orders: ClassVar[bool] = True
    # A token as the acquirer writes them, of nobody's card.
    nobodys_token: ClassVar[str] = "token-of-nobody"
    # Methods that have nothing to ask this acquirer, though it offers what they belong to.
    asks_nothing: ClassVar[frozenset[str]] = frozenset()
    # Scenes whose payment the payer's own browser opens: `create` signs a form and asks nobody.
    local_scenes: ClassVar[frozenset[Scene]] = frozenset()

    @classmethod
    @abstractmethod
    def running(cls, folder: Path) -> AbstractContextManager[Bench]:
        """Start the acquirer and give its bench; stop it afterwards."""

    @abstractmethod
    def account(self) -> AccountSpec:
        """Our account there: settings with `base_url`, key files."""

    @abstractmethod
    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Tie a card of this temper; return agreement number and token.

        Tempers: normal, declined (a charge is refused), asks (a charge asks its owner first).
        """

    def pay(self, opened: PayResult) -> None:
        """Pay as the payer at the page, or with the code, that `create` answered with."""
        raise NotImplementedError(f"{self.name} offers scenes, so its bench plays their payer")

    def visit(self, opened: PayResult) -> None:
        """Come as the payer to the page or code; some acquirers hear of a payment only then."""
        return

    def answer_step(self, step: NextStep, charge: AgreementPay) -> None:
        """Do as the card's owner what a charge of a card that asks wants of her."""
        raise NotImplementedError(f"{self.name} ties cards, so its bench answers their questions")

    def revoke(self, agreement_no: str) -> None:
        """End an agreement on the acquirer's side, as its owner may at her bank."""
        raise NotImplementedError(f"{self.name} tells of agreements, so its bench can end one")

    @abstractmethod
    def messages(self, about: str) -> list[RawHttp]:
        """Return the acquirer's messages about this number of ours so far, as they came."""

    @property
    @abstractmethod
    def notify_url(self) -> str:
        """Where requests shall have messages sent, so that `messages` has them."""

    @abstractmethod
    def stranger(self) -> AcquirerAdapter:
        """Make an adapter of another account, whose messages ours are not."""

    def receiver(self, adapter: AcquirerAdapter) -> SplitReceiver:
        """Make somebody known who may receive shares."""
        raise NotImplementedError(f"{self.name} splits, so its bench knows a receiver")

    def work_off(self) -> None:
        """Let the acquirer do what it does later; where it does so by itself, leave it to it."""
        return

    def end_the_day(self) -> AbstractContextManager[None]:
        """Let the acquirer live in its next day for a while: today's statements are ready."""
        raise NotImplementedError(f"{self.name} makes statements, so its bench can end a day")

    def adapter(self, **settings: Any) -> AcquirerAdapter:
        """Make an adapter of the account, some settings changed."""
        account = self.account()
        return make_adapter(replace(account, settings={**account.settings, **settings}))


def benches() -> list[type[Bench]]:
    """Return every bench: ours, and those of LINLI_CONTRACT_BENCHES."""
    others = os.environ.get("LINLI_CONTRACT_BENCHES", "")
    names = BENCHES + [name.strip() for name in others.split(",") if name.strip()]
    return [_bench(name) for name in names]


def _bench(name: str) -> type[Bench]:
    module, _, attribute = name.partition(":")
    found: type[Bench] = getattr(import_module(module), attribute)
    return found
