"""The sandbox's daily bill read line by line: bytes in, lines or BadBillError out, nothing kept.

Format: docs/protocols/sandbox.md, "Bills". The file may come as UTF-8 or GBK, with or without a
byte order mark, with either line end: its first line, whose words are known, shows which. Whatever
does not fit the format, the account or its own sums is refused with a reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import BinaryIO, Final

from payments.acquiring.contract import BadBillError, BillKind, BillLine, BillLineKind, Outcome
from payments.kernel.money import Money

FORMAT_VERSION: Final = "1"
COLUMNS: Final = (
    *("序号", "类型", "商户单号", "银行单号", "原单号", "对方"),
    *("币种", "金额", "手续费", "状态", "时间"),
)
KINDS: Final[Mapping[BillKind, Mapping[str, BillLineKind]]] = {
    BillKind.TRADE: {"支付": BillLineKind.PAY, "退款": BillLineKind.REFUND},
    BillKind.SPLIT: {"分账": BillLineKind.SPLIT, "分账退回": BillLineKind.SPLIT_RETURN},
    BillKind.TRANSFER: {"转账": BillLineKind.TRANSFER},
    BillKind.FUND: {"结算": BillLineKind.SETTLEMENT},
}
OUTCOMES: Final[Mapping[str, Outcome]] = {"成功": Outcome.SUCCEEDED, "失败": Outcome.FAILED}
LINE_BYTES_MAX: Final = 4096

_TITLE: Final = "#沙箱银行对账单"
_BOM: Final = b"\xef\xbb\xbf"
_ENCODINGS: Final = ("utf-8", "gb18030")
_ZONE: Final = timezone(timedelta(hours=8))
_AMOUNT: Final = re.compile(r"(-?)((?:0|[1-9][0-9]{0,12})\.[0-9]{2})", re.ASCII)
_NUMBER: Final = re.compile(r"[A-Za-z0-9_\-]{0,64}", re.ASCII)
_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BillHead:
    """What the first line says: whose bill of which day it is, and which edition."""

    merchant_id: str
    day: date
    kind: str
    edition: int
    encoding: str


@dataclass(slots=True)
class _Sums:
    """What the lines add up to, to be compared with what the file says they do."""

    line_count: int = 0
    by_kind: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, words: tuple[str, str], amount_minor: int, fee_minor: int) -> None:
        self.line_count += 1
        sums = self.by_kind.setdefault(words, [0, 0, 0])
        sums[0] += 1
        sums[1] += amount_minor
        sums[2] += fee_minor


def read_head(file: BinaryIO) -> BillHead:
    """Read the first line; BadBillError encoding, header or truncated. The file stands after it."""
    raw = _line(file)
    if not raw.endswith(b"\n"):
        raise BadBillError("the bill ends in its first line", reason="truncated")
    raw = raw.removeprefix(_BOM)
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.startswith(_TITLE):
            return _head(text.rstrip("\r\n"), encoding)
    if raw.isascii() or any(_TITLE.encode(encoding) in raw for encoding in _ENCODINGS):
        raise BadBillError("this is no bill of the sandbox", reason="header")
    raise BadBillError("the bill is neither UTF-8 nor GBK", reason="encoding")


def _head(text: str, encoding: str) -> BillHead:
    said = dict(part.partition("=")[::2] for part in text.split(",")[1:])
    try:
        head = BillHead(
            merchant_id=said["商户"],
            day=date.fromisoformat(said["账单日"]),
            kind=said["种类"],
            edition=_whole(said["版次"]),
            encoding=encoding,
        )
    except (KeyError, ValueError) as error:
        raise BadBillError("the bill's first line cannot be read", reason="header") from error
    if said.get("版式") != FORMAT_VERSION or said.get("时区") != "+08:00":
        raise BadBillError("the bill is of a format we do not read", reason="header")
    return head


def check_head(head: BillHead, *, merchant_id: str, kind: BillKind, day: date | None) -> None:
    """Refuse a bill of somebody else, of another kind or day; BadBillError merchant or header."""
    if head.merchant_id != merchant_id:
        raise BadBillError("the bill is another merchant's", reason="merchant")
    if head.kind != kind.value or (day is not None and head.day != day):
        raise BadBillError(f"the bill is {head.kind} of {head.day}", reason="header")


def read_bill(file: BinaryIO, *, merchant_id: str, kind: BillKind) -> Iterator[BillLine]:
    """Read a bill's lines one by one.

    Raises BadBillError: header, merchant, encoding, format, totals, or truncated where the file
    ends before it says so; totals and truncated only after the last line.
    """
    head = read_head(file)
    check_head(head, merchant_id=merchant_id, kind=kind, day=None)
    rows = _rows(file, head.encoding)
    if next(rows, None) != list(COLUMNS):
        raise BadBillError("the bill's columns are not the known ones", reason="format")
    sums, words = _Sums(), KINDS[kind]
    for row in rows:
        if row[0].startswith("#"):
            _check_sums(row, rows, sums)
            return
        line = _bill_line(row, words, number=sums.line_count + 1)
        sums.add((row[1], row[9]), line.amount.minor, line.fee.minor)
        yield line
    raise BadBillError("the bill ends in the middle", reason="truncated")


def _line(file: BinaryIO) -> bytes:
    raw = file.readline(LINE_BYTES_MAX + 1)
    if len(raw) > LINE_BYTES_MAX:
        raise BadBillError("a line of the bill is too long", reason="format")
    return raw


def _texts(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Decode line by line; a last line without its end is where the file was cut."""
    while raw := _line(file):
        if not raw.endswith(b"\n"):
            raise BadBillError("the bill ends in the middle of a line", reason="truncated")
        try:
            yield raw.decode(encoding)
        except UnicodeDecodeError as error:
            raise BadBillError("the bill changes its encoding", reason="encoding") from error


def _rows(file: BinaryIO, encoding: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(_texts(file, encoding), strict=True):
            if not row:
                raise BadBillError("the bill has an empty line", reason="format")
            yield row
    except csv.Error as error:
        raise BadBillError("a line of the bill cannot be read", reason="format") from error


def _bill_line(row: list[str], words: Mapping[str, BillLineKind], *, number: int) -> BillLine:
    if len(row) != len(COLUMNS) or row[0] != str(number):
        raise BadBillError(f"line {number} of the bill is not whole", reason="format")
    _, word, own_no, acquirer_no, related_no, party, currency, amount, fee, status, at = row
    try:
        line = BillLine(
            line_no=number,
            kind=words[word],
            own_no=_number(own_no),
            acquirer_no=_number(acquirer_no),
            amount=Money(_minor(amount), currency),
            fee=Money(_minor(fee), currency),
            outcome=OUTCOMES[status],
            at=_instant(at),
            related_no=_number(related_no),
            party=party,
            raw=dict(zip(COLUMNS, row, strict=True)),
        )
    except (KeyError, ValueError) as error:
        raise BadBillError(f"line {number} of the bill cannot be read", reason="format") from error
    has_sign = line.amount.minor < 0 and line.kind is not BillLineKind.SETTLEMENT
    if currency != "CNY" or has_sign or len(party) > 64 or not party.isprintable():
        raise BadBillError(f"line {number} of the bill cannot be true", reason="format")
    return line


def _minor(text: str) -> int:
    """Read "-0.11" as -11 fen; ValueError."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an amount")
    minor = int(match[2].replace(".", ""))
    return -minor if match[1] else minor


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return text


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"{text!r} is not an instant")
    return datetime.fromisoformat(text).replace(tzinfo=_ZONE)


def _check_sums(first: list[str], rows: Iterator[list[str]], sums: _Sums) -> None:
    """Compare what the file says of itself with what was read; nothing may follow its last line."""
    said: dict[tuple[str, str], list[int]] = {}
    row: list[str] | None = first
    while row is not None and row[0] == "#小计":
        try:
            _, word, status, count, amount, fee = row
            said[word, status] = [_whole(count), _minor(amount), _minor(fee)]
        except ValueError as error:
            raise BadBillError("the bill's sums cannot be read", reason="format") from error
        row = next(rows, None)
    if row is None:
        raise BadBillError("the bill ends in the middle of its sums", reason="truncated")
    if row[0] != "#完" or len(row) != 2 or next(rows, None) is not None:
        raise BadBillError("the bill's end is not one", reason="format")
    if row[1] != str(sums.line_count) or said != sums.by_kind:
        raise BadBillError("the bill's sums are not those of its lines", reason="totals")


def _whole(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not a count")
    return int(text)
