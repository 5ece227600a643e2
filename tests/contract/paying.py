"""A payment that was paid, by whatever way the acquirer at hand offers."""

from __future__ import annotations

from payments.acquiring.contract import AcquirerAdapter, Outcome, PayRef, PayResult, Scene
from tests.contract.bench import Bench
from tests.contract.papers import charge_request, pay_request, sent
from tests.waiting import until

_PAGES = (Scene.H5, Scene.NATIVE_QR)


def paid(bench: Bench, adapter: AcquirerAdapter) -> PayRef:
    """Let somebody pay 192.00; return the payment, the acquirer's number known."""
    scene = next((scene for scene in _PAGES if scene in adapter.caps.scenes), None)
    if scene is None:
        opened = adapter.pay_with_agreement(charge_request(bench, bench.tie_card(adapter)))
    else:
        opened = adapter.create(pay_request(bench, scene))
        bench.pay(opened)
    return ref_of(until(lambda: succeeded(adapter, opened)))


def succeeded(adapter: AcquirerAdapter, opened: PayResult) -> PayResult | None:
    """Ask about a payment; its result once it has succeeded."""
    told = adapter.query(ref_of(opened))
    return told if told.outcome is Outcome.SUCCEEDED else None


def ref_of(result: PayResult) -> PayRef:
    """Name a payment as the core would: both numbers, and when it was sent."""
    return PayRef(
        result.payment_no, acquirer_no=result.acquirer_no, sent_at=sent(result.payment_no)
    )
