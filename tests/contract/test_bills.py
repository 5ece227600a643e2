"""Statements: every movement of the day once, and nothing believed of a file that was changed."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from random import Random

import pytest

from payments.acquiring.contract import (
    AcquirerAdapter,
    BadBillError,
    BillKind,
    BillLine,
    BillLineKind,
    BillReadiness,
    Outcome,
)
from payments.kernel.clock import business_date
from tests.contract.papers import price, refund_request
from tests.contract.paying import paid
from tests.contract.test_refunds import refunded

makes_bills = pytest.mark.needs(lambda caps: BillKind.TRADE in caps.bill_kinds)
CHANGED_FILES = 400
WORDS = {"read", "digest", "truncated", "totals", "header", "merchant", "encoding", "format"}


def _reading(adapter: AcquirerAdapter, content: bytes) -> str:
    try:
        for line in adapter.parse_bill(io.BytesIO(content), BillKind.TRADE):
            assert isinstance(line, BillLine)
    except BadBillError as error:
        return error.reason
    return "read"


def lines_of(adapter: AcquirerAdapter, day: date, file: Path) -> list[BillLine]:
    """Fetch the trade statement of a day and read it."""
    assert adapter.bill_available(day, BillKind.TRADE).readiness is BillReadiness.READY
    got = adapter.download_bill(day, BillKind.TRADE, into=file)
    assert (got.day, got.kind, got.path) == (day, BillKind.TRADE, file)
    with file.open("rb") as opened:
        return list(adapter.parse_bill(opened, BillKind.TRADE))


@makes_bills
def test_a_payment_and_its_refund_stand_in_the_days_statement(bench, adapter, tmp_path):
    payment = paid(bench, adapter)
    refund = refund_request(bench, payment, 2769)
    back = refunded(bench, adapter, refund)
    day = business_date()

    with bench.end_the_day():
        lines = lines_of(adapter, day, tmp_path / "bill")

    (pay,) = [line for line in lines if line.own_no == payment.payment_no]
    (ref,) = [line for line in lines if line.own_no == refund.refund_no]
    assert (pay.kind, pay.amount, pay.outcome) == (
        BillLineKind.PAY,
        price(bench),
        Outcome.SUCCEEDED,
    )
    assert (ref.kind, ref.amount.minor) == (BillLineKind.REFUND, 2769)
    assert (pay.acquirer_no, ref.acquirer_no) == (payment.acquirer_no, back.acquirer_refund_no)
    assert pay.fee.minor >= 0 >= ref.fee.minor
    assert [line.line_no for line in lines] == sorted({line.line_no for line in lines})


@makes_bills
def test_the_same_day_twice_is_the_same_statement(bench, adapter, tmp_path):
    paid(bench, adapter)
    day = business_date()

    with bench.end_the_day():
        first = lines_of(adapter, day, tmp_path / "one")
        again = lines_of(adapter, day, tmp_path / "two")

    assert first == again


@makes_bills
def test_a_changed_statement_says_so_or_says_the_same(bench, adapter, tmp_path):
    """Whatever is done to the bytes: a list of lines or BadBillError, never anything else."""
    paid(bench, adapter)
    day = business_date()
    with bench.end_the_day():
        lines_of(adapter, day, tmp_path / "bill")
    good, chance = (tmp_path / "bill").read_bytes(), Random(5)

    for _ in range(CHANGED_FILES):
        bad = bytearray(good)
        place = chance.randrange(len(bad))
        if chance.random() < 0.5:
            bad[place] ^= 1 << chance.randrange(8)
        else:
            del bad[place : place + chance.randrange(1, 80)]
        assert _reading(adapter, bytes(bad)) in WORDS
