"""China Construction Bank on the bench: the sandbox speaking its dialect, both its lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
import time_machine

from payments.acquiring.contract import AcquirerAdapter, PayResult, RawHttp
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.adapters.ccb.adapter import capabilities_of
from payments.adapters.ccb.profile import Profile
from payments.kernel.clock import wall_now
from tests import acquirer
from tests.contract.bench import Bench
from tests.contract.letterbox import Letterbox

MERCHANT = "105000000000415"
_A_DAY = 35 * 3600


class CcbBench(Bench):
    """A counter at the bank, with an outreach client."""

    name = "ccb"
    caps = capabilities_of(Profile(MERCHANT, "1", "1", "http://x", sidecar_url="http://x"))
    messages_carry_time = False
    knows_unpaid_orders = False

    def __init__(self, bank: acquirer.SandboxAcquirer, box: Letterbox) -> None:
        """Take the running program and the letterbox its messages go to."""
        self.bank = bank
        self._box = box

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[CcbBench]:
        """Start a bank of its own, and tell its portal where messages go."""
        with acquirer.own_sandbox(folder, "--dialect", "ccb") as bank, Letterbox.open() as box:
            set_portal(bank, box.url)
            yield cls(bank, box)

    def account(self) -> AccountSpec:
        """Our account there."""
        return self.bank.dialect("ccb")

    def adapter(self, **settings: Any) -> AcquirerAdapter:
        """Make an adapter; where it is led elsewhere, so is its outreach client."""
        if "base_url" in settings:
            settings = {"sidecar_url": settings["base_url"], **settings}
        account = self.account()
        return make_adapter(replace(account, settings={**account.settings, **settings}))

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Nobody ties cards here."""
        raise NotImplementedError

    @property
    def notify_url(self) -> str:
        """Nowhere: where messages go is set at the portal."""
        return ""

    def pay(self, opened: PayResult) -> None:
        """Pay, wherever the payer was sent."""
        self.bank.told(f"/_sim/pay/{opened.payment_no}?merchant={MERCHANT}")

    def messages(self, about: str) -> list[RawHttp]:
        """What lies in the letterbox; the number stands in clear."""
        return [raw for raw in list(self._box.kept) if about.encode() in raw.body]

    def stranger(self) -> AcquirerAdapter:
        """Another counter of the same bank."""
        return self.adapter(pos_id="999999999")

    @contextmanager
    def end_the_day(self) -> Iterator[None]:
        """Live in the next day's morning, the bank and we."""
        with (
            self.bank.clock_at(_A_DAY),
            time_machine.travel(wall_now() + timedelta(seconds=_A_DAY), tick=True),
        ):
            yield


def set_portal(bank: acquirer.SandboxAcquirer, notify_url: str, way: str = "POST") -> None:
    """Tell the merchants' portal where messages go."""
    said = {"notify_url": notify_url, "way": way}
    answer = requests.post(f"{bank.base_url}/ccb/portal", data=said, timeout=10)
    assert answer.status_code == 200, answer.text
