"""Rows of WeChat Pay's three statements as lines in our words. Pure.

Trade: what is settled to us is 应结订单金额 (the order less coupons without money behind them), and
a refund stands there from the day it was accepted on, its state never updated. Funds: everything
that moved on the account; here only what left it for our bank account is a line, the rest is in the
trade statement. Splits: each share and each share given back; what failed is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final

from payments.acquiring.contract import BadBillError, BillKind, BillLine, BillLineKind, Outcome
from payments.adapters.wechatpay.bills import Form, Sheet, fen_of, instant_of, number_of
from payments.adapters.wechatpay.splits import share_no_of
from payments.kernel.money import Money

TRADE: Final = Form(
    columns=(
        *("交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号"),
        *("用户标识", "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额"),
        *("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"),
        *("商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注"),
    ),
    sums=(
        *("总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额"),
        *("手续费总金额", "订单总金额", "申请退款总金额"),
    ),
    optional=frozenset({"费率备注", "设备号", "特约商户号"}),
    free_text="商品名称",
)
FUND: Final = Form(
    columns=(
        *("记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型"),
        *("收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号"),
    ),
    sums=("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"),
    free_text="备注",
)
SPLIT: Final = Form(
    columns=(
        *("分账时间", "分账发起方", "分账方", "微信订单号", "微信分账/回退单号", "分账明细单号"),
        *("商户分账/回退单号", "订单金额", "分账接收方", "分账金额", "业务类型", "处理状态"),
        *("分账描述", "备注"),
    ),
    sums=("总笔数", "分账总金额", "回退总金额"),
    optional=frozenset({"备注"}),
    free_text="分账描述",
)
_REFUNDS: Final = frozenset({"REFUND", "REVOKED"})
_TO_BANK: Final = "提现"
_FROM_BANK: Final = "充值"
_CURRENCY: Final = "CNY"


def read_bill(file: BinaryIO, kind: BillKind, *, merchant_id: str) -> Iterator[BillLine]:
    """Read a statement's lines one by one; BadBillError at the latest after the last one."""
    return _READERS[kind](file, merchant_id)


def _read_trade(file: BinaryIO, merchant_id: str) -> Iterator[BillLine]:
    sheet, sums = Sheet(TRADE), dict.fromkeys(TRADE.sums[1:], 0)
    payments = rows = 0
    for rows, row in enumerate(sheet.rows(file), start=1):
        if merchant_id not in {row["商户号"], row.get("特约商户号", "")}:
            raise BadBillError("the bill is another merchant's", reason="merchant")
        for name, column in zip(sums, _SUMMED, strict=True):
            sums[name] += fen_of(row[column])
        line = _refund_line(rows, row) if _is_refund(row) else _payment_line(rows, row)
        payments += line.kind is BillLineKind.PAY
        yield line
    # Whether refunds count among 总交易单数 is not written anywhere.
    sheet.expect_count("总交易单数", {rows, payments})
    sheet.expect(sums)


_SUMMED: Final = (
    *("应结订单金额", "退款金额", "充值券退款金额"),
    *("手续费", "订单金额", "申请退款金额"),
)


def _is_refund(row: Mapping[str, str]) -> bool:
    return row["交易状态"] in _REFUNDS and bool(number_of(row["微信退款单号"]))


def _payment_line(line_no: int, row: Mapping[str, str]) -> BillLine:
    state = row["交易状态"]
    if state not in {"SUCCESS", "REVOKED"}:
        raise BadBillError(f"row {line_no}: nobody knows a {state[:20]}", reason="format")
    return BillLine(
        line_no=line_no,
        kind=BillLineKind.PAY,
        own_no=number_of(row["商户订单号"]),
        acquirer_no=number_of(row["微信订单号"]),
        amount=_money(row, "应结订单金额"),
        fee=_fee(row),
        outcome=Outcome.SUCCEEDED if state == "SUCCESS" else Outcome.FAILED,
        at=instant_of(row["交易时间"]),
        raw=row,
    )


# A refund under way has left the account already; one that fails is in a person's hands.
_REFUND_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "SUCCESS": Outcome.SUCCEEDED,
    "PROCESSING": Outcome.SUCCEEDED,
    "FAIL": Outcome.FAILED,
    "CHANGE": Outcome.FAILED,
    "REFUNDCLOSE": Outcome.FAILED,
}


def _refund_line(line_no: int, row: Mapping[str, str]) -> BillLine:
    outcome = _REFUND_OUTCOMES.get(row["退款状态"])
    if outcome is None:
        raise BadBillError(f"row {line_no}: nobody knows that refund's state", reason="format")
    return BillLine(
        line_no=line_no,
        kind=BillLineKind.REFUND,
        own_no=number_of(row["商户退款单号"]),
        acquirer_no=number_of(row["微信退款单号"]),
        amount=_money(row, "退款金额"),
        fee=_fee(row),
        outcome=outcome,
        at=instant_of(row["交易时间"]),
        related_no=number_of(row["商户订单号"]),
        raw=row,
    )


def _money(row: Mapping[str, str], column: str) -> Money:
    minor = fen_of(row[column])
    if minor < 0 or row.get("货币种类", _CURRENCY) != _CURRENCY:
        raise BadBillError("an amount of the bill cannot be true", reason="format")
    return Money(minor)


def _fee(row: Mapping[str, str]) -> Money:
    return Money(fen_of(row["手续费"]))


def _read_fund(file: BinaryIO, _merchant_id: str) -> Iterator[BillLine]:
    sheet, amount = Sheet(FUND), "收支金额(元)"
    counts, sums, rows = {"收入": 0, "支出": 0}, {"收入": 0, "支出": 0}, 0
    for rows, row in enumerate(sheet.rows(file), start=1):
        way, minor = row["收支类型"], fen_of(row[amount])
        if way not in counts or minor < 0:
            raise BadBillError(f"row {rows} goes neither in nor out", reason="format")
        counts[way] += 1
        sums[way] += minor
        is_ours = (way, row["业务类型"]) in {("支出", _TO_BANK), ("收入", _FROM_BANK)}
        if is_ours:
            yield BillLine(
                line_no=rows,
                kind=BillLineKind.SETTLEMENT,
                own_no="",
                acquirer_no=number_of(row["微信支付业务单号"]),
                amount=Money(minor if way == "支出" else -minor),
                fee=Money(0),
                outcome=Outcome.SUCCEEDED,
                at=instant_of(row["记账时间"]),
                raw=row,
            )
    sheet.expect_count("资金流水总笔数", {rows})
    sheet.expect_count("收入笔数", {counts["收入"]})
    sheet.expect_count("支出笔数", {counts["支出"]})
    sheet.expect({"收入金额": sums["收入"], "支出金额": sums["支出"]})


def _read_split(file: BinaryIO, merchant_id: str) -> Iterator[BillLine]:
    sheet, rows, shared, returned = Sheet(SPLIT), 0, 0, 0
    for rows, row in enumerate(sheet.rows(file), start=1):
        if merchant_id not in {row["分账方"], row["分账发起方"]}:
            raise BadBillError("the bill is another merchant's", reason="merchant")
        line = _share_line(rows, row)
        if line.kind is BillLineKind.SPLIT:
            shared += line.amount.minor
        else:
            returned += line.amount.minor
        yield line
    sheet.expect_count("总笔数", {rows})
    sheet.expect({"分账总金额": shared, "回退总金额": returned})


_SHARE_KINDS: Final[Mapping[str, BillLineKind]] = {
    "分账": BillLineKind.SPLIT,
    "分账回退": BillLineKind.SPLIT_RETURN,
    "回退": BillLineKind.SPLIT_RETURN,
}


def _share_line(line_no: int, row: Mapping[str, str]) -> BillLine:
    kind = _SHARE_KINDS.get(row["业务类型"])
    if kind is None or len(row["分账接收方"]) > 64:
        raise BadBillError(f"row {line_no} is neither a share nor a return", reason="format")
    number = number_of(row["商户分账/回退单号"])
    is_share = kind is BillLineKind.SPLIT
    return BillLine(
        line_no=line_no,
        kind=kind,
        own_no=number_of(share_no_of(row["分账描述"])) or number if is_share else number,
        acquirer_no=number_of(row["微信分账/回退单号"]),
        amount=_money(row, "分账金额"),
        fee=Money(0),
        outcome=Outcome.SUCCEEDED if row["处理状态"] in {"成功", "SUCCESS"} else Outcome.FAILED,
        at=instant_of(row["分账时间"]),
        related_no=number if is_share else number_of(share_no_of(row["分账描述"])),
        party=row["分账接收方"],
        raw=row,
    )


_READERS: Final[Mapping[BillKind, Callable[[BinaryIO, str], Iterator[BillLine]]]] = {
    BillKind.TRADE: _read_trade,
    BillKind.FUND: _read_fund,
    BillKind.SPLIT: _read_split,
}
