"""Paying out: under way, then done or refused; the same number pays once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.acquiring.contract import (
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Outcome,
    TransferMode,
    TransferRef,
)
from payments.kernel.numbers import new_number
from tests.contract.papers import price, transfer_request
from tests.waiting import until

pays_out = pytest.mark.needs(lambda caps: caps.transfer is TransferMode.DIRECT)


@pays_out
def test_a_transfer_is_carried_out_once(bench, adapter):
    request = transfer_request(bench)

    first, again = adapter.transfer(request), adapter.transfer(request)
    ref = TransferRef(request.transfer_no, first.acquirer_transfer_no)
    done = until(
        lambda: (told := adapter.query_transfer(ref)).outcome is Outcome.SUCCEEDED and told
    )

    assert first.outcome in {Outcome.PENDING, Outcome.SUCCEEDED}
    assert again.acquirer_transfer_no == first.acquirer_transfer_no
    assert (done.transfer_no, done.amount) == (request.transfer_no, request.amount)


@pays_out
def test_a_transfer_number_never_stands_for_another_payee(bench, adapter):
    request = transfer_request(bench)
    adapter.transfer(request)

    with pytest.raises((AlreadyDoneError, ConfigError)):
        adapter.transfer(replace(request, payee_account="6217000000000002"))


@pays_out
def test_more_than_there_is_cannot_be_paid_out(bench, adapter):
    with pytest.raises(DeclinedError):
        adapter.transfer(transfer_request(bench, amount=price(bench, 10_000_000_000)))


@pays_out
def test_a_transfer_nobody_sent_is_not_found(adapter):
    told = adapter.query_transfer(TransferRef(new_number("T")))

    assert told.outcome is Outcome.NOT_FOUND
