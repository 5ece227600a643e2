"""The sheet inside a statement (业务明细): lines by the names of their columns, sums checked. Pure.

    #支付宝业务明细查询
    #账号：[20887210038991590156]
    #起始日期：[2026年11月22日 00:00:00]   终止日期：[2026年11月23日 00:00:00]
    #-----------------------------------------业务明细列表----------------------------------------
    支付宝交易号,商户订单号,业务类型,…
    2026112222001499…<tab>,P26…<tab>,交易<tab>,…
    #-----------------------------------------业务明细列表结束------------------------------------
    #交易合计：2笔，商家实收共192.00元，商家优惠共0.00元
    #退款合计：1笔，商家实收退款共-27.69元，商家优惠退款共0.00元
    #导出时间：[2026年11月23日 10:00:00]

Amounts of refunds are negative. What the payer was charged is the order's amount less what Alipay
and we gave; that is what a line says in our words.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from payments.acquiring.contract import BadBillError, BillLine, BillLineKind, Outcome
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.wire import BEIJING
from payments.kernel.money import Money

ORDER: Final = "订单金额（元）"
RECEIVED: Final = "商家实收（元）"
FEE: Final = "服务费（元）"
REFUND_NO: Final = "退款批次号/请求号"
# What is taken off before the payer is charged: by Alipay, by us.
_TAKEN_OFF: Final = (
    "支付宝红包（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "商家红包消费金额（元）",
)
_NEEDED: Final = frozenset(
    {
        *("支付宝交易号", "商户订单号", "业务类型", "完成时间"),
        *(ORDER, RECEIVED, FEE, REFUND_NO, *_TAKEN_OFF),
    }
)
# Columns that may be there and that we do not read; any other name is refused.
_KNOWN: Final = _NEEDED | {
    *("商品名称", "创建时间", "门店编号", "门店名称", "操作员", "终端号", "对方账户"),
    *("集分宝（元）", "券核销金额（元）", "券名称", "卡消费金额（元）", "分润（元）", "备注"),
    *("商家订单号", "收款方账户", "卡号", "付款备注", "商户名称"),
}
_KINDS: Final[Mapping[str, BillLineKind]] = {
    "交易": BillLineKind.PAY,
    "退款": BillLineKind.REFUND,
}
_TITLE: Final = "#支付宝业务明细查询"
_BEGIN: Final = re.compile(r"#-+业务明细列表-+")
_END: Final = re.compile(r"#-+业务明细列表结束-+")
_ACCOUNT: Final = re.compile(r"#账号：\[(2088[0-9]{12})[0-9]*\]")
_DAYS: Final = re.compile(
    r"#起始日期：\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]\s+"
    r"终止日期：\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]"
)
_SUM: Final = re.compile(
    r"#(交易|退款)合计：(\d{1,9})笔，商家实收(?:退款)?共(-?\d+\.\d{2})元，"
    r"商家优惠(?:退款)?共(-?\d+\.\d{2})元"
)
_EXPORTED: Final = re.compile(r"#导出时间：\[.{10,40}\]")
_LINE_CHARS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose statement it is, and of which day."""

    seller_id: str
    day: date


@dataclass(slots=True)
class Sums:
    """What the lines add up to, by kind: how many, fen received, fen of our own discounts."""

    by_kind: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def add(self, kind: str, received: int, given: int) -> None:
        """Count a line."""
        count, money, ours = self.by_kind.get(kind, (0, 0, 0))
        self.by_kind[kind] = (count + 1, money + received, ours + given)


def read_sheet(sheet: io.TextIOBase, profile: Profile) -> Iterator[BillLine]:
    """Read the lines, one at a time; BadBillError at the latest after the last one."""
    lines = _numbered(sheet)
    read_heading(lines, profile.seller_id)
    columns = _columns(lines)
    sums = Sums()
    for line_no, text in lines:
        if text.startswith("#"):
            if not _END.fullmatch(text):
                raise BadBillError("a strange line among the lines", reason="format")
            _check_sums(lines, sums)
            return
        cells = dict(zip(columns, _cells(text, len(columns)), strict=True))
        yield _read_line(line_no, cells, sums, profile=profile)
    raise BadBillError("the sheet has no end", reason="truncated")


def read_heading(lines: Iterator[tuple[int, str]], seller_id: str) -> Heading:
    """Read the first lines up to the list; BadBillError header or merchant."""
    title, account, days, begin = (next(lines, (0, ""))[1] for _ in range(4))
    owner, span = _ACCOUNT.fullmatch(account), _DAYS.fullmatch(days)
    if title != _TITLE or owner is None or span is None or not _BEGIN.fullmatch(begin):
        raise BadBillError("this is no statement of Alipay's", reason="header")
    if owner[1] != seller_id:
        raise BadBillError("a statement of another merchant", reason="merchant")
    try:
        first = date(*(int(part) for part in span.groups()[:3]))
    except ValueError as error:
        raise BadBillError("a statement of no day", reason="header") from error
    return Heading(owner[1], first)


def numbered(sheet: io.TextIOBase) -> Iterator[tuple[int, str]]:
    """Number a sheet's lines, without their ends."""
    return _numbered(sheet)


def _numbered(sheet: io.TextIOBase) -> Iterator[tuple[int, str]]:
    line_no = 0
    while text := sheet.readline(_LINE_CHARS_MAX):
        line_no += 1
        if not text.endswith("\n") and len(text) == _LINE_CHARS_MAX:
            raise BadBillError("a line without end", reason="format")
        yield line_no, text.rstrip("\r\n")


def _columns(lines: Iterator[tuple[int, str]]) -> list[str]:
    names = _cells(next(lines, (0, ""))[1], None)
    if len(set(names)) != len(names) or not set(names) >= _NEEDED:
        raise BadBillError("the columns are not those of a statement", reason="header")
    if unknown := set(names) - _KNOWN:
        raise BadBillError(f"nobody knows the column {min(unknown)!r}", reason="header")
    return names


def _cells(text: str, count: int | None) -> list[str]:
    """Split a line; cells are padded with tabs, which keep figures from spreadsheets' guesses."""
    try:
        (cells,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError) as error:
        raise BadBillError("a line cannot be split into cells", reason="format") from error
    cells = [cell.strip() for cell in cells]
    if count is not None and len(cells) == count + 1 and not cells[-1]:
        cells.pop()
    if count is not None and len(cells) != count:
        raise BadBillError("a line has more or fewer cells than columns", reason="format")
    return cells


def _read_line(line_no: int, cells: Mapping[str, str], sums: Sums, *, profile: Profile) -> BillLine:
    try:
        return _line_of(line_no, cells, sums, profile=profile)
    except (KeyError, ValueError, OverflowError) as error:
        raise BadBillError(f"line {line_no} cannot be read", reason="format") from error


def _line_of(line_no: int, cells: Mapping[str, str], sums: Sums, *, profile: Profile) -> BillLine:
    word = cells["业务类型"]
    kind = _KINDS[word]
    is_refund = kind is BillLineKind.REFUND
    charged = _fen(cells[ORDER]) - sum(_fen(cells[name]) for name in _TAKEN_OFF)
    number = cells[REFUND_NO] if is_refund else cells["商户订单号"]
    if not number:
        raise ValueError("a line without a number")
    sums.add(word, _fen(cells[RECEIVED]), _fen(cells["商家优惠（元）"]))
    at = _instant(cells["完成时间"])
    return BillLine(
        line_no=line_no,
        kind=kind,
        own_no=number,
        acquirer_no=number if is_refund else cells["支付宝交易号"],
        amount=_never_negative(-charged if is_refund else charged),
        fee=Money(_fen(cells[FEE]) * (-1 if profile.fee_is_negative else 1)),
        outcome=Outcome.SUCCEEDED,
        at=at,
        related_no=cells["商户订单号"] if is_refund else "",
        raw=dict(cells),
    )


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if len(text) != len("2026-11-22 19:30:00") or at.tzinfo is not None:
        raise ValueError(f"{text!r} is not a time of Alipay's")
    return at.replace(tzinfo=BEIJING).astimezone(UTC)


def _never_negative(minor: int) -> Money:
    if minor < 0:
        raise ValueError("money that went the other way")
    return Money(minor)


def _fen(text: str) -> int:
    """Read yuan with two digits after the point, perhaps negative; nothing is nothing."""
    if not text:
        return 0
    is_negative = text.startswith("-")
    minor = Money.from_major_str(text.removeprefix("-")).minor
    return -minor if is_negative else minor


def _check_sums(lines: Iterator[tuple[int, str]], sums: Sums) -> None:
    """Compare the last lines with what was counted; BadBillError totals, truncated or format."""
    said: dict[str, tuple[int, int, int]] = {}
    ends = [text for _, text in lines if text]
    for text in ends[:-1]:
        found = _SUM.fullmatch(text)
        if found is None or found[1] in said:
            raise BadBillError("a strange line after the lines", reason="format")
        said[found[1]] = (int(found[2]), _fen(found[3]), _fen(found[4]))
    if set(said) != set(_KINDS) or not _EXPORTED.fullmatch(ends[-1]):
        raise BadBillError("the sums are missing", reason="truncated")
    for kind, figures in said.items():
        if figures != sums.by_kind.get(kind, (0, 0, 0)):
            raise BadBillError(f"the sum of {kind} does not fit the lines", reason="totals")
