"""Reading the sandbox's bill: what the bank writes is what we read; anything else is refused."""

from __future__ import annotations

import io
import itertools
import random
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.acquiring.contract import BadBillError, BillKind, BillLine, BillLineKind, Outcome
from payments.adapters.sandbox.bills import read_bill, read_head
from payments.kernel.money import Money
from payments.sandbox.core.bill_faults import encoded
from payments.sandbox.core.bills import Heading, Line, Wish, written
from payments.sandbox.rules import Strike

DAY = date(2026, 11, 21)
NOON_MS = 1_795_233_600_000  # 2026-11-21 12:00 in Shanghai
WISH = Wish("LINLI0001", DAY, "trade")
KINDS = {
    "trade": ["PAY", "REFUND"],
    "split": ["SPLIT", "SPLIT_RETURN"],
    "transfer": ["TRANSFER"],
    "fund": ["SETTLEMENT"],
}
PAID = Line("PAY", "P000001", "SB01", "", "", 19200, 73, "SUCCESS", NOON_MS)
BACK = Line("REFUND", "R000001", "SR01", "P000001", "", 2769, -11, "SUCCESS", NOON_MS + 1)


def bill(*lines: Line, wish: Wish = WISH, form: str = "") -> bytes:
    """Write a bill as the bank does."""
    strikes = [Strike(1, "gbk_bom_crlf", {"form": form})] if form else []
    return b"".join(encoded(written(Heading(wish, NOON_MS), lines), strikes))


def read(content: bytes, kind: BillKind = BillKind.TRADE) -> list[BillLine]:
    return list(read_bill(io.BytesIO(content), merchant_id="LINLI0001", kind=kind))


def reason_of(content: bytes, kind: BillKind = BillKind.TRADE) -> str:
    with pytest.raises(BadBillError) as caught:
        read(content, kind)
    return caught.value.reason


def test_a_bill_as_it_is_written():
    assert bill(PAID, BACK).decode() == (
        "#沙箱银行对账单,版式=1,商户=LINLI0001,账单日=2026-11-21,种类=trade,时区=+08:00,版次=1,"
        "制单=2026-11-21 12:00:00.000\n"
        "序号,类型,商户单号,银行单号,原单号,对方,币种,金额,手续费,状态,时间\n"
        "1,支付,P000001,SB01,,,CNY,192.00,0.73,成功,2026-11-21 12:00:00.000\n"
        "2,退款,R000001,SR01,P000001,,CNY,27.69,-0.11,成功,2026-11-21 12:00:00.001\n"
        "#小计,支付,成功,1,192.00,0.73\n"
        "#小计,退款,成功,1,27.69,-0.11\n"
        "#完,2\n"
    )


def test_a_bill_as_we_read_it():
    _, back = read(bill(PAID, BACK))

    assert (back.line_no, back.kind, back.outcome) == (2, BillLineKind.REFUND, Outcome.SUCCEEDED)
    assert (back.own_no, back.acquirer_no, back.related_no) == ("R000001", "SR01", "P000001")
    assert (back.amount, back.fee) == (Money(2769), Money(-11))
    assert back.at == datetime(2026, 11, 21, 12, 0, 0, 1000, tzinfo=timezone(timedelta(hours=8)))
    assert back.raw["金额"] == "27.69"


amounts = st.integers(1, 10**12)
own_numbers = st.from_regex(r"[A-Za-z0-9_\-]{6,40}", fullmatch=True)
parties = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=20)


@st.composite
def bills(draw: st.DrawFn) -> tuple[Wish, list[Line]]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    lines = st.builds(
        Line,
        kind=st.sampled_from(KINDS[kind]),
        own_no=st.just("") if kind == "fund" else own_numbers,
        acquirer_no=own_numbers,
        related_no=st.just("") | own_numbers,
        party=parties,
        amount_minor=amounts | amounts.map(lambda minor: -minor) if kind == "fund" else amounts,
        fee_minor=st.integers(-(10**9), 10**9),
        status=st.sampled_from(["SUCCESS", "FAILED"]),
        at_ms=st.integers(NOON_MS - 43_200_000, NOON_MS + 43_199_999),
    )
    return Wish("LINLI0001", DAY, kind), draw(st.lists(lines, max_size=6))


@given(bills(), st.sampled_from(["", "bom_gbk_crlf", "gbk_crlf", "bom_crlf"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_the_bank_writes_is_what_we_read(written_bill, form):
    wish, lines = written_bill

    seen = read(bill(*lines, wish=wish, form=form), BillKind(wish.kind))

    assert [
        Line(
            one.kind.name,
            one.own_no,
            one.acquirer_no,
            one.related_no,
            one.party,
            one.amount.minor,
            one.fee.minor,
            "SUCCESS" if one.outcome is Outcome.SUCCEEDED else "FAILED",
            round(one.at.timestamp() * 1000),
        )
        for one in seen
    ] == lines
    assert [one.line_no for one in seen] == list(range(1, len(lines) + 1))


GOOD = bill(PAID, BACK)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "truncated"),
        (GOOD[:40], "truncated"),
        (GOOD[: GOOD.index(b"\n") + 1], "format"),
        (b"".join(GOOD.splitlines(keepends=True)[:3]), "truncated"),
        (b"".join(GOOD.splitlines(keepends=True)[:5]), "truncated"),
        (GOOD[:-1], "truncated"),
        (GOOD.replace(b"LINLI0001", b"LINLI0002"), "merchant"),
        (GOOD.replace("种类=trade".encode(), "种类=fund".encode()), "header"),
        (GOOD.replace("版式=1".encode(), "版式=2".encode()), "header"),
        (GOOD.replace("时区=+08:00".encode(), "时区=+00:00".encode()), "header"),
        (GOOD.replace(b"2026-11-21,", b"2026-11-31,"), "header"),
        (b"order_id,amount\n1,2\n", "header"),
        (b"\xff\xfe" + GOOD.decode().encode("utf-16-le"), "encoding"),
        (GOOD.replace("序号".encode(), "编号".encode()), "format"),
        (GOOD.replace(b"192.00,0.73\n", b"192.01,0.73\n"), "totals"),
        (GOOD.replace(b"CNY,192.00", b"CNY,192.01"), "totals"),
        (GOOD.replace("#完,2".encode(), "#完,3".encode()), "totals"),
        (GOOD.replace("#小计,退款,成功,1,27.69,-0.11\n".encode(), b""), "totals"),
        (GOOD + b"3,\n", "format"),
        (GOOD + GOOD, "format"),
        (GOOD.replace("2,退款".encode(), "3,退款".encode()), "format"),
        (GOOD.replace("2,退款".encode(), "2,赠送".encode()), "format"),
        (GOOD.replace("2,退款".encode(), "2,分账".encode()), "format"),
        (GOOD.replace(b"192.00", b"1.92E2"), "format"),
        (GOOD.replace(b"192.00", b"+192.00"), "format"),
        (GOOD.replace(b"192.00", b"-192.00"), "format"),
        (GOOD.replace(b"192.00", b"192.000"), "format"),
        (GOOD.replace(b"192.00", b"9" * 30 + b".00"), "format"),
        (GOOD.replace(b"192.00", "１９２.00".encode()), "format"),
        (GOOD.replace(b"CNY", b"USD"), "format"),
        (GOOD.replace(b"P000001,SB01", b"P000001'--,SB01"), "format"),
        (GOOD.replace(b"12:00:00.001", b"25:00:00.001"), "format"),
        (GOOD.replace(b"27.69", b"27.69,1"), "format"),
        (GOOD.replace(b"SB01", b'"SB01'), "format"),
        (GOOD.replace(b"SB01", b"S" * 5000), "format"),
        (GOOD.replace(b"1,\xe6", b"\n1,\xe6", 1), "format"),
        (GOOD.replace("退款".encode(), "退款".encode("gbk"), 1), "encoding"),
    ],
)
def test_a_bill_that_is_not_what_it_says_is_refused_with_the_reason(content, reason):
    assert content != GOOD
    assert reason_of(content) == reason


def test_a_bill_is_of_the_kind_that_was_asked_for():
    assert reason_of(GOOD, BillKind.FUND) == "header"


def test_the_head_tells_edition_and_encoding():
    head = read_head(io.BytesIO(bill(PAID, form="bom_gbk_crlf")))

    assert (head.merchant_id, head.day, head.edition) == ("LINLI0001", DAY, 1)
    assert head.encoding == "gb18030"


def test_lines_come_before_the_end_is_known():
    lines = read_bill(io.BytesIO(GOOD[:-4]), merchant_id="LINLI0001", kind=BillKind.TRADE)

    assert next(lines).own_no == "P000001"
    with pytest.raises(BadBillError):
        list(lines)


def test_changed_bytes_are_read_or_refused_and_nothing_else():
    """5,000 bills with changed, lost, doubled or foreign bytes."""
    dice = random.Random(20261121)
    forms = ["", "bom_gbk_crlf", "gbk_crlf", "bom_crlf"]
    originals = [bill(PAID, BACK, form=form) for form in forms]
    seen, reasons = {"read": 0, "refused": 0}, set()
    for _ in range(5_000):
        content = bytearray(dice.choice(originals))
        for _ in range(dice.randint(1, 4)):
            _change(content, dice)
        try:
            read(bytes(content))
            seen["read"] += 1
        except BadBillError as error:
            seen["refused"] += 1
            reasons.add(error.reason)

    assert seen["refused"] > 4_000
    assert seen["read"] > 50, "changes of a time or a number pass; the matching finds them"
    assert reasons == {"truncated", "totals", "header", "merchant", "encoding", "format"}


def _change(content: bytearray, dice: random.Random) -> None:
    place = dice.randrange(len(content)) if content else 0
    length = dice.choice([1, 1, 2, 7, 60])
    match dice.randrange(5):
        case 0:
            content[place : place + length] = dice.randbytes(length)
        case 1:
            del content[place : place + length]
        case 2:
            content[place:place] = content[place : place + length]
        case 3:
            content[place:place] = dice.choice(
                [b"\0", b'"', b"\n", b"\r", b",", b"\xff", b"#", b"9"]
            )
        case 4:
            if content:
                content[place] ^= 1 << dice.randrange(8)


class Unwritten(io.RawIOBase):
    """A file that is made while it is read, so that only the reader's memory counts."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = filter(None, pieces), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        given = self._rest[: len(buffer)]
        buffer[: len(given)] = given
        self._rest = self._rest[len(given) :]
        return len(given)


def reader(line_count: int) -> Iterator[BillLine]:
    lines = itertools.islice(itertools.cycle([PAID, BACK]), line_count)
    file = io.BufferedReader(Unwritten(encoded(written(Heading(WISH, NOON_MS), lines), [])))
    return read_bill(file, merchant_id="LINLI0001", kind=BillKind.TRADE)


def peak_of(line_count: int) -> int:
    """Bytes held at most while reading a bill; tracing is slow, so keep it short."""
    tracemalloc.start()
    try:
        assert sum(1 for _ in reader(line_count)) == line_count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_bill_needs_no_more_memory_than_a_short_one():
    peak_of(2_000)

    assert peak_of(20_000) < peak_of(2_000) + 50_000 < 2_000_000


def test_two_hundred_thousand_lines_are_read():
    assert sum(line.fee.minor for line in reader(200_000)) == 100_000 * (73 - 11)
