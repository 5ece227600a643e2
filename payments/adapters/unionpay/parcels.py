"""An answer that holds a file: too long to keep in memory, proven and unpacked where it lies.

It is k=v&k=v like any other, one value being the file: base64 of a zlib stream of a zip.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from payments.acquiring.contract import BadBillError, OutcomeUnknownError
from payments.acquiring.signing import is_signed_rsa_sha256
from payments.adapters.unionpay import wire
from payments.adapters.unionpay.certificates import CertificateRefusedError, Trust

_NAME: Final = b"fileContent="
_CHUNK: Final = 262_144  # a multiple of four: base64 is read in whole groups
_OTHERS_BYTES_MAX: Final = 65_536
_ZIP_BYTES_MAX: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Parcel:
    """The short fields of an answer, and where in its file the long one lies."""

    path: Path
    fields: wire.Fields
    start: int = 0
    length: int = 0

    def prove(self, trust: Trust, at: datetime) -> None:
        """Check certificate and signature; OutcomeUnknownError."""
        try:
            key = trust.check(self.fields.get(wire.CERTIFICATE, ""), at)
        except CertificateRefusedError as error:
            raise OutcomeUnknownError(f"UnionPay's answer proves nothing: {error}") from error
        digest = hashlib.sha256()
        for piece in self._text_to_sign():
            digest.update(piece)
        text = digest.hexdigest().encode()
        if not is_signed_rsa_sha256(key, text, self.fields.get(wire.SIGNATURE, "")):
            raise OutcomeUnknownError("UnionPay's answer is not signed by it")

    def _text_to_sign(self) -> Iterator[bytes]:
        shorts = dict(self.fields)
        if self.length:
            shorts["fileContent"] = "?"
        glue = b""
        for name, value in wire.signed_fields(shorts):
            yield glue + name.encode() + b"="
            if name == "fileContent" and self.length:
                yield from self._content()
            else:
                yield value.encode()
            glue = b"&"

    def _content(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.length
            while left and (chunk := file.read(min(_CHUNK, left))):
                left -= len(chunk)
                yield chunk

    def unpack(self, into: Path) -> str:
        """Write the zip; return the SHA-256 of its bytes in hex. BadBillError format or digest."""
        inflate, digest, count = zlib.decompressobj(), hashlib.sha256(), 0
        with into.open("wb") as file:
            for chunk in self._content():
                piece = _inflated(inflate, chunk)
                digest.update(piece)
                count += file.write(piece)
                if count > _ZIP_BYTES_MAX:
                    raise BadBillError("the statement is too long", reason="format")
        if not inflate.eof or not count:
            raise BadBillError("the statement ends in the middle", reason="truncated")
        return digest.hexdigest()


def _inflated(inflate: zlib._Decompress, chunk: bytes) -> bytes:
    try:
        piece = inflate.decompress(base64.b64decode(chunk, validate=True), _ZIP_BYTES_MAX)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise BadBillError("the statement's bytes are spoiled", reason="digest") from error
    if inflate.unconsumed_tail:
        raise BadBillError("the statement is too long", reason="format")
    return piece


def open_parcel(path: Path) -> Parcel:
    """Read an answer's short fields and find its long one; OutcomeUnknownError."""
    start, length = _find(path)
    with path.open("rb") as file:
        most = _OTHERS_BYTES_MAX + 1
        before = file.read(min(start, most) if length else most)
        file.seek(start + length)
        after = file.read(most) if length else b""
    if len(before) > _OTHERS_BYTES_MAX or len(after) > _OTHERS_BYTES_MAX:
        raise OutcomeUnknownError("UnionPay's answer is too long")
    others = before.removesuffix(_NAME).strip(b"&") + after if length else before
    try:
        fields = wire.read_answer(others.strip(b"&"))
    except wire.UnreadableError as error:
        raise OutcomeUnknownError("UnionPay's answer cannot be read") from error
    if "fileContent" in fields:
        raise OutcomeUnknownError("UnionPay's answer holds two files")
    return Parcel(path, fields, start, length)


def _find(path: Path) -> tuple[int, int]:
    """Return where the value of fileContent begins and how long it is; (0, 0) without one."""
    offset, tail, start = 0, b"", -1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            window = tail + chunk
            base = offset - len(tail)
            if start < 0:
                found = 0 if base == 0 and window.startswith(_NAME) else window.find(b"&" + _NAME)
                if found >= 0:
                    start = base + window.index(_NAME, found) + len(_NAME)
            if start >= 0:
                end = window.find(b"&", max(start - base, 0))
                if end >= 0:
                    return start, base + end - start
            offset += len(chunk)
            tail = window[-len(_NAME) - 1 :]
    return (start, offset - start) if start >= 0 else (0, 0)
