"""Daily bills: what moved on one Shanghai day, as the file a merchant fetches the next day.

The format is written down in docs/protocols/sandbox.md. Lines are read and written one by one, so
a bill of a million lines needs no more memory than one of ten.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from payments.sandbox.clock import now_ms
from payments.sandbox.core.movements import BILL_OF, SHANGHAI
from payments.sandbox.refusals import Refusal

FORMAT_VERSION: Final = 1
KINDS: Final = frozenset(BILL_OF.values())
READY_AFTER: Final = timedelta(days=1, hours=1)
KEPT_DAYS: Final = 365
COLUMNS: Final = "序号,类型,商户单号,银行单号,原单号,对方,币种,金额,手续费,状态,时间"
KIND_WORDS: Final = {
    "PAY": "支付",
    "REFUND": "退款",
    "SPLIT": "分账",
    "SPLIT_RETURN": "分账退回",
    "TRANSFER": "转账",
    "SETTLEMENT": "结算",
}
STATUS_WORDS: Final = {"SUCCESS": "成功", "FAILED": "失败"}
_LINES_AT_ONCE: Final = 1000


class Line(NamedTuple):
    """One line of a bill; amounts in fen, the instant in milliseconds since 1970 UTC."""

    kind: str
    own_no: str
    acquirer_no: str
    related_no: str
    party: str
    amount_minor: int
    fee_minor: int
    status: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Which bill: whose, of which Shanghai day, of which kind."""

    merchant_id: str
    day: date
    kind: str

    @property
    def day_text(self) -> str:
        """The day as the books write it."""
        return self.day.isoformat()

    @property
    def day_before(self) -> Wish:
        """The same bill of the day before."""
        return replace(self, day=self.day - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line: which bill this is, and when it was made. A bill issued anew says so."""

    wish: Wish
    made_ms: int
    edition: int = 1

    def written(self) -> str:
        """Write the first line."""
        wish, made = self.wish, _shanghai(self.made_ms)
        return (
            f"#沙箱银行对账单,版式={FORMAT_VERSION},商户={wish.merchant_id},账单日={wish.day},"
            f"种类={wish.kind},时区=+08:00,版次={self.edition},制单={made}\n"
        )


@dataclass(slots=True)
class Sums:
    """Counts and sums of the lines written so far, by kind and status."""

    by_kind: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    line_count: int = 0

    def add(self, line: Line) -> None:
        """Count a line."""
        count, amount, fee = self.by_kind.get((line.kind, line.status), (0, 0, 0))
        self.by_kind[line.kind, line.status] = (
            count + 1,
            amount + line.amount_minor,
            fee + line.fee_minor,
        )
        self.line_count += 1

    def written(self) -> str:
        """Write the last lines."""
        parts = [
            f"#小计,{KIND_WORDS[kind]},{STATUS_WORDS[status]},{count},{yuan(amount)},{yuan(fee)}\n"
            for (kind, status), (count, amount, fee) in sorted(self.by_kind.items())
        ]
        return "".join([*parts, f"#完,{self.line_count}\n"])


def yuan(minor: int) -> str:
    """Write fen as yuan: -11 is -0.11."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _shanghai(at_ms: int) -> str:
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03d}"


@lru_cache(maxsize=256)
def _second(at: int) -> str:
    """Write whole seconds; on a busy day many lines share one."""
    return f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}"


def ready_at(day: date) -> datetime:
    """Return when a day's bills are there: 01:00 of the next day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + READY_AFTER


def read_wish(merchant_id: str, *, day: str, kind: str) -> Wish:
    """Read which bill is wished for; Refusal PARAM_ERROR."""
    try:
        wished = date.fromisoformat(day)
    except ValueError as error:
        raise Refusal("PARAM_ERROR", "the day is not YYYY-MM-DD") from error
    if day != wished.isoformat() or not 2000 <= wished.year < 3000:
        raise Refusal("PARAM_ERROR", "the day is not YYYY-MM-DD of this millennium")
    if kind not in KINDS:
        raise Refusal("PARAM_ERROR", f"the kind is none of {', '.join(sorted(KINDS))}")
    return Wish(merchant_id, wished, kind)


def refuse_untimely(day: date) -> None:
    """Refuse a bill that is not made yet (BILL_NOT_READY) or not kept any more (BILL_GONE)."""
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    if now < ready_at(day):
        raise not_ready(ready_at(day))
    if now >= ready_at(day) + timedelta(days=KEPT_DAYS):
        raise Refusal("BILL_GONE", f"bills are kept for {KEPT_DAYS} days", status=410)


def not_ready(retry_at: datetime) -> Refusal:
    """Refuse with the time to ask again."""
    at = retry_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Refusal(
        "BILL_NOT_READY", "this bill is not there yet", status=404, detail={"retry_at": at}
    )


def count(connection: sqlite3.Connection, wish: Wish) -> int:
    """Return how many lines the books have for a bill."""
    row = connection.execute(
        "SELECT count(*) FROM movements WHERE merchant_id = ? AND day = ? AND bill = ?",
        (wish.merchant_id, wish.day_text, wish.kind),
    ).fetchone()
    return int(row[0])


def lines(connection: sqlite3.Connection, wish: Wish) -> Iterator[Line]:
    """Read a bill's lines from the books, in the order they happened, one at a time."""
    rows = connection.execute(
        "SELECT kind, own_no, acquirer_no, related_no, party, amount_minor, fee_minor, status,"
        " at_ms FROM movements WHERE merchant_id = ? AND day = ? AND bill = ? ORDER BY id",
        (wish.merchant_id, wish.day_text, wish.kind),
    )
    return map(Line._make, rows)


def written(heading: Heading, of_lines: Iterable[Line], sums: Sums | None = None) -> Iterator[str]:
    """Write a bill piece by piece: heading, columns, lines, sums (counted in `sums`)."""
    sums = Sums() if sums is None else sums
    yield f"{heading.written()}{COLUMNS}\n"
    piece = io.StringIO()
    write = csv.writer(piece, lineterminator="\n").writerow
    for line in of_lines:
        sums.add(line)
        write(
            (
                sums.line_count,
                KIND_WORDS[line.kind],
                line.own_no,
                line.acquirer_no,
                line.related_no,
                line.party,
                "CNY",
                yuan(line.amount_minor),
                yuan(line.fee_minor),
                STATUS_WORDS[line.status],
                _shanghai(line.at_ms),
            )
        )
        if sums.line_count % _LINES_AT_ONCE == 0:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()
    yield sums.written()
