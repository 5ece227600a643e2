"""Fetching a day's statement through the outreach client: its name, then the file, twice.

Payments and refunds are two files at the bank; we keep both, bytes as they came, in one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from payments.acquiring.contract import (
    BadBillError,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    BillReadiness,
    OutcomeUnknownError,
)
from payments.acquiring.transport import HttpAnswer, HttpCall
from payments.adapters.ccb import bills
from payments.adapters.ccb.asking import SETTLED, UNSETTLED
from payments.adapters.ccb.codes import DONE, raise_refusal
from payments.adapters.ccb.documents import text_of
from payments.adapters.ccb.line import CcbLine
from payments.adapters.ccb.unpacking import copy_unpacked
from payments.kernel.clock import day_bounds, now

READY_AFTER: Final = timedelta(hours=9)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,120}\.(?:txt|gz|zip)", re.ASCII)
_PARTS: Final = (("pay", "0"), ("refund", "1"))


class BillMethods(CcbLine):
    """The part of the adapter that fetches statements."""

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Say by the clock whether to ask: the bank counts questions, so none is spent here."""
        self._require_kind(kind)
        ready_at = day_bounds(day)[1] + READY_AFTER
        if now() < ready_at:
            return BillAvailability(BillReadiness.NOT_YET, ready_at)
        return BillAvailability(BillReadiness.READY)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Fetch payments and refunds of a day and put them into one file.

        RateLimitedError with a time while the bank is still making them; BadBillError for a file
        that cannot be unpacked. The bank declares no digest.
        """
        self._require_kind(kind)
        names: list[str] = []
        parts: list[tuple[str, Path | None]] = []
        try:
            for part, type_ in _PARTS:
                name = self._file_name(day, type_)
                names.append(name)
                parts.append((part, self._fetched(name, into.with_name(f"{into.name}.{part}"))))
            bills.write_container(into, parts, day=day, merchant_id=self.merchant_id)
        finally:
            for _, path in parts:
                if path is not None:
                    path.unlink(missing_ok=True)
        source = ",".join(filter(None, names)) or "no records"
        return BillFile(day, kind, into, "", "", f"{self.account_code}:{source}"[:200])

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read a statement's lines, one at a time; BadBillError at the latest after the last."""
        self._require_kind(kind)
        return bills.read_bill(file, merchant_id=self.merchant_id, pos_id=self._profile.pos_id)

    def _require_kind(self, kind: BillKind) -> None:
        if self._sidecar is None or kind is not BillKind.TRADE:
            self._no(f"a {kind} statement")

    def _file_name(self, day: date, type_: str) -> str:
        """Ask how the file of a day is called; "" where the bank has nothing to put in it."""
        info = {
            "DATE": f"{day:%Y%m%d}",
            "KIND": SETTLED if self._profile.bill_form == "settled" else UNSETTLED,
            "FILETYPE": "1",
            "TYPE": type_,
            "NORDERBY": "1",
            "POS_CODE": "",
            "ORDER": "",
            "STATUS": "1",
            "BILL_FLAG": "0",
            "Mrch_No": "",
            "GROUP_FLAG": "0",
        }
        code, message, tx = self._tell("5W1005", info)
        if code in self._profile.no_record:
            return ""
        if code != DONE:
            raise_refusal(code, message)
        found = tx.find("TX_INFO")
        name = "" if found is None else text_of(found, "FILE_NAME")
        if not _NAME.fullmatch(name) or ".." in name:
            raise OutcomeUnknownError("the bank names a file we do not fetch")
        return name

    def _fetched(self, name: str, path: Path) -> Path | None:
        """Let the outreach client fetch the file (6W0111), take it there, and unpack it."""
        if not name:
            return None
        info = {"SOURCE": name, "FILEPATH": "merchant/shls", "LOCAL_REMOTE": "0"}
        code, message, _ = self._tell("6W0111", info)
        if code != DONE:
            raise_refusal(code, message)
        if self._files is None:
            self._no("a statement without an outreach client")
        packed = path.with_name(f"{path.name}.packed")
        came = self._files.download(HttpCall("GET", f"/{name}", {}), into=packed)
        if isinstance(came, HttpAnswer):
            raise OutcomeUnknownError(f"the file's keeper answered {came.status}")
        try:
            copy_unpacked(packed, path)
        except BadBillError:
            path.unlink(missing_ok=True)
            raise
        finally:
            packed.unlink(missing_ok=True)
        return path
