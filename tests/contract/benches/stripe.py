"""Stripe on the bench: a strict stand-in over HTTP, every request checked by published parameters.

Pages, Connect and a bank that asks are played here; tests/payments/stripe has localstripe besides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine

from payments.acquiring.contract import (
    AcquirerAdapter,
    AgreementPay,
    AgreementRef,
    NextStep,
    PayResult,
    RawHttp,
    SplitReceiver,
)
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.adapters.stripe.adapter import capabilities_of
from payments.adapters.stripe.wire import Profile
from payments.kernel.clock import wall_now
from tests.contract.bench import Bench
from tests.contract.papers import bind_request
from tests.localstripe import MERCHANT, stripe_account
from tests.machines import free_port
from tests.payments.stripe.strict import StrictStripe
from tests.payments.stripe.strict_door import open_stripe
from tests.payments.stripe.test_webhooks import event, message

_TEMPERS = {"normal": "ok", "declined": "poor", "asks": "asks"}


class StripeBench(Bench):
    """A Stripe with its own pages and Connect switched on."""

    name = "stripe"
    caps = capabilities_of(Profile(MERCHANT, hosted_pages=True, connect=True))
    nobodys_token = "cus_0:pm_0"
    asks_nothing = frozenset({"remove_receiver"})

    def __init__(self, stripe: StrictStripe) -> None:
        """Take the running stand-in."""
        self.stripe = stripe

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[StripeBench]:
        """Open its door."""
        del folder
        stripe = StrictStripe()
        server = open_stripe(stripe, free_port())
        try:
            yield cls(stripe)
        finally:
            server.shutdown()
            server.server_close()

    def account(self) -> AccountSpec:
        """Our account there."""
        return stripe_account(base_url=self.stripe.url, hosted_pages=True, connect=True)

    @property
    def notify_url(self) -> str:
        """Nowhere: where Stripe sends its messages is set at Stripe."""
        return ""

    def pay(self, opened: PayResult) -> None:
        """Pay on the page."""
        self.stripe.pay_page(self._page(opened.step))

    def _page(self, step: NextStep | None) -> str:
        assert step is not None
        return step.url.rpartition("/")[2]

    def tie_card(self, adapter: AcquirerAdapter, wish: str = "normal") -> tuple[str, str]:
        """Sign on the page, with a card of this temper."""
        request = bind_request(self)
        self.stripe.sign_page(self._page(adapter.bind_card(request).step))
        token = adapter.query_agreement(AgreementRef(request.agreement_no)).token
        self.stripe.things[token.partition(":")[2]]["temper"] = _TEMPERS[wish]
        return request.agreement_no, token

    def answer_step(self, step: NextStep, charge: AgreementPay) -> None:
        """Say yes at the bank."""
        intent = self.stripe.things[self._page(step)]
        self.stripe.things[intent["payment_method"]]["temper"] = "ok"
        self.stripe.settle(intent)

    def revoke(self, agreement_no: str) -> None:
        """Detach the card, as the account's owner may."""
        self.stripe.detach_payment_methods(self._card(agreement_no), {})

    def _card(self, agreement_no: str) -> dict[str, Any]:
        cards = self.stripe.all("payment_method")
        return next(card for card in cards if agreement_no in card["metadata"].values())

    def receiver(self, adapter: AcquirerAdapter) -> SplitReceiver:
        """A connected account."""
        return SplitReceiver("acct_known_supplier", "绿源果业")

    def stranger(self) -> AcquirerAdapter:
        """An account whose messages are signed with another secret."""
        url = self.stripe.url
        return make_adapter(stripe_account(base_url=url, webhook_secrets="whsec_other"))

    def messages(self, about: str) -> list[RawHttp]:
        """What Stripe would have sent by now about this number."""
        told = []
        for thing in self.stripe.things.values():
            kind = _event_of(thing)
            if kind and about in json.dumps(thing):
                told.append(message(event(kind, thing, id=f"evt_{thing['id']}")))
        return told

    def work_off(self) -> None:
        """Let the banks carry refunds out."""
        for refund in self.stripe.all("refund"):
            refund["status"] = "succeeded"

    @contextmanager
    def end_the_day(self) -> Iterator[None]:
        """Live a day and an hour on."""
        with time_machine.travel(wall_now() + timedelta(hours=25), tick=True):
            yield


def _event_of(thing: dict[str, Any]) -> str:
    """Name the event that a thing in this state was last told by; "" for none of ours."""
    if thing["object"] == "payment_intent" and thing["status"] == "succeeded":
        return "payment_intent.succeeded"
    if thing["object"] == "payment_method" and thing.get("customer") is None:
        return "payment_method.detached"
    return ""
