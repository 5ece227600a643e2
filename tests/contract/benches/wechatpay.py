"""WeChat Pay on the bench: the sandbox's dialect of it, its payers played by the admin plane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payments.acquiring.contract import (
    AcquirerAdapter,
    NotificationRejectedError,
    PayResult,
    RawHttp,
    SplitReceiver,
)
from payments.acquiring.registry import AccountSpec
from payments.adapters.wechatpay.profile import Profile, capabilities_of
from tests import acquirer
from tests.contract.bench import Bench
from tests.contract.letterbox import Letterbox

MERCHANT = "1608000001"
# Everything that can be opened at WeChat Pay is open.
_PROFILE = Profile(
    MERCHANT,
    "wx8888888888888888",
    h5=True,
    jsapi=True,
    app=True,
    profit_sharing=True,
    transfer_scene_id="1005",
)
# The day's statements come at 01:00 of the next, so just after midnight 24 hours are too few.
_A_DAY = 25 * 3600


class WeChatPayBench(Bench):
    """The sandbox acquirer speaking APIv3, started for the contract alone."""

    name = "wechatpay"
    caps = capabilities_of(_PROFILE)

    def __init__(self, bank: acquirer.SandboxAcquirer, box: Letterbox) -> None:
        """Take the running program and the letterbox its messages go to."""
        self.bank = bank
        self._box = box

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[WeChatPayBench]:
        """Start a sandbox of its own with this dialect."""
        with acquirer.own_sandbox(folder, "--dialect", cls.name) as bank, Letterbox.open() as box:
            yield cls(bank, box)

    def account(self) -> AccountSpec:
        """Our account there."""
        return self.bank.dialect(self.name, read_seconds=3.0)

    @property
    def notify_url(self) -> str:
        """The letterbox."""
        return self._box.url

    def pay(self, opened: PayResult) -> None:
        """Pay by card, wherever the payer was sent."""
        self.bank.told(f"/_sim/pay/{opened.payment_no}?merchant={MERCHANT}")

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """No cards are tied here."""
        raise NotImplementedError("no agreements are offered at WeChat Pay")

    def messages(self, about: str) -> list[RawHttp]:
        """What lies in the letterbox; the number is inside the seal, so the adapter reads it."""
        adapter = self.adapter()
        return [raw for raw in list(self._box.kept) if about in _content(adapter, raw)]

    def stranger(self) -> AcquirerAdapter:
        """Another merchant, who happens to have the same keys."""
        return self.adapter(merchant_id="1900009999")

    def receiver(self, adapter: AcquirerAdapter) -> SplitReceiver:
        """Add a supplier."""
        receiver = SplitReceiver("1900000109", "绿源果业")
        adapter.add_receiver(receiver)
        return receiver

    @contextmanager
    def end_the_day(self) -> Iterator[None]:
        """Put the bank's clock a day and an hour on."""
        with self.bank.clock_at(_A_DAY):
            yield


def _content(adapter: AcquirerAdapter, raw: RawHttp) -> str:
    try:
        return adapter.verify_notification(raw).content.decode()
    except NotificationRejectedError:
        return ""
