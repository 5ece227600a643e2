"""A small acquirer on paper: its statements are files in a folder, its answers a dictionary.

Written as an outside developer would write an adapter: a class, and one line in ADAPTERS.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import BinaryIO, ClassVar

from payments.acquiring.contract import (
    Acquirer,
    BadBillError,
    BillAvailability,
    BillFile,
    BillKind,
    BillLine,
    BillLineKind,
    BillReadiness,
    Capabilities,
    Outcome,
    OutcomeUnknownError,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundResult,
    Scene,
    TransferRef,
    TransferResult,
)
from payments.acquiring.registry import ADAPTERS
from payments.kernel.clock import SHANGHAI
from payments.kernel.money import Money

ADAPTERS["paper"] = "tests.payments.reconciliation.paperbank.PaperAdapter"


@dataclass
class Line:
    """One line as the paper bank prints it."""

    kind: str
    own_no: str
    amount: int
    fee: int = 0
    acquirer_no: str = ""
    outcome: str = "succeeded"
    at: datetime = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    related: str = ""
    party: str = ""


@dataclass
class Desk:
    """What the bank has on its desk: statements by day and kind, answers by number."""

    papers: dict[tuple[date, str], bytes] = field(default_factory=dict)
    digests: dict[tuple[date, str], str] = field(default_factory=dict)
    empty: set[tuple[date, str]] = field(default_factory=set)
    answers: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def issue(self, day: date, kind: str, lines: list[Line], merchant: str = "M001") -> None:
        """Print a statement and lay it out."""
        self.papers[day, kind] = paper(day, kind, lines, merchant)


DESK = Desk()


def paper(day: date, kind: str, lines: list[Line], merchant: str = "M001") -> bytes:
    """Print a statement: a head, the lines, and a foot with count and sum."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["PAPER", merchant, day.isoformat(), kind])
    for number, line in enumerate(lines, 1):
        row = [number, line.kind, line.own_no, line.acquirer_no, line.amount, line.fee]
        writer.writerow([*row, line.outcome, line.at.isoformat(), line.related, line.party])
    writer.writerow(["END", len(lines), sum(line.amount for line in lines)])
    return out.getvalue().encode()


class PaperAdapter(Acquirer):
    """Speaks for the paper bank."""

    code: ClassVar[str] = "paper"
    protocol_version: ClassVar[str] = "1"
    caps = Capabilities(
        scenes=frozenset({Scene.H5}),
        bill_kinds=frozenset({BillKind.TRADE}),
        bill_ready_local_time=time(9, 0),
        bill_retention_days=90,
    )

    def __init__(self, account) -> None:
        self.account_code = account.code
        self.merchant_id = "M001"
        kinds = account.settings.get("bill_kinds")
        if kinds:
            wanted = frozenset(BillKind(kind) for kind in kinds)
            self.caps = Capabilities(
                scenes=self.caps.scenes,
                bill_kinds=wanted,
                bill_ready_local_time=time(9, 0),
                bill_retention_days=90,
            )

    @classmethod
    def from_account(cls, account) -> PaperAdapter:
        return cls(account)

    def create(self, request: PayRequest) -> PayResult:
        raise OutcomeUnknownError("the paper bank never answers")

    def query(self, ref: PayRef) -> PayResult:
        return self._answer(ref.payment_no)

    def query_refund(self, ref: RefundRef) -> RefundResult:
        return self._answer(ref.refund_no)

    def query_transfer(self, ref: TransferRef) -> TransferResult:
        return self._answer(ref.transfer_no)

    def _answer(self, number: str):
        DESK.asked.append(number)
        answer = DESK.answers.get(number, OutcomeUnknownError("no answer"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check_notification(self, raw):
        raise NotImplementedError

    def parse_notification(self, verified):
        raise NotImplementedError

    def ack(self, *, accepted, reason=""):
        raise NotImplementedError

    def bill_available(self, day: date, kind: BillKind) -> BillAvailability:
        if (day, str(kind)) in DESK.empty:
            return BillAvailability(BillReadiness.EMPTY)
        ready = (day, str(kind)) in DESK.papers
        return BillAvailability(BillReadiness.READY if ready else BillReadiness.NOT_YET)

    def download_bill(self, day: date, kind: BillKind, *, into: Path) -> BillFile:
        content = DESK.papers[day, str(kind)]
        into.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        declared = DESK.digests.get((day, str(kind)), digest)
        if declared != digest:
            raise BadBillError("the digest is not that of the bytes", reason="digest")
        return BillFile(day, kind, into, declared, "sha256", f"paper:{day}:{kind}")

    def parse_bill(self, file: BinaryIO, kind: BillKind) -> Iterator[BillLine]:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        head = next(rows, [])
        if head[:1] != ["PAPER"] or len(head) != 4 or head[3] != kind:
            raise BadBillError("not a statement of the paper bank", reason="header")
        if head[1] != "M001":
            raise BadBillError("another merchant's statement", reason="merchant")
        count, total = 0, 0
        for row in rows:
            if row[0] == "END":
                if [int(row[1]), int(row[2])] != [count, total]:
                    raise BadBillError("the foot says something else", reason="totals")
                return
            line = _read(row)
            count, total = count + 1, total + line.amount.minor
            yield line
        raise BadBillError("the statement has no foot", reason="truncated")


def _read(row: list[str]) -> BillLine:
    return BillLine(
        line_no=int(row[0]),
        kind=BillLineKind(row[1]),
        own_no=row[2],
        acquirer_no=row[3],
        amount=Money(int(row[4])),
        fee=Money(int(row[5])),
        outcome=Outcome(row[6]),
        at=datetime.fromisoformat(row[7]),
        related_no=row[8],
        party=row[9],
        raw={"line": ",".join(row)},
    )


def noon(day: date) -> datetime:
    """Midday in Shanghai."""
    return datetime.combine(day, time(12), tzinfo=SHANGHAI)
