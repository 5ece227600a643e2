"""The statement market pay brings each morning: a zip nobody signed, behind a summary somebody did.

Only `File_Smry_Inf` is signed, and whether it covers the zip is not known. So the file proves
nothing: it is looked into without being unpacked anywhere, its parts are compared, and it is kept.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from payments.acquiring.contract import BadBillError, NotificationRejectedError
from payments.acquiring.pushing import PushedBill
from payments.acquiring.signing import is_signed_rsa_sha256
from payments.adapters.ccb_hsb.line import HsbLine
from payments.kernel.money import Money

MEMBERS_MAX: Final = 20
BYTES_MAX: Final = 256 * 1024 * 1024
LINE_CHARACTERS_MAX: Final = 8192
# The end of a member's name says what it is; the longer end is asked first.
KINDS: Final = ("resum.txt", "chk.txt", "sum.txt", "det.txt", "sub.txt")
# What each kind must have among its columns; others may stand beside them.
COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "chk.txt": frozenset({"主订单号", "支付流水号", "类型", "金额", "手续费", "收款状态"}),
    "sum.txt": frozenset({"分账流水号", "商户编号", "分账金额", "状态"}),
    "resum.txt": frozenset({"分账流水号", "商户编号", "分账金额", "状态"}),
    "det.txt": frozenset({"主订单号", "支付单号", "收款商家编号", "分账金额", "状态"}),
    "sub.txt": frozenset({"主订单号", "支付单号", "扣减金额", "状态"}),
}
_FLAT: Final = frozenset({"00", "01"})
_TYPES: Final = {"1": "pay", "2": "refund"}
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError)


class PushedBillMethods(HsbLine):
    """The part of the adapter that looks at brought statements."""

    def examine_pushed_bill(self, paper: Path, *, summary: str, signature: str) -> PushedBill:
        """Prove the summary and compare the parts of the zip; see ExaminesPushedBills."""
        text = f"File_Smry_Inf={summary}".encode()
        if not is_signed_rsa_sha256(self._market.platform, text, signature):
            raise NotificationRejectedError("the summary is not signed", reason="signature")
        try:
            with zipfile.ZipFile(paper) as archive:
                return _examined(archive, summary)
        except _BROKEN as error:
            raise BadBillError("the brought file is no whole zip", reason="format") from error


def _examined(archive: zipfile.ZipFile, summary: str) -> PushedBill:
    sums = {"pay": [0, 0], "refund": [0, 0]}
    shares, shared, odd = 0, 0, 0
    parts = _parts(archive)
    for row in _rows(archive, parts.get("chk.txt"), "chk.txt"):
        kind = _TYPES.get(row["类型"])
        if kind is None:
            raise BadBillError("a trade of no kind we know", reason="format")
        sums[kind][0] += 1
        sums[kind][1] += _minor(row["金额"])
        odd += row["收款状态"] not in _FLAT
    for name in ("sum.txt", "resum.txt"):
        shares += sum(_minor(r["分账金额"]) for r in _rows(archive, parts.get(name), name))
    for row in _rows(archive, parts.get("det.txt"), "det.txt"):
        shared += _minor(row["分账金额"])
    for row in _rows(archive, parts.get("sub.txt"), "sub.txt"):
        _minor(row["扣减金额"])
    problems = ("shares",) * (shares != shared) + ("not_flat",) * bool(odd)
    missing = ("no_trades",) if "chk.txt" not in parts else ()
    return PushedBill(
        summary=summary[:500],
        payment_count=sums["pay"][0],
        payment_minor=sums["pay"][1],
        refund_count=sums["refund"][0],
        refund_minor=sums["refund"][1],
        share_minor=shared,
        problems=(*problems, *missing),
    )


def _parts(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Find each kind's member; BadBillError for a path, a kind twice, or too much of it."""
    members = archive.infolist()
    if len(members) > MEMBERS_MAX or sum(m.file_size for m in members) > BYTES_MAX:
        raise BadBillError("the brought file is too big", reason="format")
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = member.filename
        kind = next((end for end in KINDS if name.lower().endswith(end)), "")
        is_path = "/" in name or "\\" in name or ".." in name
        if is_path or not kind or kind in found or member.flag_bits & 1:
            raise BadBillError("the brought file has a part we do not know", reason="format")
        found[kind] = member
    return found


def _rows(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo | None, kind: str
) -> Iterator[dict[str, str]]:
    """Read a part's lines by their headers; nothing where there is no such part."""
    if member is None:
        return
    lines = _lines(archive, member)
    columns = [cell.strip() for cell in next(lines, "").split("|")]
    if not COLUMNS[kind] <= set(columns) or len(set(columns)) != len(columns):
        raise BadBillError("a part's columns are not the known ones", reason="header")
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != len(columns):
            raise BadBillError("a line is not whole", reason="format")
        yield dict(zip(columns, cells, strict=True))


def _lines(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    """Read at most as much as the zip said: one that unpacks to more is refused by zipfile."""
    with archive.open(member) as raw:
        encoding = _encoding_of(raw.read(4096))
    left = BYTES_MAX
    with archive.open(member) as raw, io.TextIOWrapper(raw, encoding, errors="strict") as text:
        try:
            while line := text.readline(LINE_CHARACTERS_MAX + 1):
                left -= len(line)
                if len(line) > LINE_CHARACTERS_MAX or left < 0:
                    raise BadBillError("a line is too long", reason="format")
                if line.strip():
                    yield line.strip("\r\n\ufeff")
        except UnicodeDecodeError as error:
            raise BadBillError("a part is in no known encoding", reason="encoding") from error


def _encoding_of(begin: bytes) -> str:
    head = begin.split(b"\n", 1)[0]
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _minor(text: str) -> int:
    try:
        return Money.from_major_str(text).minor
    except ValueError as error:
        raise BadBillError(f"{text[:20]!r} is not an amount", reason="format") from error
