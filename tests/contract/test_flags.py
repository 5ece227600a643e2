"""A flag promises an ability; without it the method says no, and says so before asking anybody."""

from __future__ import annotations

import re

import pytest

from payments.acquiring.contract import (
    AcquirerError,
    AgreementMode,
    BillKind,
    Capabilities,
    CloseMode,
    NotSupportedError,
    Scene,
    SplitMode,
    TransferMode,
)
from payments.kernel.numbers import new_number
from tests.contract.papers import asked_of_everything, pay_request
from tests.machines import free_port

# What each method needs of the flags.
PROMISES = {
    "close": lambda caps: caps.close is CloseMode.API,
    "refund": lambda caps: caps.refund_window_days > 0,
    "query_refund": lambda caps: caps.refund_window_days > 0,
    "bind_card": lambda caps: caps.agreement is not AgreementMode.NONE,
    "query_agreement": lambda caps: caps.agreement is not AgreementMode.NONE,
    "unbind": lambda caps: caps.agreement is not AgreementMode.NONE,
    "pay_with_agreement": lambda caps: Scene.CARD_TOKEN in caps.scenes,
    "split": lambda caps: caps.split is SplitMode.AFTER_PAY,
    "query_split": lambda caps: caps.split is SplitMode.AFTER_PAY,
    "split_return": lambda caps: caps.split_return,
    "transfer": lambda caps: caps.transfer is not TransferMode.NONE,
    "query_transfer": lambda caps: caps.transfer is not TransferMode.NONE,
    "cancel_transfer": lambda caps: caps.transfer_cancel,
}


def test_the_flags_of_the_bench_are_those_of_the_adapter(bench, adapter):
    assert adapter.caps == bench.caps


@pytest.mark.parametrize("method", sorted(PROMISES))
def test_a_method_is_offered_exactly_where_its_flag_promises_it(bench, method):
    """Asked of an address where nobody listens: a no comes without a question."""
    adapter = bench.adapter(base_url=f"http://127.0.0.1:{free_port()}")

    def ask() -> str:
        try:
            getattr(adapter, method)(*asked_of_everything(bench)[method])
        except NotSupportedError:
            return "not supported"
        except AcquirerError:
            return "tried"
        return "answered"

    tried = {"tried"} | ({"answered"} if method in bench.asks_nothing else set())
    assert ask() in (tried if PROMISES[method](adapter.caps) else {"not supported"})


def test_a_scene_is_offered_exactly_where_it_is_promised(bench, adapter):
    pages = set(Scene) - {Scene.CARD_TOKEN, Scene.BARCODE}
    for scene in sorted(pages - adapter.caps.scenes):
        with pytest.raises(NotSupportedError):
            adapter.create(pay_request(bench, scene))


def test_numbers_of_ours_fit_the_acquirers_rule(bench):
    rule = bench.caps.order_no

    for prefix in ("P", "R", "S", "T", "A", "C"):
        number = new_number(prefix)
        assert re.fullmatch(rule.pattern, number)
        assert len(number) <= rule.length_max


def test_flags_that_hang_together_agree(bench):
    caps: Capabilities = bench.caps

    assert caps.scenes
    assert bench.currency in caps.currencies
    assert (Scene.CARD_TOKEN in caps.scenes) == (caps.agreement is not AgreementMode.NONE)
    assert not caps.multi_refund or caps.partial_refund
    assert not caps.partial_refund or caps.refund_window_days > 0
    assert not caps.split_return or caps.split is not SplitMode.NONE
    assert not caps.transfer_cancel or caps.transfer is not TransferMode.NONE
    assert (caps.split is SplitMode.NONE) == (caps.split_max_receivers == 0)
    assert (BillKind.TRADE in caps.bill_kinds) == (caps.bill_retention_days > 0)
    assert (BillKind.SPLIT not in caps.bill_kinds) or caps.split is not SplitMode.NONE
