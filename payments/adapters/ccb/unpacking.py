"""Unpacking what the bank packs, without trusting it: no names, no folders, no endless files."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Final, Protocol

from payments.acquiring.contract import BadBillError

UNPACKED_BYTES_MAX: Final = 1 << 30
_CHUNK_BYTES: Final = 262_144
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
# NotImplementedError: packed in a way nobody here unpacks.
_BROKEN: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def copy_unpacked(packed: Path, into: Path, *, bytes_max: int = UNPACKED_BYTES_MAX) -> None:
    """Write the one text inside a plain, gzip or zip file; BadBillError format or truncated.

    A zip's member is read where it lies: its name is never used for a path.
    """
    with packed.open("rb") as file:
        begin = file.read(4)
    try:
        if begin.startswith(_GZIP):
            with gzip.open(packed) as text:
                _copy(text, into, bytes_max)
        elif begin == _ZIP:
            _copy_member(packed, into, bytes_max)
        else:
            with packed.open("rb") as text:
                _copy(text, into, bytes_max)
    except _BROKEN as error:
        raise BadBillError("the statement cannot be unpacked", reason="truncated") from error


def _copy_member(packed: Path, into: Path, bytes_max: int) -> None:
    with zipfile.ZipFile(packed) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 1:
            raise BadBillError("the packed statement is not one file", reason="format")
        with archive.open(members[0]) as text:
            _copy(text, into, bytes_max)


def _copy(text: _Readable, into: Path, bytes_max: int) -> None:
    total = 0
    with into.open("wb") as file:
        while chunk := text.read(_CHUNK_BYTES):
            total += len(chunk)
            if total > bytes_max:
                raise BadBillError("the statement unpacks without end", reason="format")
            file.write(chunk)
