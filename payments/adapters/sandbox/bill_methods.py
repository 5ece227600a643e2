"""Fetching the sandbox's daily bills: whether they are there, the file, its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Never

from payments.acquiring.contract import (
    BadBillError,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    BillReadiness,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.acquiring.transport import HttpAnswer
from payments.adapters.sandbox import bills, wire
from payments.adapters.sandbox.line import SandboxLine
from payments.kernel.clock import wall_now

DIGEST_NAME: Final = "SHA-256"
_READINESS: Final[Mapping[str, BillReadiness]] = {
    "READY": BillReadiness.READY,
    "NOT_READY": BillReadiness.NOT_YET,
    "EMPTY": BillReadiness.EMPTY,
}


class BillMethods(SandboxLine):
    """The part of the adapter that fetches bills."""

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        """Ask whether a bill is there; DeclinedError bill_gone for one not kept any more."""
        data = self._demand("GET", f"/v1/bills/{day.isoformat()}/readiness?kind={kind.value}")
        try:
            is_asked_one = (data["day"], data["kind"]) == (day.isoformat(), kind.value)
            readiness = _READINESS[data["bill_state"]]
            retry_at = datetime.fromisoformat(data["retry_at"]) if data["retry_at"] else None
        except (KeyError, TypeError, ValueError) as error:
            raise OutcomeUnknownError("the sandbox's readiness cannot be read") from error
        if not is_asked_one:
            raise OutcomeUnknownError("the sandbox answered about another bill")
        return BillAvailability(readiness, retry_at)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        """Fetch a bill into `into`, raw, and check digest and heading.

        Raises BadBillError (digest, truncated, encoding, header, merchant; the bytes stay for a
        person to see), RateLimitedError while it is not there yet, DeclinedError bill_empty or
        bill_gone, and what the transport raises; OutcomeUnknownError leaves no file.
        """
        call = self._signed("GET", f"/v1/bills/{day.isoformat()}?kind={kind.value}")
        came = self._transport.download(call, into=into)
        if isinstance(came, HttpAnswer):
            self._not_given(wire.read_answer(self._keys, call, came))
        try:
            wire.check_answer(self._keys, call, came, sha256=came.sha256)
        except OutcomeUnknownError:
            into.unlink()
            raise
        name, _, declared = came.headers.get("sandbox-bill-digest", "").partition("=")
        if (name, declared.lower()) != (DIGEST_NAME, came.sha256):
            raise BadBillError("the bill's bytes are not the declared ones", reason="digest")
        with into.open("rb") as file:
            head = bills.read_head(file)
        bills.check_head(head, merchant_id=self.merchant_id, kind=kind, day=day)
        source = f"{self.account_code}:{call.path}"
        return BillFile(day, kind, into, declared, DIGEST_NAME, source)

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        """Read a bill's lines, one at a time; BadBillError at the latest after the last one."""
        return bills.read_bill(file, merchant_id=self.merchant_id, kind=kind)

    def _not_given(self, data: Mapping[str, Any]) -> Never:
        if data.get("code") == "BILL_NOT_READY":
            raise RateLimitedError(
                "the bill is not there yet",
                retry_after_seconds=_seconds_until(data),
                acquirer_code="BILL_NOT_READY",
            )
        self._refused(data)


def _seconds_until(data: Mapping[str, Any]) -> int:
    """Read how long to wait; 0 where the sandbox did not say."""
    try:
        retry_at = datetime.fromisoformat(data["detail"]["retry_at"])
        return max(0, int((retry_at - wall_now()).total_seconds()))
    except (KeyError, TypeError, ValueError):
        return 0
