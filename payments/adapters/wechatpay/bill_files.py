"""Fetching WeChat Pay's statements: a signed address for five minutes, a packed file, its digest.

The file's own answer is not signed. What proves it is the SHA-1 that the signed answer before it
declared, of the content after unpacking.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from payments.acquiring.contract import (
    BadBillError,
    BillAvailability,
    BillFile,
    BillKind,
    BillReadiness,
    OutcomeUnknownError,
)
from payments.acquiring.transport import HttpAnswer
from payments.adapters.wechatpay.codes import BILL_TOO_EARLY, NO_BILL
from payments.adapters.wechatpay.line import Line, Said

DIGEST: Final = "SHA1"
PATHS: Final[Mapping[BillKind, str]] = {
    BillKind.TRADE: "/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP",
    BillKind.FUND: "/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC&tar_type=GZIP",
    BillKind.SPLIT: "/v3/profitsharing/bills?bill_date={day}&tar_type=GZIP",
}
_CHUNK_BYTES: Final = 262_144
_GZIP: Final = 31  # zlib's window bits for a gzip head


@dataclass(frozen=True, slots=True)
class _Offer:
    """Where a file lies, below our address, and the digest of its content."""

    path: str
    sha1: str


def available(line: Line, day: date, kind: BillKind) -> BillAvailability:
    """Ask for the file's address; that there is one is the answer."""
    said = _asked(line, day, kind)
    if said.code in NO_BILL:
        return BillAvailability(BillReadiness.EMPTY)
    if said.code in BILL_TOO_EARLY:
        return BillAvailability(BillReadiness.NOT_YET)
    if not said.is_good:
        said.refuse()
    _offer(line, said)
    return BillAvailability(BillReadiness.READY)


def _asked(line: Line, day: date, kind: BillKind) -> Said:
    return line.ask("GET", PATHS[kind].format(day=day.isoformat()))


def _offer(line: Line, said: Said) -> _Offer:
    url, sha1 = str(said.data.get("download_url", "")), str(said.data.get("hash_value", ""))
    if said.data.get("hash_type") != DIGEST or len(sha1) != 40 or not url:
        raise OutcomeUnknownError("WeChat Pay's offer of a bill cannot be read")
    return _Offer(_below(line, url), sha1.lower())


def _below(line: Line, url: str) -> str:
    """Turn an address into a path below ours: we go to no host because an answer says so."""
    parts = urlsplit(url)
    own = urlsplit(line.profile.base_url).path
    path = parts.path.removeprefix(own) if own else parts.path
    return f"{path}?{parts.query}" if parts.query else path


def download(line: Line, day: date, kind: BillKind, *, into: Path) -> BillFile:
    """Fetch a statement into `into`, unpacked, and compare its digest.

    BadBillError (digest, format; the bytes stay for a person to see); what a refusal says.
    """
    said = _asked(line, day, kind)
    if not said.is_good:
        said.refuse()
    offer = _offer(line, said)
    packed = into.with_name(f"{into.name}.gz")
    try:
        came = line.download(offer.path, into=packed)
        if isinstance(came, HttpAnswer):
            line.refused_download(came)
        sha1 = unpack(packed, into, bytes_max=line.limits.file_bytes_max)
    finally:
        packed.unlink(missing_ok=True)
    if sha1 != offer.sha1:
        raise BadBillError("the bill's content is not the declared one", reason="digest")
    source = f"{line.account_code}:{PATHS[kind].format(day=day.isoformat())}"
    return BillFile(day, kind, into, offer.sha1, DIGEST, source)


def unpack(packed: Path, into: Path, *, bytes_max: int) -> str:
    """Unpack a gzip file piece by piece; return the SHA-1 of the content, in hex.

    BadBillError for bytes that are no whole gzip file, or for more than `bytes_max` bytes.
    """
    digest, total, unpacker = hashlib.sha1(usedforsecurity=False), 0, zlib.decompressobj(_GZIP)
    try:
        with packed.open("rb") as source, into.open("wb") as target:
            while chunk := source.read(_CHUNK_BYTES):
                while chunk:
                    piece = unpacker.decompress(chunk, _CHUNK_BYTES)
                    total += len(piece)
                    if total > bytes_max:
                        raise BadBillError("the bill is too long", reason="format")
                    digest.update(piece)
                    target.write(piece)
                    chunk = unpacker.unconsumed_tail
    except zlib.error as error:
        raise BadBillError("the bill cannot be unpacked", reason="format") from error
    if not unpacker.eof or unpacker.unused_data:
        raise BadBillError("the packed bill is not whole", reason="truncated")
    return digest.hexdigest()
