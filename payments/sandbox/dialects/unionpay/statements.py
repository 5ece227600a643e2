"""UnionPay's statement of a day: a zip with lines of fixed width, in GBK."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryFile
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import bill_files, bills
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.bills import Heading, Line, Sums, Wish
from payments.sandbox.core.movements import SHANGHAI
from payments.sandbox.dialects.unionpay import numbers
from payments.sandbox.dialects.unionpay.wire import Fields
from payments.sandbox.refusals import Refusal

# Widths in bytes, a blank between two columns.
WIDTHS: Final = (
    *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2),
    *(6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98),
)
_ADJUSTMENTS: Final = "ZME"
_KINDS: Final = {"PAY": ("S22", "01", "01"), "REFUND": ("S30", "04", "00")}


def answer(bank: Bank, merchant_id: str, fields: Fields) -> Fields:
    """Answer a request for a file; Refusal BILL_NOT_READY, BILL_GONE or BILL_EMPTY."""
    day = _day(fields.get("settleDate", ""))
    wish = bills.read_wish(merchant_id, day=day.isoformat(), kind="trade")
    bill_files.refuse_absent(bank, wish)
    packed = zlib.compress(_zip(bank, wish))
    name = f"{merchant_id}_{day:%Y%m%d}.zip"
    return {"fileName": name, "fileContent": base64.b64encode(packed).decode()}


def _day(text: str) -> date:
    """Read MMDD: the last such day."""
    today = datetime.fromtimestamp(now_ms() / 1000, UTC).astimezone(SHANGHAI).date()
    for year in (today.year, today.year - 1):
        try:
            day = date.fromisoformat(f"{year}-{text[:2]}-{text[2:]}")
        except ValueError:
            continue
        if day <= today and len(text) == 4:
            return day
    raise Refusal("10", "报文格式错误[settleDate]")


def _zip(bank: Bank, wish: Wish) -> bytes:
    with TemporaryFile(dir=bank.settings.data) as file:
        made = bill_files.make(bank, wish, file, write=_writing(bank.settings.merchant_name))
        lines = _in_gbk(file.read())
    out, stem = io.BytesIO(), f"INN{wish.day:%y%m%d}88"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind, content in (("ZM", lines), (_ADJUSTMENTS, b"")):
            # Whenever it is fetched, a day's file has the same bytes.
            info = zipfile.ZipInfo(f"{stem}{kind}_{wish.merchant_id}", _stamp_of(wish.day))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    packed = bytearray(out.getvalue())
    if made.declared_sha256 != made.sha256:
        packed[len(packed) // 4] ^= 0x55
    return bytes(packed)


def _stamp_of(day: date) -> tuple[int, int, int, int, int, int]:
    made = day + timedelta(days=1)
    return made.year, made.month, made.day, 6, 0, 0


def _in_gbk(content: bytes) -> bytes:
    """Write UTF-8 as GBK; what a rule has put into another form stays as it is."""
    try:
        return content.decode().encode("gbk")
    except UnicodeError:
        return content


def _writing(shop: str) -> bill_files.Writing:
    def write(heading: Heading, lines: Iterable[Line], sums: Sums) -> Iterator[str]:
        for line in lines:
            sums.add(line)
            yield "".join(_cells(_row(line, heading.wish.merchant_id, shop)))

    return write


def _cells(row: list[str]) -> Iterator[str]:
    """Fill each column up with blanks: its width counts the bytes of GBK."""
    for place, (text, width) in enumerate(zip(row, WIDTHS, strict=True)):
        yield " " if place else ""
        yield text + " " * (width - len(text.encode("gbk")))
    yield "\r\n"


def _row(line: Line, merchant_id: str, shop: str) -> list[str]:
    code, kind, sub_kind = _KINDS[line.kind]
    is_undone = line.status == "FAILED"
    is_in = (line.kind == "PAY") != is_undone
    settled = (line.amount_minor if is_in else -line.amount_minor) - line.fee_minor
    net = _signed(settled, "C", "D")
    row = [""] * len(WIDTHS)
    for place, text in {
        1: code,
        2: "01020000",
        3: "00010000",
        4: numbers.trace_no(line.acquirer_no),
        5: numbers.trace_time(line.at_ms),
        6: "622168******0017",
        7: f"{line.amount_minor:012d}",
        8: "5411",
        9: "08",
        10: numbers.query_id(line.acquirer_no),
        12: line.own_no,
        16: _signed(line.fee_minor, "D", "C"),
        17: net,
        18: "0001",
        20: kind,
        21: sub_kind,
        22: "000201",
        28: merchant_id,
        31: shop,
        33: net,
        35: "",
        41: line.related_no,
    }.items():
        row[place - 1] = text
    return row


def _signed(minor: int, plus: str, minus: str) -> str:
    return f"{plus if minor >= 0 else minus}{abs(minor):012d}"
