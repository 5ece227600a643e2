"""UnionPay's statement of a day: a zip with lines of fixed width, cut by bytes of GBK. Pure.

Nothing of the zip is written anywhere and no name in it is trusted. The format has no sums of its
own: the zip's checksums prove the bytes, and every line must add up in itself (amount, fee and what
is settled), which also tells which way the money went.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, BinaryIO, Final

from payments.acquiring.contract import BadBillError, BillLine, BillLineKind, Outcome
from payments.adapters.unionpay import layout
from payments.kernel.clock import SHANGHAI
from payments.kernel.money import Money

MEMBERS_MAX: Final = 16
MEMBER_BYTES_MAX: Final = 1 << 31
RATIO_MAX: Final = 400
_NAME: Final = re.compile(r"INN([0-9]{6})[0-9]{2}(ZM|ZME)_([0-9A-Za-z]{15})")
_NUMBER: Final = re.compile(rb"[A-Za-z0-9]{0,32}")
_FEN: Final = re.compile(rb"[0-9]{12}")
_SIGNED_FEN: Final = re.compile(rb"([CD])([0-9]{12})")
_TRACE: Final = re.compile(rb"[0-9]{10}")
_KINDS: Final = {
    b"01": BillLineKind.PAY,
    b"04": BillLineKind.REFUND,
    b"31": BillLineKind.REFUND,
}
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    IndexError,
    OverflowError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class BillHead:
    """What a statement's file names say: whose it is and of which clearing day."""

    merchant_id: str
    day: date


def read_head(file: BinaryIO) -> BillHead:
    """Read whose statement of which day a zip is; BadBillError."""
    with _opened(file) as archive:
        return _head(_members(archive))


def check_bytes(file: BinaryIO) -> None:
    """Check every file of a zip against its checksum; BadBillError digest."""
    with _opened(file) as archive:
        for info, _ in _members(archive):
            for _line in _raw_lines(archive, info, info.file_size or 1):
                pass


def read_bill(file: BinaryIO, *, merchant_id: str) -> Iterator[BillLine]:
    """Read a statement's lines one by one; BadBillError, at the latest after the last line."""
    with _opened(file) as archive:
        members = _members(archive)
        head = _head(members)
        if head.merchant_id != merchant_id:
            raise BadBillError("the statement is another merchant's", reason="merchant")
        number = 0
        for info, kind in sorted(members, key=lambda member: member[1]):
            width = layout.LINE_BYTES if kind == "ZM" else layout.ADJUSTMENT_BYTES
            read = _trade_line if kind == "ZM" else _adjustment_line
            for raw in _raw_lines(archive, info, width):
                number += 1
                yield read(raw, number, head)


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        raise BadBillError("the statement is not a whole zip", reason="truncated") from error


def _members(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the statement's files; anything odd about the zip is refused before it is opened."""
    infos = archive.infolist()
    if not 0 < len(infos) <= MEMBERS_MAX:
        raise BadBillError("the zip holds too few or too many files", reason="format")
    found = []
    for info in infos:
        is_odd = info.flag_bits & 0x1 or info.compress_type not in _METHODS
        is_bomb = info.file_size > max(info.compress_size, 64) * RATIO_MAX
        if is_odd or is_bomb or info.file_size > MEMBER_BYTES_MAX:
            raise BadBillError("the zip holds a file we do not open", reason="format")
        match = _NAME.fullmatch(info.filename)
        if match is not None:
            found.append((info, match[2]))
    if [kind for _, kind in found].count("ZM") != 1 or len(found) > 2:
        raise BadBillError("the zip holds no statement, or several", reason="header")
    return found


def _head(members: list[tuple[zipfile.ZipInfo, str]]) -> BillHead:
    heads = set()
    for info, _ in members:
        match = _NAME.fullmatch(info.filename)
        assert match is not None  # noqa: S101  chosen by it
        try:
            day = datetime.strptime(match[1], "%y%m%d").replace(tzinfo=SHANGHAI).date()
        except ValueError as error:
            raise BadBillError("the statement's day cannot be read", reason="header") from error
        heads.add(BillHead(match[3], day))
    if len(heads) != 1:
        raise BadBillError("the zip's files belong to different statements", reason="header")
    return heads.pop()


def _raw_lines(archive: zipfile.ZipFile, info: zipfile.ZipInfo, width: int) -> Iterator[bytes]:
    """Read a file of the zip line by line; at its end its checksum is compared."""
    try:
        with archive.open(info) as member:
            yield from _cut(member, width)
    except _BROKEN as error:
        raise BadBillError("the zip's bytes are not what it says", reason="digest") from error


def _cut(member: IO[bytes], width: int) -> Iterator[bytes]:
    while raw := member.readline(width + 3):
        line = raw.rstrip(b"\r\n")
        if line:
            yield line


def _whole(raw: bytes, number: int, *, width: int, gaps: tuple[int, ...]) -> bytes:
    """Check a line's length and the blanks between its columns.

    The last column is filled with blanks, which some programs cut off.
    """
    line = raw.ljust(width)
    if len(line) != width or len(raw) <= gaps[-1]:
        raise BadBillError(f"line {number} ends too early or too late", reason="truncated")
    if any(line[gap : gap + 1] != b" " for gap in gaps):
        raise BadBillError(f"line {number} is not in columns", reason="format")
    return line


def _trade_line(raw: bytes, number: int, head: BillHead) -> BillLine:
    line = _whole(raw, number, width=layout.LINE_BYTES, gaps=layout.GAPS)
    part = {name: line[place].strip() for name, place in layout.PLACES.items()}
    if part["商户代码"].decode("ascii", "replace") != head.merchant_id:
        raise BadBillError(f"line {number} is another merchant's", reason="merchant")
    try:
        kind = _KINDS[part["交易类型"]]
        amount, fee = _fen(part["交易金额"]), _signed(part["商户手续费"], plus=b"D")
        settled = _signed(part["结算金额"], plus=b"C")
        text = {name: value.decode("gbk") for name, value in part.items() if value}
        at = _moment(part["交易传输时间"], head.day)
        numbers = [_number(part[name]) for name in ("商户订单号", "查询流水号", "原交易查询流水号")]
    except UnicodeDecodeError as error:
        raise BadBillError(f"line {number} is not GBK", reason="encoding") from error
    except (KeyError, ValueError) as error:
        raise BadBillError(f"line {number} cannot be read", reason="format") from error
    return BillLine(
        line_no=number,
        kind=kind,
        own_no=numbers[0],
        acquirer_no=numbers[1],
        amount=Money(amount),
        fee=Money(fee),
        outcome=_outcome(kind, amount, moved=settled + fee, number=number),
        at=at,
        related_no=numbers[2],
        raw=_shown(text),
    )


def _outcome(kind: BillLineKind, amount: int, *, moved: int, number: int) -> Outcome:
    """Say from the way money went whether this is the thing itself, or its undoing."""
    if abs(moved) != amount or amount == 0:
        raise BadBillError(f"line {number} does not add up", reason="totals")
    is_in = moved > 0
    return Outcome.SUCCEEDED if is_in == (kind is BillLineKind.PAY) else Outcome.FAILED


def _adjustment_line(raw: bytes, number: int, head: BillHead) -> BillLine:
    """Read an adjustment (差错): it names no number of ours, so a person has to look at it."""
    line = _whole(raw, number, width=layout.ADJUSTMENT_BYTES, gaps=layout.ADJUSTMENT_GAPS)
    part = [line[place].strip() for place in layout.ADJUSTMENT_PLACES]
    try:
        trace, at, amount = part[3].decode("ascii"), _moment(part[4], head.day), _fen(part[6])
        code = part[0].decode("ascii")
        line.decode("gbk")
    except UnicodeDecodeError as error:
        raise BadBillError(f"line {number} is not GBK", reason="encoding") from error
    except ValueError as error:
        raise BadBillError(f"line {number} cannot be read", reason="format") from error
    return BillLine(
        line_no=number,
        kind=BillLineKind.REFUND,
        own_no="",
        acquirer_no=f"ZME{trace}{at:%m%d%H%M%S}",
        amount=Money(amount),
        fee=Money(0),
        outcome=Outcome.SUCCEEDED,
        at=at,
        raw={"交易代码": code, "系统跟踪号": trace, "差错": "ZME"},
    )


def _shown(text: dict[str, str]) -> dict[str, str]:
    """Keep a line as evidence, the card's number only in part."""
    card = text.get("帐号", "")
    if card.isdecimal():
        text["帐号"] = f"{card[:6]}******{card[-4:]}"
    return text


def _number(raw: bytes) -> str:
    if not _NUMBER.fullmatch(raw):
        raise ValueError("not a number of ours or theirs")
    return raw.decode("ascii")


def _fen(raw: bytes) -> int:
    if not _FEN.fullmatch(raw):
        raise ValueError("not an amount")
    return int(raw)


def _signed(raw: bytes, *, plus: bytes) -> int:
    """Read D000000000073: debit or credit, fen. `plus` is the side that counts as more."""
    match = _SIGNED_FEN.fullmatch(raw)
    if match is None:
        raise ValueError("not a signed amount")
    return int(match[2]) if match[1] == plus else -int(match[2])


def _moment(raw: bytes, day: date) -> datetime:
    """Read MMDDhhmmss: the year is that of the clearing day, or the one before in January."""
    if not _TRACE.fullmatch(raw):
        raise ValueError("not an instant")
    at = datetime.strptime(f"{day.year}{raw.decode()}", "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    return at.replace(year=day.year - 1) if at.date() > day + timedelta(days=180) else at
