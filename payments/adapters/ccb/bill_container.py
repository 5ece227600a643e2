"""One file of ours around the bank's two: what came of payments and of refunds, byte for byte."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from payments.acquiring.contract import BadBillError

FORMAT: Final = "#linli-ccb-bill/1"
LINE_BYTES_MAX: Final = 8192
_HEAD: Final = re.compile(
    rb"#linli-ccb-bill/1 merchant=([0-9A-Za-z]{1,30}) day=([0-9]{8})"
    rb" pay=([0-9]{1,12}) refund=([0-9]{1,12})\n"
)


@dataclass(slots=True)
class Part:
    """One of the bank's files inside ours: `pay` or `refund`, and how much of it is unread."""

    name: str
    file: BinaryIO
    unread: int

    def lines(self) -> Iterator[bytes]:
        """Read line by line; BadBillError truncated or format."""
        while self.unread:
            raw = self.file.readline(min(self.unread, LINE_BYTES_MAX + 1))
            if not raw:
                raise BadBillError("the statement ends early", reason="truncated")
            if len(raw) > LINE_BYTES_MAX:
                raise BadBillError("a line of the statement is too long", reason="format")
            self.unread -= len(raw)
            yield raw


def write_container(
    into: Path, parts: Sequence[tuple[str, Path | None]], *, day: date, merchant_id: str
) -> None:
    """Write the parts, in order pay and refund, behind a head with their lengths."""
    sizes = {name: path.stat().st_size if path else 0 for name, path in parts}
    head = f"{FORMAT} merchant={merchant_id} day={day:%Y%m%d}"
    with into.open("wb") as file:
        file.write(f"{head} pay={sizes['pay']} refund={sizes['refund']}\n".encode())
        for _, path in parts:
            if path is not None:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, file)


def read_parts(file: BinaryIO, *, merchant_id: str) -> Iterator[Part]:
    """Read the parts one after another; each is read to its end before the next.

    BadBillError: header, merchant, truncated or format.
    """
    match = _HEAD.fullmatch(file.readline(LINE_BYTES_MAX))
    if match is None:
        raise BadBillError("this is no statement of the bank's", reason="header")
    if match[1].decode() != merchant_id:
        raise BadBillError("the statement is another merchant's", reason="merchant")
    for name, size in (("pay", match[3]), ("refund", match[4])):
        part = Part(name, file, int(size))
        yield part
        for _ in part.lines():
            pass  # what a reader left
    if file.read(1):
        raise BadBillError("the statement goes on after its end", reason="format")
