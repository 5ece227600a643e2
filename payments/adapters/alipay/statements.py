"""Fetching Alipay's daily statement: its address is asked for, and good for 30 seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
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
from payments.acquiring.transport import HttpAnswer, HttpCall
from payments.adapters.alipay.codes import NO_BILL, Answer
from payments.adapters.alipay.line import Line
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.statement_lines import numbered, read_heading, read_sheet
from payments.adapters.alipay.statement_zip import sheet_of
from payments.adapters.alipay.wire import BEIJING
from payments.kernel.clock import wall_now

METHOD: Final = "alipay.data.dataservice.bill.downloadurl.query"
# The next day from 10:00; what is not there by 18:00 of it is a day on which nothing moved.
READY_AT: Final = time(10)
_SURELY_AT: Final = time(18)
_ASK_AGAIN: Final = timedelta(minutes=30)
DIGEST_NAME: Final = "SHA-256"


def available(line: Line, day: date) -> BillAvailability:
    """Say whether a day's statement can be fetched.

    Alipay says "there is none" both of a day it has not written yet and of one without a payment.
    """
    answer = _ask(line, day)
    if answer.reason not in NO_BILL:
        _url_of(answer)
        return BillAvailability(BillReadiness.READY)
    now, next_day = wall_now(), day + timedelta(days=1)
    if now >= datetime.combine(next_day, _SURELY_AT, BEIJING):
        return BillAvailability(BillReadiness.EMPTY)
    ready_at = datetime.combine(next_day, READY_AT, BEIJING)
    return BillAvailability(BillReadiness.NOT_YET, max(ready_at, now + _ASK_AGAIN))


def _ask(line: Line, day: date) -> Answer:
    return line.ask(METHOD, {"bill_type": "trade", "bill_date": day.isoformat()})


def _url_of(answer: Answer) -> str:
    url = answer.good().get("bill_download_url")
    if not isinstance(url, str) or not url:
        raise OutcomeUnknownError("Alipay answered without a statement's address")
    return url


def download(line: Line, day: date, kind: BillKind, *, into: Path) -> BillFile:
    """Fetch a day's statement, packed as it came, and check whose and of which day it is.

    Raises BadBillError (format, header, merchant; the bytes stay for a person to see),
    RateLimitedError while it is not there yet, DeclinedError where none is kept, and what the
    transport raises; OutcomeUnknownError leaves no file. Alipay declares no digest: what it
    promises are the sums at the sheet's end, which reading checks.
    """
    answer = _ask(line, day)
    if answer.reason in NO_BILL:
        raise RateLimitedError("there is no statement of that day (yet)", retry_after_seconds=1800)
    transport, path = line.statement_host(_url_of(answer))
    came = transport.download(HttpCall("GET", path, {}), into=into)
    if isinstance(came, HttpAnswer):
        raise DeclinedError(
            "the statement's address is not good any more",
            code="bill_gone",
            acquirer_code=str(came.status),
        )
    with into.open("rb") as file, sheet_of(file) as sheet:
        heading = read_heading(numbered(sheet), line.profile.seller_id)
    if heading.day != day:
        raise BadBillError("a statement of another day", reason="header")
    return BillFile(day, kind, into, came.sha256, DIGEST_NAME, f"{line.profile.app_id}:{METHOD}")


def parse(file: BinaryIO, profile: Profile) -> Iterator[BillLine]:
    """Read a statement's lines, one at a time; BadBillError at the latest after the last one."""
    with sheet_of(file) as sheet:
        yield from read_sheet(sheet, profile)
