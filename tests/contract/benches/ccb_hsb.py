"""Market pay on the bench: the sandbox speaking its dialect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from payments.acquiring.contract import AcquirerAdapter, PayResult, RawHttp
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.adapters.ccb_hsb.adapter import capabilities_of
from tests import acquirer
from tests.contract.bench import Bench
from tests.contract.letterbox import Letterbox

MARKET = "41060860800415"
OKAY = b'{"Svc_Rsp_St":"00","Rcv_Tm":"20261122101112"}'


class HsbBench(Bench):
    """A market at the bank."""

    name = "ccb_hsb"
    caps = capabilities_of(None)
    messages_carry_time = False

    def __init__(self, bank: acquirer.SandboxAcquirer, box: Letterbox) -> None:
        """Take the running program and the letterbox its messages go to."""
        self.bank = bank
        self._box = box

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[HsbBench]:
        """Start a bank of its own, and tell it where messages go."""
        with (
            acquirer.own_sandbox(folder, "--dialect", "ccb_hsb") as bank,
            Letterbox.open(OKAY) as box,
        ):
            said = {"notify_url": box.url}
            requests.post(f"{bank.base_url}/ccb_hsb/portal", data=said, timeout=10)
            yield cls(bank, box)

    def account(self) -> AccountSpec:
        """Our account there."""
        return self.bank.dialect("ccb_hsb")

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Nobody ties cards here."""
        raise NotImplementedError

    @property
    def notify_url(self) -> str:
        """Nowhere: where messages go is set at the bank."""
        return ""

    def pay(self, opened: PayResult) -> None:
        """Pay, wherever the payer was sent."""
        self.bank.told(f"/_sim/pay/{opened.payment_no}?merchant={MARKET}")

    def messages(self, about: str) -> list[RawHttp]:
        """What lies in the letterbox; the number stands in clear."""
        return [raw for raw in list(self._box.kept) if about.encode() in raw.body]

    def stranger(self) -> AcquirerAdapter:
        """An account that knows another platform by its key."""
        spec = self.account()
        keys = {**spec.keys, "platform_public_key": str(self._others_key())}
        return make_adapter(AccountSpec(spec.code, spec.adapter, 1, spec.settings, keys))

    def _others_key(self) -> Path:
        return self.bank.keys_dir / "sandbox_public.pem"
