"""Alipay on the bench: the dialect of our sandbox acquirer, in certificate mode."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import requests

from payments.acquiring.contract import (
    AcquirerAdapter,
    AgreementPay,
    AgreementRef,
    NextStep,
    PayResult,
    RawHttp,
    Scene,
    SplitReceiver,
    StepKind,
)
from payments.acquiring.registry import AccountSpec
from payments.adapters.alipay.adapter import capabilities_of
from payments.adapters.alipay.profile import Profile
from tests import acquirer
from tests.contract.bench import Bench
from tests.contract.letterbox import Letterbox
from tests.contract.papers import bind_request

MERCHANT = "2088102100000001"
ALL = Profile(
    "2021000100000001",
    MERCHANT,
    app=True,
    mini_program=True,
    agreement=True,
    royalty=True,
    transfer=True,
)
_CARDS = {
    "normal": acquirer.CCB_CREDIT,
    "declined": acquirer.CCB_CREDIT_DECLINED,
    "asks": acquirer.CCB_CREDIT_ASKS_CODE,
}
_A_DAY = 25 * 3600


class AlipayBench(Bench):
    """The dialect, started for the contract alone."""

    name = "alipay"
    caps = capabilities_of(ALL, has_certificates=True)
    nobodys_token = "2026112200000000000000000000"
    # Her browser brings what we signed: a page of theirs hears of it first.
    asks_nothing = frozenset({"bind_card"})
    local_scenes = frozenset({Scene.H5, Scene.APP})

    def __init__(self, bank: acquirer.SandboxAcquirer, box: Letterbox) -> None:
        """Take the running program and the letterbox its messages go to."""
        self.bank = bank
        self._box = box

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[AlipayBench]:
        """Start a sandbox of its own that speaks it."""
        with (
            acquirer.own_sandbox(folder, "--dialect", "alipay") as bank,
            Letterbox.open(b"success") as box,
        ):
            yield cls(bank, box)

    def account(self) -> AccountSpec:
        """Our account there."""
        return self.bank.dialect("alipay", read_seconds=3.0)

    @property
    def notify_url(self) -> str:
        """The letterbox."""
        return self._box.url

    def visit(self, opened: PayResult) -> None:
        """Come to the page, or scan the code: only now there is a trade."""
        assert opened.step is not None
        if opened.step.kind is StepKind.FORM_POST:
            came = requests.post(opened.step.url, data=opened.step.fields, timeout=20)
        else:
            came = requests.get(opened.step.url, timeout=20)
        assert came.status_code == 200, came.text

    def pay(self, opened: PayResult) -> None:
        """Come, and pay."""
        self.visit(opened)
        self.bank.told(f"/_sim/pay/{opened.payment_no}?merchant={MERCHANT}")

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Sign on the page."""
        request = bind_request(self)
        bound = adapter.bind_card(request)
        assert bound.step is not None
        self.bank.tie_card(bound.step.url, _CARDS[wish])
        token = adapter.query_agreement(AgreementRef(request.agreement_no)).token
        return request.agreement_no, token

    def answer_step(self, step: NextStep, charge: AgreementPay) -> None:
        """Nobody is asked: the mandate is her word."""
        raise AssertionError(f"{charge.payment_no} asked for {step.kind}")

    def revoke(self, agreement_no: str) -> None:
        """End it in the app."""
        self.bank.told(f"/_sim/revoke/{agreement_no}?merchant={MERCHANT}")

    def messages(self, about: str) -> list[RawHttp]:
        """What lies in the letterbox about a number."""
        return [raw for raw in list(self._box.kept) if about in _fields(raw)]

    def stranger(self) -> AcquirerAdapter:
        """Another seller of the same app."""
        return self.adapter(merchant_id="2088102100000002")

    def receiver(self, adapter: AcquirerAdapter) -> SplitReceiver:
        """Add a supplier."""
        receiver = SplitReceiver("supplier@linli.example", "绿源果业")
        adapter.add_receiver(receiver)
        return receiver

    @contextmanager
    def end_the_day(self) -> Iterator[None]:
        """Put the bank's clock a day and an hour on."""
        with self.bank.clock_at(_A_DAY):
            yield


def _fields(raw: RawHttp) -> str:
    return repr(parse_qs(raw.body.decode("latin-1")))
