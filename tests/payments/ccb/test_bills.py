"""The bank's statements: both dialects, by their headers, with sums that are checked."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date

import pytest

from payments.acquiring.contract import (
    BadBillError,
    BillKind,
    BillLineKind,
    Outcome,
    RateLimitedError,
)
from payments.adapters.ccb import bills
from payments.adapters.ccb.bill_container import write_container
from payments.adapters.ccb.unpacking import copy_unpacked
from payments.kernel.clock import business_date
from tests.contract.benches.ccb import MERCHANT
from tests.contract.papers import refund_request
from tests.contract.paying import paid
from tests.contract.test_refunds import refunded

DAY = date(2026, 11, 21)
POS = "100000415"
HEAD = (
    "账单日期[20261122]\t交易日期[20261121]\t笔数[2]\t交易金额[292.00]\t手续费[1.11]"
    "\t结算金额[290.89]"
)
COLUMNS = "\t".join(bills.SETTLED_COLUMNS)


def settled_row(number: str, amount: str, fee: str, net: str, pos: str = POS) -> str:
    """A line of the new dialect."""
    cells = ("2026-11-21 10:11:12", "2026-11-21", f"B{number}", number, number, "成功")
    return "\t".join(
        (
            *cells,
            "6217000000000000012",
            "李小娟",
            amount,
            amount,
            fee,
            net,
            pos,
            "建设银行",
            "借记卡",
        )
    )


SETTLED = (
    HEAD,
    COLUMNS,
    settled_row("P1", "192.00", "0.73", "191.27"),
    settled_row("P2", "100.00", "0.38", "99.62"),
)


def read(tmp_path, pay: object = "", refund: object = "") -> list[bills.BillLine]:
    """Read a statement of these two files."""
    parts = []
    for name, content in (("pay", pay), ("refund", refund)):
        text = content if isinstance(content, str) else "\r\n".join(content) + "\r\n"
        path = tmp_path / name
        path.write_bytes(text.encode("gb18030"))
        parts.append((name, path))
    into = tmp_path / "bill"
    write_container(into, parts, day=DAY, merchant_id=MERCHANT)
    with into.open("rb") as file:
        return list(bills.read_bill(file, merchant_id=MERCHANT, pos_id=POS))


def reason(tmp_path, pay: object = "", refund: object = "") -> str:
    """Why a statement of these files is refused."""
    with pytest.raises(BadBillError) as caught:
        read(tmp_path, pay, refund)
    return caught.value.reason


def test_the_new_dialect_says_amount_fee_and_the_banks_number(tmp_path):
    one, two = read(tmp_path, SETTLED)

    assert (one.kind, one.own_no, one.acquirer_no) == (BillLineKind.PAY, "P1", "BP1")
    assert (one.amount.minor, one.fee.minor, one.outcome) == (19200, 73, Outcome.SUCCEEDED)
    assert one.at.isoformat() == "2026-11-21T10:11:12+08:00"
    assert (two.line_no, two.amount.minor) == (2, 10000)
    assert one.raw["付款方账号"] == "*0012"
    assert one.raw["付款方户名"] == "李**"


def test_the_old_dialect_is_read_from_its_fourth_line(tmp_path):
    head = ("建设银行", "商户流水")
    pay = "\t".join(bills.UNSETTLED_PAY)
    row = "20261121101112\tP1\t6217\t192.00\t0.00\t" + POS + "\t\t\tZFB\t成功\t20261121"
    back = "\t".join(bills.UNSETTLED_REFUND)
    line = f"2026-11-21 10:11:12\tP1\t192.00\t27.69\t{POS}\tZFB\t成功\t20261121\tX9"

    one, two = read(tmp_path, (*head, pay, row), (*head, back, line))

    assert (one.kind, one.own_no, one.amount.minor, one.fee.minor) == ("pay", "P1", 19200, 0)
    assert (two.kind, two.own_no, two.related_no, two.amount.minor) == ("refund", "X9", "P1", 2769)


def test_columns_are_found_by_their_names(tmp_path):
    order = [*reversed(range(15))]
    turned = [
        "\t".join(line.split("\t")[place] for place in order) if line != HEAD else line
        for line in SETTLED
    ]

    assert [(x.own_no, x.amount) for x in read(tmp_path, turned)] == [
        (x.own_no, x.amount) for x in read(tmp_path, SETTLED)
    ]


def test_a_day_without_records_is_empty(tmp_path):
    assert read(tmp_path) == []
    assert read(tmp_path, "无对账记录\r\n", "标题\r\n无对账记录") == []


def test_another_counters_lines_count_in_the_sums_and_are_left_out(tmp_path):
    lines = [*SETTLED[:3], settled_row("P2", "100.00", "0.38", "99.62", pos="999")]

    assert [line.own_no for line in read(tmp_path, lines)] == ["P1"]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([*SETTLED[:3]], "totals"),
        ([*SETTLED, SETTLED[3]], "totals"),
        ([HEAD.replace("292.00", "292.01"), *SETTLED[1:]], "totals"),
        ([HEAD.replace("1.11", "1.12"), *SETTLED[1:]], "totals"),
        ([HEAD, COLUMNS + "\t新列", *SETTLED[2:]], "header"),
        ([HEAD, COLUMNS.replace("手续费", "服务费"), *SETTLED[2:]], "header"),
        ([COLUMNS, *SETTLED[2:]], "header"),
        ([HEAD.replace("[2]", "[two]"), *SETTLED[1:]], "header"),
        (["一", "二", "三", "四", "五"], "header"),
        ([*SETTLED[:3], "2026-11-21 10:11:12\tP2"], "format"),
        ([*SETTLED[:3], settled_row("P2", "1e2", "0.38", "99.62")], "format"),
        ([*SETTLED[:3], SETTLED[3].replace("成功", "也许")], "format"),
        ([*SETTLED[:3], SETTLED[3].replace("10:11:12", "25:11:12")], "format"),
        ([*SETTLED[:3], "x" * 9000], "format"),
    ],
)
def test_what_does_not_fit_is_refused_whole(tmp_path, lines, why):
    assert reason(tmp_path, lines) == why


def test_another_merchants_and_a_cut_statement_are_refused(tmp_path):
    read(tmp_path, SETTLED)
    raw = (tmp_path / "bill").read_bytes()
    cases = {
        raw.replace(MERCHANT.encode(), b"105000000000999", 1): "merchant",
        raw[:-1]: "truncated",
        raw + b"x": "format",
        b"x" + raw: "header",
        raw[:-30] + b"\xff" * 30: "encoding",
        b"": "header",
    }
    for content, why in cases.items():
        with pytest.raises(BadBillError) as caught:
            list(bills.read_bill(io.BytesIO(content), merchant_id=MERCHANT, pos_id=POS))
        assert caught.value.reason == why, content[-40:]


def test_packed_files_are_unpacked_without_their_names_and_not_endlessly(tmp_path):
    text, into = "荔枝\n".encode("gb18030") * 10, tmp_path / "out"
    for name, content in (
        ("plain", text),
        ("gz", gzip.compress(text)),
        ("zip", zipped({"../../etc/passwd": text})),
    ):
        (tmp_path / name).write_bytes(content)
        copy_unpacked(tmp_path / name, into)
        assert into.read_bytes() == text
    assert not (tmp_path.parent / "etc").exists()
    for bad in (
        gzip.compress(b"0" * 5000),
        zipped({"a": b"0" * 5000}),
        zipped({"a": b"1", "b": b"2"}),
        gzip.compress(text)[:-9],
        b"PK\x03\x04 broken",
    ):
        (tmp_path / "bad").write_bytes(bad)
        with pytest.raises(BadBillError):
            copy_unpacked(tmp_path / "bad", into, bytes_max=1000)


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip of these."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_both_dialects_come_through_the_outreach_client(bench, tmp_path):
    ccb, old = bench.adapter(), bench.adapter(bill_form="unsettled")
    payment = paid(bench, ccb)
    request = refund_request(bench, payment, 2769)
    refunded(bench, ccb, request)
    day = business_date()
    found = {}
    with bench.end_the_day():
        for name, adapter in (("settled", ccb), ("unsettled", old)):
            path = tmp_path / name
            adapter.download_bill(day, BillKind.TRADE, into=path)
            with path.open("rb") as file:
                lines = adapter.parse_bill(file, BillKind.TRADE)
                numbers = {payment.payment_no, request.refund_no}
                found[name] = {x.own_no: x for x in lines if x.own_no in numbers}

    pay, back = found["settled"][payment.payment_no], found["settled"][request.refund_no]
    assert (pay.fee.minor, back.fee.minor) == (73, -11)
    assert [x.amount for x in found["settled"].values()] == [
        x.amount for x in found["unsettled"].values()
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["settled", "unsettled"]


def test_a_statement_that_is_still_made_is_asked_for_later(bench, ccb, tmp_path):
    paid(bench, ccb)
    day = business_date()
    with (
        bench.end_the_day(),
        bench.bank.fault("not_ready", kind="trade"),
        pytest.raises(RateLimitedError) as caught,
    ):
        ccb.download_bill(day, BillKind.TRADE, into=tmp_path / "bill")

    assert caught.value.retry_after_seconds == 600
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RateLimitedError) as caught:
        ccb.download_bill(day, BillKind.TRADE, into=tmp_path / "bill")
    assert caught.value.acquirer_code == "YBLA06413051"
