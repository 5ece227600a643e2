"""WeChat Pay's statements: read by the names of their columns, believed by their sums."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import pytest

from payments.acquiring.contract import BadBillError, BillKind, BillLineKind, Outcome
from payments.adapters.wechatpay.bill_files import unpack
from payments.adapters.wechatpay.bill_lines import FUND, SPLIT, TRADE, read_bill
from payments.adapters.wechatpay.bills import Form
from tests.payments.wechatpay.theirs import APPID, MERCHANT

PAYMENT = {
    "交易时间": "2026-11-21 09:30:12",
    "公众账号ID": APPID,
    "商户号": MERCHANT,
    "特约商户号": "0",
    "微信订单号": "4200001234202611210123456789",
    "商户订单号": "P2611210000000000001",
    "用户标识": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "交易类型": "JSAPI",
    "交易状态": "SUCCESS",
    "付款银行": "CMB_DEBIT",
    "货币种类": "CNY",
    "应结订单金额": "192.00",
    "代金券金额": "16.00",
    "微信退款单号": "0",
    "商户退款单号": "0",
    "退款金额": "0.00",
    "充值券退款金额": "0.00",
    "商品名称": "荔枝, 2 斤,`妃子笑`",
    "手续费": "0.73000",
    "费率": "0.38%",
    "订单金额": "208.00",
    "申请退款金额": "0.00",
}
REFUND = PAYMENT | {
    "交易时间": "2026-11-21 10:02:40",
    "交易状态": "REFUND",
    "应结订单金额": "0.00",
    "代金券金额": "0.00",
    "微信退款单号": "50300001",
    "商户退款单号": "R2611210000000000001",
    "退款金额": "27.69",
    "退款类型": "ORIGINAL",
    "退款状态": "PROCESSING",
    "手续费": "-0.11000",
    "订单金额": "0.00",
    "申请退款金额": "30.00",
}
TRADE_SUMS = ("2", "192.00", "27.69", "0.00", "0.62000", "208.00", "30.00")


def sheet(
    form: Form, rows: list[dict[str, str]], sums: tuple[str, ...], *, end: str = "\n"
) -> bytes:
    """A file as WeChat Pay writes it."""
    texts = [",".join(form.columns)]
    texts += [",".join(f"`{row.get(name, '')}" for name in form.columns) for row in rows]
    texts += [",".join(form.sums), ",".join(f"`{value}" for value in sums)]
    return "".join(f"{text}{end}" for text in texts).encode()


def trade(rows=(PAYMENT, REFUND), sums=TRADE_SUMS, **how) -> bytes:
    return sheet(TRADE, list(rows), sums, **how)


def read(content: bytes, kind: BillKind = BillKind.TRADE) -> list:
    return list(read_bill(io.BytesIO(content), kind, merchant_id=MERCHANT))


def reason_of(content: bytes, kind: BillKind = BillKind.TRADE) -> str:
    with pytest.raises(BadBillError) as caught:
        read(content, kind)
    return caught.value.reason


def test_a_payment_counts_what_is_settled_and_a_refund_what_left():
    pay, back = read(trade())

    assert (pay.kind, pay.own_no, pay.acquirer_no) == (
        BillLineKind.PAY,
        "P2611210000000000001",
        "4200001234202611210123456789",
    )
    assert (pay.amount.minor, pay.fee.minor, pay.outcome) == (19200, 73, Outcome.SUCCEEDED)
    assert f"{pay.at:%Y-%m-%d %H:%M:%S %z}" == "2026-11-21 09:30:12 +0800"
    assert (back.kind, back.own_no, back.acquirer_no, back.related_no) == (
        BillLineKind.REFUND,
        "R2611210000000000001",
        "50300001",
        "P2611210000000000001",
    )
    assert (back.amount.minor, back.fee.minor, back.outcome) == (2769, -11, Outcome.SUCCEEDED)


def test_a_name_of_goods_may_hold_commas_and_backticks():
    (pay, _back) = read(trade())

    assert pay.raw["商品名称"] == "荔枝, 2 斤,`妃子笑`"
    assert pay.raw["费率"] == "0.38%"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + trade(end="\r\n"),
        trade().decode().encode("gb18030"),
        trade() + b"\r\n",
    ],
)
def test_marks_line_ends_and_encodings_differ_and_the_content_does_not(content):
    assert read(content) == read(trade())


def test_columns_go_by_name_and_may_stand_elsewhere():
    turned = Form(TRADE.columns[::-1], TRADE.sums, TRADE.optional, TRADE.free_text)

    lines = read(sheet(turned, [PAYMENT, REFUND], TRADE_SUMS))

    assert [line.amount for line in lines] == [line.amount for line in read(trade())]


def test_a_column_that_may_be_missing_may_and_one_nobody_knows_may_not():
    fewer = Form(tuple(n for n in TRADE.columns if n not in TRADE.optional), TRADE.sums)
    without = Form(tuple(n for n in TRADE.columns if n != "手续费"), TRADE.sums)
    more = Form((*TRADE.columns, "新字段"), TRADE.sums)
    twice = Form((*TRADE.columns, "费率"), TRADE.sums)
    plain = {**PAYMENT, "商品名称": "荔枝"}

    assert (
        len(read(sheet(fewer, [plain, {**plain, **REFUND, "商品名称": "荔枝"}], TRADE_SUMS))) == 2
    )
    for form in (without, more, twice):
        assert reason_of(sheet(form, [plain], TRADE_SUMS)) == "header"


def test_refunds_may_count_among_the_trades_or_not():
    assert len(read(trade(sums=("1", *TRADE_SUMS[1:])))) == 2
    assert reason_of(trade(sums=("3", *TRADE_SUMS[1:]))) == "totals"


@pytest.mark.parametrize("place", range(1, 7))
def test_every_sum_is_compared(place):
    sums = list(TRADE_SUMS)
    sums[place] = "192.01"

    assert reason_of(trade(sums=tuple(sums))) == "totals"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "header"),
        (b"<html>\n", "header"),
        (b"\xff\xff\n", "encoding"),
        (trade().rsplit(b"\n", 2)[0] + b"\n", "truncated"),
        (trade()[: trade().index("总交易单数".encode())], "truncated"),
        (trade() + b"`1\n", "format"),
        (trade(rows=[{**PAYMENT, "商户号": "1900009999"}]), "merchant"),
        (trade(rows=[{**PAYMENT, "应结订单金额": "192.001"}]), "format"),
        (trade(rows=[{**PAYMENT, "应结订单金额": "-192.00"}]), "format"),
        (trade(rows=[{**PAYMENT, "应结订单金额": "1,92"}]), "format"),
        (trade(rows=[{**PAYMENT, "应结订单金额": "１９２.00"}]), "format"),
        (trade(rows=[{**PAYMENT, "货币种类": "USD"}]), "format"),
        (trade(rows=[{**PAYMENT, "交易状态": "PERHAPS"}]), "format"),
        (trade(rows=[{**REFUND, "退款状态": "PERHAPS"}]), "format"),
        (trade(rows=[{**PAYMENT, "交易时间": "2026-13-21 09:30:12"}]), "format"),
        (trade(rows=[{**PAYMENT, "商户订单号": "P 26'"}]), "format"),
        (trade(rows=[{**PAYMENT, "付款银行": "x" * 9000}]), "format"),
        (sheet(FUND, [], ("0", "0", "0.00", "0", "0.00")), "header"),
    ],
)
def test_what_is_not_what_it_says_is_refused(content, reason):
    assert reason_of(content) == reason


def test_of_the_funds_only_what_leaves_for_the_bank_is_a_line():
    rows = [
        {"记账时间": "2026-11-22 00:30:00", "业务类型": "交易", "收支类型": "收入"},
        {"记账时间": "2026-11-22 00:30:01", "业务类型": "提现", "收支类型": "支出"},
    ]
    rows[0] |= {"收支金额(元)": "192.00", "微信支付业务单号": "42000", "备注": "订单, 收入"}
    rows[1] |= {"收支金额(元)": "191.27", "微信支付业务单号": "SC123"}
    content = sheet(FUND, rows, ("2", "1", "192.00", "1", "191.27"))

    (line,) = read(content.replace("(元)".encode(), "（元）".encode()), BillKind.FUND)

    assert (line.kind, line.acquirer_no, line.amount.minor) == (
        BillLineKind.SETTLEMENT,
        "SC123",
        19127,
    )
    assert (
        reason_of(sheet(FUND, rows, ("2", "1", "192.00", "1", "191.28")), BillKind.FUND) == "totals"
    )
    assert (
        reason_of(sheet(FUND, rows, ("2", "2", "192.00", "0", "191.27")), BillKind.FUND) == "totals"
    )


def test_a_share_is_known_by_the_number_in_its_description():
    share = {
        "分账时间": "2026-11-21 12:00:00",
        "分账发起方": MERCHANT,
        "分账方": MERCHANT,
        "微信分账/回退单号": "3008450740201411110007820472",
        "商户分账/回退单号": "S2611210000000000001",
        "分账接收方": "1900000109",
        "分账金额": "20.80",
        "业务类型": "分账",
        "处理状态": "成功",
        "分账描述": "货款, 第 47 周#S2611210000000000002",
    }
    back = share | {
        "商户分账/回退单号": "B2611210000000000001",
        "分账金额": "4.90",
        "业务类型": "分账回退",
        "分账描述": "退款",
    }

    first, second = read(sheet(SPLIT, [share, back], ("2", "20.80", "4.90")), BillKind.SPLIT)

    assert (first.kind, first.own_no, first.related_no, first.party) == (
        BillLineKind.SPLIT,
        "S2611210000000000002",
        "S2611210000000000001",
        "1900000109",
    )
    assert (second.kind, second.own_no, second.amount.minor) == (
        BillLineKind.SPLIT_RETURN,
        "B2611210000000000001",
        490,
    )
    assert (
        reason_of(sheet(SPLIT, [share, back], ("2", "20.80", "4.91")), BillKind.SPLIT) == "totals"
    )


def test_a_long_bill_needs_no_more_memory_than_a_short_one():
    row = ",".join(f"`{PAYMENT.get(name, '')}" for name in TRADE.columns).encode() + b"\n"
    head = ",".join(TRADE.columns).encode() + b"\n"
    tracemalloc.start()
    with pytest.raises(BadBillError):
        for _line in read_bill(Endless(head, row, 3000), BillKind.TRADE, merchant_id=MERCHANT):
            pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 400_000


class Endless(io.RawIOBase):
    """A file of one row again and again."""

    def __init__(self, head: bytes, row: bytes, count: int) -> None:
        self._left = [head]
        self._row, self._count = row, count

    def readline(self, size: int | None = -1, /) -> bytes:
        if self._left:
            return self._left.pop()
        self._count -= 1
        return self._row if self._count >= 0 else b""


def test_a_packed_file_is_unpacked_whole_or_refused(tmp_path):
    packed, into = tmp_path / "bill.gz", tmp_path / "bill"
    packed.write_bytes(gzip.compress(trade()))
    assert unpack(packed, into, bytes_max=1 << 20)
    assert into.read_bytes() == trade()

    for content, reason in (
        (gzip.compress(trade())[:-9], "truncated"),
        (gzip.compress(trade()) + b"more", "truncated"),
        (b"no gzip at all", "format"),
        (b"", "truncated"),
        (gzip.compress(b"0" * (2 << 20)), "format"),
    ):
        packed.write_bytes(content)
        with pytest.raises(BadBillError) as caught:
            unpack(packed, into, bytes_max=1 << 20)
        assert caught.value.reason == reason
