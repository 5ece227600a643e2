"""The three statements as WeChat Pay writes them: backticks before values, sums at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from payments.sandbox.core.bills import Heading, Line, Sums, yuan
from payments.sandbox.core.movements import SHANGHAI

TRADE: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n"
)
TRADE_SUMS: Final = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n"
)
FUND: Final = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号\n"
)
FUND_SUMS: Final = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n"
SPLIT: Final = (
    "分账时间,分账发起方,分账方,微信订单号,微信分账/回退单号,分账明细单号,商户分账/回退单号,订单金额,"
    "分账接收方,分账金额,业务类型,处理状态,分账描述,备注\n"
)
SPLIT_SUMS: Final = "总笔数,分账总金额,回退总金额\n"


def _row(values: Iterable[object]) -> str:
    return ",".join(f"`{value}" for value in values) + "\n"


def _at(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def trade_sheet(
    connection: sqlite3.Connection,
    lines: Iterable[Line],
    sums: Sums,
    *,
    heading: Heading,
    appid: str,
) -> Iterator[str]:
    """Write the trade statement (ALL): payments, and refunds with their fee negative."""
    merchant_id = heading.wish.merchant_id
    settled = refunded = fees = ordered = asked = 0
    yield TRADE
    for line in lines:
        sums.add(line)
        is_pay = line.kind == "PAY"
        our_no = line.own_no if is_pay else line.related_no
        order = _order(connection, merchant_id, our_no)
        discount = order["discount_minor"] if order else 0
        amount = line.amount_minor
        total = amount + discount
        settled, ordered = settled + amount * is_pay, ordered + total * is_pay
        refunded, asked = refunded + amount * (not is_pay), asked + amount * (not is_pay)
        fees += line.fee_minor
        yield _row(
            (
                *(_at(line.at_ms), appid, merchant_id, "0", ""),
                line.acquirer_no if is_pay else (order["acquirer_no"] if order else ""),
                our_no,
                *("oLinliSandboxPayer0000000001", _type(connection, our_no)),
                _state(line, is_pay=is_pay),
                *("OTHERS", "CNY"),
                *((yuan(amount), yuan(discount)) if is_pay else ("0.00", "0.00")),
                *(("0", "0", "0.00") if is_pay else (line.acquirer_no, line.own_no, yuan(amount))),
                "0.00",
                *(("", "") if is_pay else ("ORIGINAL", _refund_state(line))),
                *(order["subject"] if order else "", "", f"{yuan(line.fee_minor)}000"),
                "0.38%",
                *((yuan(total), "0.00") if is_pay else ("0.00", yuan(amount))),
                "",
            )
        )
    yield TRADE_SUMS
    figures = (settled, refunded, 0)
    yield _row(
        (sums.line_count, *map(yuan, figures), f"{yuan(fees)}000", yuan(ordered), yuan(asked))
    )


def _state(line: Line, *, is_pay: bool) -> str:
    if not is_pay:
        return "REFUND"
    return "SUCCESS" if line.status == "SUCCESS" else "REVOKED"


def _refund_state(line: Line) -> str:
    return "SUCCESS" if line.status == "SUCCESS" else "FAIL"


def _order(connection: sqlite3.Connection, merchant_id: str, our_no: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT acquirer_no, discount_minor, subject FROM orders"
        " WHERE merchant_id = ? AND our_no = ?",
        (merchant_id, our_no),
    ).fetchone()
    return row


def _type(connection: sqlite3.Connection, our_no: str) -> str:
    row = connection.execute(
        "SELECT trade_type FROM wechatpay_orders WHERE our_no = ?", (our_no,)
    ).fetchone()
    return str(row["trade_type"]) if row else "NATIVE"


def fund_sheet(
    connection: sqlite3.Connection,
    lines: Iterable[Line],
    sums: Sums,
    *,
    heading: Heading,
    appid: str,
) -> Iterator[str]:
    """Write the statement of funds: here only what left for the merchant's bank account."""
    del connection, heading, appid
    count_in = count_out = in_minor = out_minor = 0
    yield FUND
    for line in lines:
        sums.add(line)
        is_out = line.amount_minor >= 0
        minor = abs(line.amount_minor)
        count_in, in_minor = count_in + (not is_out), in_minor + minor * (not is_out)
        count_out, out_minor = count_out + is_out, out_minor + minor * is_out
        yield _row(
            (
                *(_at(line.at_ms), line.acquirer_no, line.acquirer_no),
                *(("提现", "提现", "支出") if is_out else ("充值", "充值", "收入")),
                *(yuan(minor), "0.00", "system", "结算到银行账户", line.acquirer_no),
            )
        )
    yield FUND_SUMS
    yield _row((sums.line_count, count_in, yuan(in_minor), count_out, yuan(out_minor)))


def split_sheet(
    connection: sqlite3.Connection,
    lines: Iterable[Line],
    sums: Sums,
    *,
    heading: Heading,
    appid: str,
) -> Iterator[str]:
    """Write the statement of shares and of shares given back."""
    del appid
    merchant_id, shared, returned = heading.wish.merchant_id, 0, 0
    yield SPLIT
    for line in lines:
        sums.add(line)
        is_share = line.kind == "SPLIT"
        shared += line.amount_minor * is_share
        returned += line.amount_minor * (not is_share)
        note = _note(connection, merchant_id, line) if is_share else f"回退#{line.related_no}"
        yield _row(
            (
                *(_at(line.at_ms), merchant_id, merchant_id, "0", line.acquirer_no, "0"),
                line.related_no if is_share else line.own_no,
                *("0.00", line.party, yuan(line.amount_minor)),
                *("分账" if is_share else "分账回退",),
                *("成功" if line.status == "SUCCESS" else "失败", note, ""),
            )
        )
    yield SPLIT_SUMS
    yield _row((sums.line_count, yuan(shared), yuan(returned)))


def _note(connection: sqlite3.Connection, merchant_id: str, line: Line) -> str:
    row = connection.execute(
        "SELECT note FROM shares WHERE merchant_id = ? AND share_no = ?",
        (merchant_id, line.own_no),
    ).fetchone()
    return str(row["note"]) if row else f"分账#{line.own_no}"
