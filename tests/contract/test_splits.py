"""Sharing out: receivers known beforehand, each share once, and back again for a refund."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.acquiring.contract import (
    AcquirerAdapter,
    AlreadyDoneError,
    ConfigError,
    DeclinedError,
    Outcome,
    SplitMode,
    SplitRef,
    SplitRequest,
    SplitResult,
)
from payments.kernel.money import Money
from payments.kernel.numbers import new_number
from tests.contract.papers import PRICE_MINOR, price, return_request, split_request
from tests.contract.paying import paid
from tests.waiting import until

shares_out = pytest.mark.needs(lambda caps: caps.split is SplitMode.AFTER_PAY)
takes_back = pytest.mark.needs(lambda caps: caps.split_return)


def split_up(bench, adapter: AcquirerAdapter, minor: int) -> tuple[SplitRequest, SplitResult]:
    """Pay 192.00 and give a receiver so much of it."""
    receiver = bench.receiver(adapter)
    request = split_request(paid(bench, adapter), receiver, price(bench, minor))
    adapter.split(request)
    ref = SplitRef(
        request.split_no,
        request.payment_no,
        shares=request.shares,
        acquirer_no=request.acquirer_no,
    )
    return request, until(
        lambda: (told := adapter.query_split(ref)).outcome is Outcome.SUCCEEDED and told
    )


def most(adapter: AcquirerAdapter) -> int:
    """The most that may be shared out of 192.00, in minor units."""
    return PRICE_MINOR * adapter.caps.split_max_percent // 100


def is_refused(adapter: AcquirerAdapter, request: SplitRequest) -> bool:
    """Tell whether a split is refused: as a whole, or each of its shares."""
    try:
        told = adapter.split(request)
    except DeclinedError:
        return True
    return told.outcome is Outcome.FAILED


@shares_out
def test_a_share_reaches_its_receiver(bench, adapter):
    request, told = split_up(bench, adapter, 2080)

    (share,) = told.shares
    assert (share.share_no, share.receiver) == (
        request.shares[0].share_no,
        request.shares[0].receiver,
    )
    assert (share.amount, share.outcome) == (price(bench, 2080), Outcome.SUCCEEDED)


@shares_out
def test_the_same_split_twice_is_one_split(bench, adapter):
    request, told = split_up(bench, adapter, 100)

    again = adapter.split(request)

    # Not every acquirer's question names its number of the split again.
    assert len({again.acquirer_split_no, told.acquirer_split_no} - {""}) <= 1
    assert [share.share_no for share in again.shares] == [share.share_no for share in told.shares]
    changed = replace(request.shares[0], amount=Money(101, bench.currency))
    with pytest.raises((AlreadyDoneError, ConfigError)):
        adapter.split(replace(request, shares=(changed,)))


@shares_out
def test_no_more_is_shared_than_the_limit_allows(bench, adapter):
    receiver = bench.receiver(adapter)
    payment = paid(bench, adapter)

    assert is_refused(adapter, split_request(payment, receiver, price(bench, most(adapter) + 1)))


@takes_back
def test_a_share_comes_back_once(bench, adapter):
    request, _ = split_up(bench, adapter, 2080)
    back = return_request(bench, request, 490)

    def returned() -> bool:
        return adapter.split_return(back).outcome is Outcome.SUCCEEDED

    until(returned)
    assert adapter.split_return(back).outcome is Outcome.SUCCEEDED
    more = replace(back, return_no=new_number("B"), amount=price(bench, 1591))
    with pytest.raises(DeclinedError):
        adapter.split_return(more)
