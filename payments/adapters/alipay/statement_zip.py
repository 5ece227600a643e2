"""The packed statement: which file in it holds the lines, and what may not be in it. Pure.

Alipay packs two sheets whose names are written in GBK. Nothing is ever unpacked to a disk: the
sheet is read out of the archive, as far as its directory says and no further.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from payments.acquiring.contract import BadBillError

SHEET_BYTES_MAX: Final = 2 << 30
SHEETS_MAX: Final = 8
# Lines of figures shrink by ten; what shrinks by more than this was made to swell.
SWELLING_MAX: Final = 200
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800
_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SUMMARY: Final = "汇总"
# All that reading a broken archive may raise.
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    LookupError,
)


class _Bounded(io.RawIOBase):
    """A sheet that may not be longer than its directory says."""

    def __init__(self, inner: io.BufferedIOBase | BinaryIO, bytes_max: int) -> None:
        super().__init__()
        self._inner = inner
        self._left = bytes_max

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        found = self._inner.read(min(len(buffer), self._left + 1))
        self._left -= len(found)
        if self._left < 0:
            raise BadBillError("the sheet is longer than it says", reason="format")
        buffer[: len(found)] = found
        return len(found)


@contextmanager
def sheet_of(file: BinaryIO) -> Iterator[io.TextIOBase]:
    """Open the sheet of lines inside an archive, as text; BadBillError for what is wrong."""
    try:
        with zipfile.ZipFile(file) as archive:
            chosen = _chosen(archive.infolist())
            with archive.open(chosen) as packed:
                bounded = io.BufferedReader(_Bounded(packed, chosen.file_size))  # type: ignore[arg-type]
                with io.TextIOWrapper(bounded, encoding="gb18030", newline="") as text:
                    yield text
    except BadBillError:
        raise
    except UnicodeDecodeError as error:
        raise BadBillError("the sheet is not written in GBK", reason="encoding") from error
    except BROKEN as error:
        raise BadBillError("the archive cannot be read", reason="format") from error


def _chosen(found: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if not 1 <= len(found) <= SHEETS_MAX:
        raise BadBillError("the archive holds no statement", reason="format")
    for info in found:
        _refuse_unfit(info)
    sheets = [info for info in found if _SUMMARY not in name_of(info)]
    if len(sheets) != 1 or not name_of(sheets[0]).endswith(".csv"):
        raise BadBillError("the archive does not hold one sheet of lines", reason="format")
    return sheets[0]


def name_of(info: zipfile.ZipInfo) -> str:
    """Return a file's name: written in GBK unless the archive says that it is UTF-8."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    return info.filename.encode("cp437", "replace").decode("gb18030", "replace")


def _refuse_unfit(info: zipfile.ZipInfo) -> None:
    name = name_of(info)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if len(parts) != 1 or parts[0] in {"..", "/"} or info.is_dir() or ":" in name:
        raise BadBillError("a name in the archive leads elsewhere", reason="format")
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _PACKINGS:
        raise BadBillError("the archive is locked, or packed in a strange way", reason="format")
    is_swollen = info.file_size > SWELLING_MAX * max(info.compress_size, 1024)
    if info.file_size > SHEET_BYTES_MAX or is_swollen:
        raise BadBillError("the archive would swell beyond measure", reason="format")
