"""Fetching UnionPay's statements: asked for by clearing day, proven, unpacked as they come."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from payments.acquiring.contract import (
    BadBillError,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    BillReadiness,
    DeclinedError,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.transport import HttpAnswer
from payments.adapters.unionpay import bills, codes, messages, parcels
from payments.adapters.unionpay.line import FILE, UnionPayLine
from payments.kernel.clock import day_bounds, now, wall_now

# A day's statement is there in the morning after it; by then "no such file" may still mean "late".
READY_AFTER: Final = timedelta(hours=9)
EMPTY_AFTER: Final = timedelta(hours=36)
_ASK_AGAIN: Final = timedelta(minutes=30)


class BillMethods(UnionPayLine):
    """The part of the adapter that fetches statements."""

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Ask for the file; "there is none" is NOT_YET for a day and a half, then EMPTY."""
        self._require_bill(kind)
        _, end = day_bounds(day)
        at = now()
        if at < end + READY_AFTER:
            return BillAvailability(BillReadiness.NOT_YET, (end + READY_AFTER).astimezone(UTC))
        with tempfile.TemporaryDirectory() as folder:
            try:
                self._fetch(day, Path(folder) / "answer")
            except _AbsentError:
                if at >= end + EMPTY_AFTER:
                    return BillAvailability(BillReadiness.EMPTY)
                return BillAvailability(BillReadiness.NOT_YET, at + _ASK_AGAIN)
        return BillAvailability(BillReadiness.READY)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Fetch a statement's zip into `into`, its answer's signature proven, its checksums right.

        Raises BadBillError (digest, truncated, header, merchant), RateLimitedError while there is
        none, DeclinedError bill_empty when there will be none, and what the transport raises.
        """
        self._require_bill(kind)
        answer = into.with_name(f"{into.name}.answer")
        try:
            parcel = self._fetch(day, answer)
            sha256 = parcel.unpack(into)
        except _AbsentError as error:
            _, end = day_bounds(day)
            if now() >= end + EMPTY_AFTER:
                raise DeclinedError(
                    "nothing moved that day", code="bill_empty", acquirer_code=codes.FILE_ABSENT
                ) from error
            seconds = int(_ASK_AGAIN.total_seconds())
            raise RateLimitedError(
                "the statement is not there yet", retry_after_seconds=seconds
            ) from error
        finally:
            answer.unlink(missing_ok=True)
        with into.open("rb") as file:
            head = bills.read_head(file)
            bills.check_bytes(file)
        if head.merchant_id != self.merchant_id:
            raise BadBillError("the statement is another merchant's", reason="merchant")
        if head.day != day:
            raise BadBillError(f"the statement is of {head.day}", reason="header")
        source = f"{self.account_code}:76/01 {day:%m%d}"
        return BillFile(day, kind, into, sha256, "SHA-256", source)

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read a statement's lines one at a time; BadBillError at the latest after the last."""
        self._require_bill(kind)
        return bills.read_bill(file, merchant_id=self.merchant_id)

    def _require_bill(self, kind: BillKind) -> None:
        if kind not in self.caps.bill_kinds:
            self._no(f"a statement of {kind}")

    def _fetch(self, day: date, into: Path) -> parcels.Parcel:
        """Fetch the answer that holds a day's file; _AbsentError where there is none."""
        fields = {
            "txnType": "76",
            "txnSubType": "01",
            "bizType": "000000",
            "txnTime": messages.stamp(None),
            "settleDate": f"{day:%m%d}",
            "fileType": "00",
        }
        came = self._files.download(self._call(FILE, fields), into=into)
        if isinstance(came, HttpAnswer):
            raise OutcomeUnknownError(
                f"UnionPay answered {came.status}", acquirer_code=str(came.status)
            )
        parcel = parcels.open_parcel(into)
        said = parcel.fields
        parcel.prove(self._keys.trust, wall_now())
        is_asked_one = (said.get("txnType"), said.get("settleDate"), said.get("merId")) == (
            "76",
            fields["settleDate"],
            self.merchant_id,
        )
        if not is_asked_one:
            raise OutcomeUnknownError("UnionPay answered about another file")
        if said.get("respCode") == codes.FILE_ABSENT:
            raise _AbsentError
        if said.get("respCode") not in codes.DONE:
            self._refused(said)
        return parcel


class _AbsentError(Exception):
    """There is no file of that day."""
