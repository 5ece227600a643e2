"""UnionPay on the bench: the sandbox's dialect of it, its payers at the bank's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import requests
import time_machine

from payments.acquiring.contract import (
    AcquirerAdapter,
    AgreementPay,
    AgreementRef,
    NextStep,
    PayResult,
    RawHttp,
    Scene,
    StepKind,
)
from payments.acquiring.registry import AccountSpec
from payments.adapters.unionpay.adapter import CAPABILITIES
from payments.kernel.clock import wall_now
from tests import acquirer
from tests.contract.bench import Bench
from tests.contract.letterbox import Letterbox
from tests.contract.papers import bind_request

_CARDS = {
    "normal": acquirer.CCB_CREDIT,
    "declined": acquirer.CCB_CREDIT_DECLINED,
    "asks": acquirer.CCB_CREDIT_ASKS_CODE,
}
# Statements come at 9:00 of the next day, so just after midnight a day is too short.
_A_DAY = 34 * 3600


class UnionPayBench(Bench):
    """The sandbox acquirer as UnionPay's gateway."""

    name = "unionpay"
    caps = CAPABILITIES
    # A message carries no instant of its signing, only that of the payment.
    stale_after_seconds = 30 * 86_400
    # Both are forms that only the payer's browser posts.
    asks_nothing = frozenset({"create", "bind_card"})
    local_scenes = frozenset({Scene.H5})

    def __init__(self, bank: acquirer.SandboxAcquirer, box: Letterbox) -> None:
        """Take the running program and the letterbox its messages go to."""
        self.bank = bank
        self._box = box
        self.merchant_id = str(bank.dialect("unionpay").settings["merchant_id"])

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[UnionPayBench]:
        """Start a sandbox of its own that speaks UnionPay's protocol too."""
        with acquirer.own_sandbox(folder, "--dialect", "unionpay") as bank, Letterbox.open() as box:
            yield cls(bank, box)

    def account(self) -> AccountSpec:
        """Our account there."""
        return self.bank.dialect("unionpay", read_seconds=3.0)

    @property
    def notify_url(self) -> str:
        """The letterbox."""
        return self._box.url

    def pay(self, opened: PayResult) -> None:
        """Pay by card, wherever the payer was sent."""
        assert opened.step is not None
        if opened.step.kind is StepKind.FORM_POST:
            self.post_form(opened.step)
        self.bank.told(f"/_sim/pay/{opened.payment_no}?merchant={self.merchant_id}")

    @staticmethod
    def post_form(step: NextStep) -> str:
        """Post the form as her browser does; return the page it leads to."""
        answer = requests.post(step.url, data=step.fields, timeout=10, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Type the card on the page; what became of it is asked by our number."""
        request = bind_request(self)
        step = adapter.bind_card(request).step
        assert step is not None
        self.bank.tie_card(self.post_form(step), _CARDS[wish])
        token = adapter.query_agreement(AgreementRef(request.agreement_no)).token
        return request.agreement_no, token

    def answer_step(self, step: NextStep, charge: AgreementPay) -> None:
        """Give us the code her bank sent her; we send it with the same paper."""
        assert step.kind is StepKind.SMS_CODE
        code = self.bank.last_code("13800138000")
        self.adapter().pay_with_agreement(replace(charge, code=code))

    def messages(self, about: str) -> list[RawHttp]:
        """What lies in the letterbox about this number."""
        kept = list(self._box.kept)
        return [raw for raw in kept if [about] == parse_qs(raw.body.decode()).get("orderId")]

    def stranger(self) -> AcquirerAdapter:
        """Another merchant of UnionPay's."""
        return self.adapter(merchant_id="777290058119999")

    @contextmanager
    def end_the_day(self) -> Iterator[None]:
        """Put the bank's clock and ours on into the next day."""
        with self.bank.clock_at(_A_DAY):
            ahead = wall_now() + timedelta(seconds=_A_DAY)
            with time_machine.travel(ahead, tick=True):
                yield
