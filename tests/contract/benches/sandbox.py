"""The sandbox acquirer on the bench: the real program, its payers played by its admin plane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payments.acquiring.contract import (
    AcquirerAdapter,
    AgreementPay,
    AgreementRef,
    NextStep,
    NotificationRejectedError,
    PayResult,
    RawHttp,
    SplitReceiver,
)
from payments.acquiring.registry import AccountSpec
from payments.adapters.sandbox.adapter import CAPABILITIES
from tests import acquirer
from tests.contract.bench import Bench
from tests.contract.letterbox import Letterbox
from tests.contract.papers import bind_request

_CARDS = {
    "normal": acquirer.CCB_CREDIT,
    "declined": acquirer.CCB_CREDIT_DECLINED,
    "asks": acquirer.CCB_CREDIT_ASKS_CODE,
}
# The day's statements come at 01:00 of the next, so just after midnight 24 hours are too few.
_A_DAY = 25 * 3600


class SandboxBench(Bench):
    """The sandbox acquirer, started for the contract alone."""

    name = "sandbox"
    caps = CAPABILITIES

    def __init__(self, bank: acquirer.SandboxAcquirer, box: Letterbox) -> None:
        """Take the running program and the letterbox its messages go to."""
        self.bank = bank
        self._box = box

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[SandboxBench]:
        """Start a sandbox of its own."""
        with acquirer.own_sandbox(folder) as bank, Letterbox.open(b'{"code":"SUCCESS"}') as box:
            yield cls(bank, box)

    def account(self) -> AccountSpec:
        """Our account there."""
        return self.bank.account(read_seconds=3.0)

    @property
    def notify_url(self) -> str:
        """The letterbox."""
        return self._box.url

    def pay(self, opened: PayResult) -> None:
        """Pay by card, wherever the payer was sent."""
        self.bank.sim_pay(opened.payment_no)

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Sign on the bank's page."""
        request = bind_request(self)
        bound = adapter.bind_card(request)
        assert bound.step is not None
        self.bank.tie_card(bound.step.url, _CARDS[wish])
        token = adapter.query_agreement(AgreementRef(request.agreement_no)).token
        return request.agreement_no, token

    def answer_step(self, step: NextStep, charge: AgreementPay) -> None:
        """Type the code."""
        self.bank.confirm_code(step.url)

    def revoke(self, agreement_no: str) -> None:
        """End it at the bank."""
        self.bank.told(f"/_sim/revoke/{agreement_no}")

    def messages(self, about: str) -> list[RawHttp]:
        """What lies in the letterbox; the number is inside the seal, so the adapter reads it.

        Letters of earlier tests have grown too old to be proven: they are about something else.
        """
        adapter = self.adapter()
        return [raw for raw in list(self._box.kept) if about in _content(adapter, raw)]

    def stranger(self) -> AcquirerAdapter:
        """Another merchant of the same bank."""
        return self.adapter(merchant_id="M-OTHER")

    def receiver(self, adapter: AcquirerAdapter) -> SplitReceiver:
        """Add a supplier."""
        receiver = SplitReceiver("6230000000000001", "绿源果业")
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
