"""The bank's statements: six sums and fifteen columns (settled), or a title and fewer columns."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from payments.sandbox.core.bills import Heading, Line, Sums, yuan
from payments.sandbox.dialects.ccb.speech import china

_KINDS: Final = {"pay": "PAY", "refund": "REFUND"}
_NO_RECORDS: Final = "无对账记录\n"
_SETTLED: Final = (
    *("交易时间", "记账日期", "银行流水号", "商户流水号", "订单号", "订单状态", "付款方账号"),
    *(
        "付款方户名",
        "订单金额",
        "交易金额",
        "手续费",
        "结算金额",
        "柜台代码",
        "渠道/发卡行",
        "卡种",
    ),
)
_PAY: Final = (
    *("交易时间", "定单号", "付款方账号", "支付金额", "退款金额", "柜台号", "备注1", "备注2"),
    *("付款方式", "订单状态", "记账日期"),
)
_REFUND: Final = (
    *("交易时间", "定单号", "支付金额", "退款金额", "柜台号", "付款方式", "订单状态", "记账日期"),
    "退款流水号",
)
_STATES: Final = {"SUCCESS": "成功", "FAILED": "失败"}


def writer(
    part: str, form: str, *, pos_id: str
) -> Callable[[Heading, Iterable[Line], Sums], Iterator[str]]:
    """Return what writes payments or refunds of a day in one of the bank's two forms."""
    is_settled = form.startswith("settled")

    def write(heading: Heading, lines: Iterable[Line], sums: Sums) -> Iterator[str]:
        kept = []
        for line in lines:
            sums.add(line)
            if line.kind == _KINDS[part]:
                kept.append(line)
        if is_settled:
            return _settled(heading, kept, pos_id=pos_id)
        return _unsettled(heading, kept, part=part, pos_id=pos_id)

    return write


def _settled(heading: Heading, lines: list[Line], *, pos_id: str) -> Iterator[str]:
    """Write the sums first: the bank knows them, we hold the lines."""
    if not lines:
        yield _NO_RECORDS
        return
    day = f"{heading.wish.day:%Y%m%d}"
    amount, fee = sum(line.amount_minor for line in lines), sum(abs(n.fee_minor) for n in lines)
    names = ("账单日期", "交易日期", "总笔数", "交易金额", "手续费", "结算金额")
    values = (day, day, str(len(lines)), yuan(amount), yuan(fee), yuan(amount - fee))
    yield "\t".join(f"{name}[{value}]" for name, value in zip(names, values, strict=True)) + "\n"
    yield "\t".join(_SETTLED) + "\n"
    for line in lines:
        is_refund = line.kind == "REFUND"
        fee = abs(line.fee_minor)
        amount_text = yuan(line.amount_minor)
        row = (
            china(line.at_ms, "%Y-%m-%d %H:%M:%S"),
            china(line.at_ms, "%Y-%m-%d"),
            line.acquirer_no,
            line.own_no,
            line.related_no if is_refund else line.own_no,
            _STATES[line.status],
            "6217000000000000012",
            "李小娟",
            amount_text,
            amount_text,
            yuan(fee),
            yuan(line.amount_minor - fee),
            pos_id,
            "建设银行",
            "借记卡",
        )
        yield "\t".join(row) + "\n"


def _unsettled(heading: Heading, lines: list[Line], *, part: str, pos_id: str) -> Iterator[str]:
    if not lines:
        yield _NO_RECORDS
        return
    yield f"商户流水 {heading.wish.day:%Y%m%d}\n柜台 {pos_id}\n"
    yield "\t".join(_PAY if part == "pay" else _REFUND) + "\n"
    for line in lines:
        at, day = china(line.at_ms, "%Y-%m-%d %H:%M:%S"), china(line.at_ms, "%Y%m%d")
        amount, state = yuan(line.amount_minor), _STATES[line.status]
        pay = (at, line.own_no, "", amount, "0.00", pos_id, "", "", "BHK", state, day)
        back = (at, line.related_no, "0.00", amount, pos_id, "BHK", state, day, line.own_no)
        yield "\t".join(pay if part == "pay" else back) + "\n"


def as_gbk(text: bytes) -> bytes:
    """Write in GBK what the core wrote in UTF-8; what a rule has spoiled stays as it is."""
    if text.startswith(b"\xef\xbb\xbf"):
        return text
    try:
        return text.decode("utf-8").encode("gb18030")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return text[: error.start].decode("utf-8").encode("gb18030")
        return text


def packed(text: bytes) -> bytes:
    """Pack as gzip, always the same bytes for the same text."""
    return gzip.compress(text, mtime=0)
