"""The bank's statements read line by line: both its dialects, by the names of their columns.

`settled` (new) begins with six sums, `unsettled` (old) with a title; both are GBK, cells by TAB.
A column nobody knows, a figure that is none, sums that are not those of the lines: refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from payments.acquiring.contract import BadBillError, BillLine, BillLineKind, Outcome
from payments.adapters.ccb.bill_container import Part, read_parts, write_container
from payments.adapters.ccb.codes import LINE_STATES
from payments.adapters.ccb.documents import instant_of
from payments.adapters.ccb.refund_codes import refund_no_of
from payments.kernel.money import Money

__all__ = ["read_bill", "write_container"]

NO_RECORDS: Final = "无对账记录"
SETTLED_COLUMNS: Final = (
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
UNSETTLED_PAY: Final = (
    *("交易时间", "定单号", "付款方账号", "支付金额", "退款金额", "柜台号", "备注1", "备注2"),
    *("付款方式", "订单状态", "记账日期"),
)
UNSETTLED_REFUND: Final = (
    *("交易时间", "定单号", "支付金额", "退款金额", "柜台号", "付款方式", "订单状态", "记账日期"),
    "退款流水号",
)
_SUM: Final = re.compile(r"([^\[\]\t]{1,20})\[([^\[\]\t]{0,40})\]")
_AMOUNT: Final = re.compile(r"(-?)((?:0|[1-9][0-9,]{0,15})(?:\.[0-9]{1,2})?)", re.ASCII)
_HEADER_WITHIN: Final = 4
_PRIVATE: Final = ("付款方账号", "付款方户名")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a line of one dialect and kind says what."""

    columns: tuple[str, ...]
    own: str
    related: str
    amount: str
    pos: str
    bank_no: str = ""
    fee: str = ""


_LAYOUTS: Final[Mapping[str, tuple[_Layout, ...]]] = {
    "pay": (
        _Layout(SETTLED_COLUMNS, "订单号", "", "交易金额", "柜台代码", "银行流水号", "手续费"),
        _Layout(UNSETTLED_PAY, "定单号", "", "支付金额", "柜台号"),
    ),
    "refund": (
        _Layout(
            SETTLED_COLUMNS, "商户流水号", "订单号", "交易金额", "柜台代码", "银行流水号", "手续费"
        ),
        _Layout(UNSETTLED_REFUND, "退款流水号", "定单号", "退款金额", "柜台号"),
    ),
}


@dataclass(slots=True)
class _Sums:
    """Count, amount, fee and net of the lines, signed as the file writes them."""

    said: tuple[int, int, int, int] | None = None
    found: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def add(self, row: Mapping[str, str]) -> None:
        self.found[0] += 1
        for place, name in enumerate(("交易金额", "手续费", "结算金额"), start=1):
            self.found[place] += _minor(row[name])

    def check(self) -> None:
        if self.said is not None and [abs(n) for n in self.found] != [abs(n) for n in self.said]:
            raise BadBillError("the statement's sums are not those of its lines", reason="totals")


def read_bill(file: BinaryIO, *, merchant_id: str, pos_id: str) -> Iterator[BillLine]:
    """Read the lines of our counter; another counter's are summed up and left out.

    Raises BadBillError: header, merchant, encoding, format, totals or truncated; totals only after
    a part's last line.
    """
    number = 0
    for part in read_parts(file, merchant_id=merchant_id):
        for line in _read_part(part, first=number + 1, pos_id=pos_id):
            number = line.line_no
            yield line


def _read_part(part: Part, *, first: int, pos_id: str) -> Iterator[BillLine]:
    texts = _texts(part)
    begun = _begin(texts, part.name)
    if begun is None:
        return
    layout, columns, sums = begun
    number = first
    for text in texts:
        if NO_RECORDS in text:
            continue
        row = _row(text, columns)
        if sums.said is not None:
            sums.add(row)
        if row[layout.pos] in {"", pos_id}:
            yield _bill_line(row, layout, kind=part.name, number=number)
            number += 1
    sums.check()


def _texts(part: Part) -> Iterator[str]:
    for raw in part.lines():
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadBillError("the statement is not GBK", reason="encoding") from error
        text = text.strip("\r\n\ufeff ")
        if text:
            yield text


def _begin(texts: Iterator[str], kind: str) -> tuple[_Layout, tuple[str, ...], _Sums] | None:
    """Read up to the header; None for a day without records."""
    sums, read = _Sums(), 0
    for text in texts:
        read += 1
        if NO_RECORDS in text:
            return None
        if read == 1 and "[" in text:
            sums.said = _said_sums(text)
            continue
        columns = tuple(cell.strip() for cell in text.strip("\t").split("\t"))
        for layout in _LAYOUTS[kind]:
            if set(columns) >= {layout.own, layout.amount, layout.pos, "交易时间", "订单状态"}:
                return layout, _known(columns, layout, sums), sums
        if read >= _HEADER_WITHIN:
            break
    if not read:
        return None
    raise BadBillError("the statement has no header we know", reason="header")


def _known(columns: Sequence[str], layout: _Layout, sums: _Sums) -> tuple[str, ...]:
    is_settled = layout.columns is SETTLED_COLUMNS
    if sorted(columns) != sorted(layout.columns) or is_settled != (sums.said is not None):
        raise BadBillError("the statement's columns are not the known ones", reason="header")
    return tuple(columns)


def _said_sums(text: str) -> tuple[int, int, int, int]:
    """Read line 1: two days, count, amount, fee, net, each as 名称[值]."""
    values = [value.strip() for _, value in _SUM.findall(text)]
    if len(values) != 6 or not (values[2].isascii() and values[2].isdecimal()):
        raise BadBillError("the statement's first line is not six sums", reason="header")
    return int(values[2][:12]), _minor(values[3]), _minor(values[4]), _minor(values[5])


def _row(text: str, columns: Sequence[str]) -> dict[str, str]:
    cells = [cell.strip() for cell in text.split("\t")]
    if len(cells) != len(columns):
        raise BadBillError("a line of the statement is not whole", reason="format")
    return dict(zip(columns, cells, strict=True))


def _bill_line(row: Mapping[str, str], layout: _Layout, *, kind: str, number: int) -> BillLine:
    outcome, at = LINE_STATES.get(row["订单状态"]), instant_of(row["交易时间"])
    if outcome is None or at is None:
        raise BadBillError("a line of the statement cannot be read", reason="format")
    is_refund = kind == "refund"
    fee = abs(_minor(row[layout.fee] or "0")) if layout.fee else 0
    # What a refund gives back of the fee; one that came back after all costs it again.
    sign = -1 if is_refund and outcome is Outcome.SUCCEEDED else 1
    return BillLine(
        line_no=number,
        kind=BillLineKind.REFUND if is_refund else BillLineKind.PAY,
        own_no=_own_no(row[layout.own], is_refund=is_refund),
        acquirer_no=_number(row[layout.bank_no]) if layout.bank_no else "",
        amount=Money(abs(_minor(row[layout.amount]))),
        fee=Money(sign * fee),
        outcome=outcome,
        at=at,
        related_no=_number(row[layout.related]) if layout.related else "",
        raw={name: _masked(name, value) for name, value in row.items()},
    )


def _own_no(text: str, *, is_refund: bool) -> str:
    """Read our number; a refund's code is written out in full where it is one of ours."""
    number = _number(text)
    if not is_refund:
        return number
    try:
        return refund_no_of(number)
    except ValueError:
        return number


def _number(text: str) -> str:
    if not (
        text.isascii() and len(text) <= 64 and text.replace("-", "").replace("_", "").isalnum()
    ):
        if text:
            raise BadBillError("a number of the statement is none", reason="format")
        return ""
    return text


def _masked(name: str, value: str) -> str:
    if name not in _PRIVATE or not value:
        return value[:200]
    return f"*{value[-4:]}" if name == "付款方账号" and len(value) > 8 else f"{value[:1]}**"


def _minor(text: str) -> int:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise BadBillError(f"{text!r} is not an amount", reason="format")
    minor = Money.from_major_str(match[2].replace(",", "")).minor
    return -minor if match[1] else minor
