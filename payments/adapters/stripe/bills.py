"""Stripe's statement of a day: its balance transactions, written down by us and read back.

Stripe offers no file of a day; its list of balance transactions is the statement
(docs.stripe.com/reports/balance-transaction-types). We leaf through it, write every transaction as
one line of JSON between a head and a foot, and the digest of that file is our own. Of what a
transaction is about only the facts that matching needs are kept: no name, no address, no secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from payments.acquiring.contract import (
    BadBillError,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    BillReadiness,
    OutcomeUnknownError,
)
from payments.adapters.stripe.bill_lines import is_of, read_line
from payments.adapters.stripe.line import Line, Span
from payments.adapters.stripe.wire import Profile
from payments.kernel.clock import day_bounds, now

TRANSACTIONS: Final = "/v1/balance_transactions"
FORMAT: Final = "linli-stripe-bill/1"
DIGEST: Final = "sha256"
# The clocks of two houses differ; after the day's end nothing is added to it.
READY_AFTER: Final = timedelta(hours=1)
_LINE_BYTES_MAX: Final = 65_536
_KEPT: Final = (
    *("id", "type", "reporting_category", "amount", "currency", "fee", "net"),
    *("created", "available_on", "exchange_rate", "status"),
)
_KEPT_OF_SOURCE: Final = (
    *("id", "object", "amount", "currency", "status", "created"),
    *("metadata", "charge", "destination", "failure_reason", "arrival_date"),
)


def available(line: Line, day: date) -> BillAvailability:
    """Say whether a Shanghai day's statement can be fetched."""
    ready_at = day_bounds(day)[1] + READY_AFTER
    if now() < ready_at:
        return BillAvailability(BillReadiness.NOT_YET, ready_at)
    is_there = any(_in_span(page, _span(day)) for page in line.pages(TRANSACTIONS, span=_span(day)))
    return BillAvailability(BillReadiness.READY if is_there else BillReadiness.EMPTY)


def _span(day: date) -> Span:
    begin, end = day_bounds(day)
    return Span(begin, end - timedelta(seconds=1))


def _in_span(items: Iterable[Mapping[str, Any]], span: Span) -> list[Mapping[str, Any]]:
    """Keep what was created in the span: a server of the lenient profile sends everything."""
    first = int(span.since.timestamp())
    last = int((span.until or now()).timestamp())
    return [item for item in items if first <= item["created"] <= last]


def download(line: Line, day: date, kind: BillKind, *, into: Path) -> BillFile:
    """Write a Shanghai day's statement into a file, page by page."""
    digest = hashlib.sha256()
    try:
        with into.open("wb") as file:
            for text in _written(line, day, kind):
                row = text.encode() + b"\n"
                digest.update(row)
                file.write(row)
    except BaseException:
        into.unlink(missing_ok=True)
        raise
    return BillFile(day, kind, into, digest.hexdigest(), DIGEST, TRANSACTIONS)


def _written(line: Line, day: date, kind: BillKind) -> Iterator[str]:
    span, foot = _span(day), Foot()
    head = {"format": FORMAT, "kind": str(kind), "day": f"{day:%Y-%m-%d}"}
    yield _json(head | {"merchant": line.profile.merchant_id})
    expand = "data.source.payment_intent" if line.profile.lenient else "data.source"
    for page in line.pages(TRANSACTIONS, {"expand": [expand]}, span=span):
        for item in _in_span(page, span):
            if is_of(kind, item["type"]):
                kept = _kept(item)
                foot.add(kept)
                yield _json(kept)
    yield _json(foot.written())


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _kept(item: Mapping[str, Any]) -> dict[str, Any]:
    if not all(type(item.get(name)) is int for name in ("amount", "fee", "net", "created")):
        raise OutcomeUnknownError("Stripe's balance transaction cannot be read")
    kept = {name: item[name] for name in _KEPT if item.get(name) is not None}
    return kept | {"source": _kept_source(item.get("source"))}


def _kept_source(source: Any) -> dict[str, Any]:
    if not isinstance(source, Mapping):
        return {"id": source} if source else {}
    kept = {name: source[name] for name in _KEPT_OF_SOURCE if source.get(name) is not None}
    intent = source.get("payment_intent")
    if isinstance(intent, Mapping):
        kept["payment_intent"] = intent["id"]
        kept["metadata"] = {**(intent.get("metadata") or {}), **(source.get("metadata") or {})}
    elif intent:
        kept["payment_intent"] = intent
    return kept


@dataclass(slots=True)
class Foot:
    """The sum of a statement's lines, whatever their currency: what is cut off does not add up."""

    lines: int = 0
    amount: int = 0
    fee: int = 0
    net: int = 0

    def add(self, item: Mapping[str, Any]) -> None:
        """Count a line."""
        self.lines += 1
        self.amount += item["amount"]
        self.fee += item["fee"]
        self.net += item["net"]

    def written(self) -> dict[str, int]:
        """Write the foot."""
        sums = {"amount": self.amount, "fee": self.fee, "net": self.net}
        return {"lines": self.lines, **sums}


def parse(file: BinaryIO, kind: BillKind, profile: Profile) -> Iterator[BillLine]:
    """Read a statement line by line; BadBillError, at the latest after the last line."""
    head = _next(file)
    if head is None or head.get("format") != FORMAT or head.get("kind") != str(kind):
        raise BadBillError("not a statement of this kind", reason="header")
    if head.get("merchant") != profile.merchant_id:
        raise BadBillError("another merchant's statement", reason="merchant")
    counted = Foot()
    while (row := _next(file)) is not None and "lines" not in row:
        line = _read(row, counted)
        if line is not None:
            yield line
    if row is None:
        raise BadBillError("the statement has no end", reason="truncated")
    if row != counted.written():
        raise BadBillError("the lines do not add up to the foot", reason="totals")
    if file.read(1):
        raise BadBillError("something follows the foot", reason="format")


def _read(row: Mapping[str, Any], counted: Foot) -> BillLine | None:
    try:
        counted.add(row)
        return read_line(counted.lines, row)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BadBillError(f"line {counted.lines} cannot be read", reason="format") from error


def _next(file: BinaryIO) -> dict[str, Any] | None:
    """Read one line; None at the end, and for a line that was cut off."""
    raw = file.readline(_LINE_BYTES_MAX)
    if not raw.endswith(b"\n"):
        return None
    try:
        row = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise BadBillError("not UTF-8", reason="encoding") from error
    except (ValueError, RecursionError) as error:
        raise BadBillError("not a line of JSON", reason="format") from error
    if not isinstance(row, dict):
        raise BadBillError("not a line of a statement", reason="format")
    return row
