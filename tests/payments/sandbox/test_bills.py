"""Bills over HTTP from the real bank: the lines are the books', and every wrong bill is noticed."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests

from payments.acquiring.contract import (
    BadBillError,
    BillAvailability,
    BillKind,
    BillLine,
    BillLineKind,
    BillReadiness,
    DeclinedError,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.adapters.sandbox.bills import read_head
from payments.kernel.money import Money
from tests.acquirer import SandboxAcquirer, own_sandbox
from tests.payments.sandbox.merchant import Merchant, number, order_paper
from tests.waiting import until

SHANGHAI = timezone(timedelta(hours=8))
TODAY = datetime.now(SHANGHAI).date()
FIRST, SECOND = TODAY - timedelta(days=9), TODAY - timedelta(days=8)
TRADE, FUND = BillKind.TRADE, BillKind.FUND


@dataclass
class Bank:
    """A bank of this module's own, with two days behind it."""

    sandbox: SandboxAcquirer
    merchant: Merchant
    folder: Path
    paid: list[str]

    def it_is(self, day: date, time: str) -> None:
        self.sandbox.told("/_clock", {"now": f"{day}T{time}+08:00"})

    def pay(self, minor: int) -> str:
        our_no, far = number(), datetime.now(UTC) + timedelta(days=800)
        self.merchant.ask(
            "POST", "/v1/orders", order_paper(our_no, minor, expires_at=far.isoformat())
        )
        self.sandbox.sim_pay(our_no)
        return our_no

    def give_back(self, our_no: str, minor: int) -> str:
        refund_no = number("R")
        paper = {"refund_no": refund_no, "our_no": our_no, "amount": _cny(minor)}
        assert self.merchant.ask("POST", "/v1/refunds", paper)[0] == 200
        return refund_no

    def transfer(self, minor: int, account: str = "6217001234") -> str:
        transfer_no = number("T")
        paper = {"transfer_no": transfer_no, "amount": _cny(minor)}
        paper |= {"payee_name": "陈桂芳", "payee_account": account}
        assert self.merchant.ask("POST", "/v1/transfers", paper)[0] == 200
        return transfer_no

    def bill(self, day: date, kind: BillKind = TRADE) -> bytes:
        path = self.folder / f"{day}-{kind}"
        self.sandbox.adapter().download_bill(day, kind, into=path)
        return path.read_bytes()

    def lines(self, day: date, kind: BillKind = TRADE) -> list[BillLine]:
        path = self.folder / f"{day}-{kind}"
        adapter = self.sandbox.adapter()
        adapter.download_bill(day, kind, into=path)
        with path.open("rb") as file:
            return list(adapter.parse_bill(file, kind))

    def available(self, day: date, kind: BillKind = TRADE) -> BillAvailability:
        return self.sandbox.adapter().bill_available(day, kind)

    def books(self, query: str) -> list[tuple]:
        """Look into the bank's own tables, which no bill is written from."""
        with closing(sqlite3.connect(self.folder / "sandbox.sqlite3")) as books:
            return books.execute(query).fetchall()


def _cny(minor: int) -> dict[str, object]:
    return {"minor": minor, "currency": "CNY"}


@pytest.fixture(scope="module")
def bank(tmp_path_factory) -> Iterator[Bank]:
    folder = tmp_path_factory.mktemp("bank")
    with own_sandbox(folder, "--transfer-delay-seconds", "0") as sandbox:
        bank = Bank(sandbox, Merchant(sandbox.base_url, sandbox.keys_dir), folder, [])
        bank.it_is(FIRST, "23:59:58")
        bank.paid = [bank.pay(minor) for minor in (19200, 10000, 66)]
        bank.give_back(bank.paid[0], 2769)
        bank.transfer(5000)
        bank.transfer(100, account="6217000404")
        until(lambda: len(bank.books("SELECT 1 FROM transfers WHERE status <> 'PROCESSING'")) == 2)
        bank.it_is(SECOND, "00:00:01")
        bank.paid.append(bank.pay(777))
        bank.give_back(bank.paid[1], 10000)
        bank.it_is(TODAY, "12:00:00")
        yield bank


def test_the_trade_bill_is_the_books(bank):
    lines = bank.lines(FIRST)

    assert [(line.kind, line.own_no, line.amount.minor, line.fee.minor) for line in lines] == [
        (BillLineKind.PAY, bank.paid[0], 19200, 73),
        (BillLineKind.PAY, bank.paid[1], 10000, 38),
        (BillLineKind.PAY, bank.paid[2], 66, 0),
        (BillLineKind.REFUND, lines[3].own_no, 2769, -11),
    ]
    paid = dict(bank.books("SELECT our_no, acquirer_no FROM orders WHERE status = 'SUCCESS'"))
    assert [line.acquirer_no for line in lines[:3]] == [paid[no] for no in bank.paid[:3]]
    assert (lines[3].related_no, lines[3].outcome) == (bank.paid[0], Outcome.SUCCEEDED)


def test_the_day_ends_at_midnight_in_shanghai(bank):
    first, second = bank.lines(FIRST), bank.lines(SECOND)

    assert [(line.kind, line.amount.minor, line.fee.minor) for line in second] == [
        (BillLineKind.PAY, 777, 3),
        (BillLineKind.REFUND, 10000, -38),
    ]
    assert second[1].related_no == bank.paid[1], "paid on the day before"
    assert {line.at.astimezone(SHANGHAI).date() for line in first} == {FIRST}
    assert {line.at.astimezone(SHANGHAI).date() for line in second} == {SECOND}


def test_the_fund_bill_has_the_batch_that_pays_the_days_net(bank):
    (first,), (second,) = bank.lines(FIRST, FUND), bank.lines(SECOND, FUND)

    assert (first.kind, first.own_no) == (BillLineKind.SETTLEMENT, "")
    assert first.acquirer_no.startswith("SC")
    for line, day in ((first, FIRST), (second, SECOND)):
        assert line.amount.minor == sum(
            (-1 if one.kind is BillLineKind.REFUND else 1) * one.amount.minor - one.fee.minor
            for one in bank.lines(day)
        )
    assert second.amount == Money(777 - 3 - 10000 + 38), "more given back than taken"


def test_the_balances_are_the_opening_and_every_movement(bank):
    ((balance, pending),) = bank.books("SELECT balance_minor, pending_minor FROM merchants")
    ((settled,),) = bank.books("SELECT sum(amount_minor) FROM movements WHERE bill = 'fund'")

    assert pending == 0
    assert balance == 100_000_000 + settled - 5000


def test_the_transfer_bill_tells_success_from_return(bank):
    lines = bank.lines(FIRST, BillKind.TRANSFER)

    assert [(line.amount.minor, line.outcome, line.party) for line in lines] == [
        (5000, Outcome.SUCCEEDED, "*1234"),
        (100, Outcome.FAILED, "*0404"),
    ]


def test_a_day_without_movement_is_empty(bank):
    assert bank.available(FIRST, BillKind.SPLIT).readiness is BillReadiness.EMPTY
    with pytest.raises(DeclinedError) as caught:
        bank.bill(FIRST, BillKind.SPLIT)
    assert caught.value.code == "bill_empty"


def test_a_bill_comes_at_one_in_the_morning_of_the_next_day(bank):
    bank.it_is(SECOND, "00:59:58")
    early = bank.available(FIRST)
    with pytest.raises(RateLimitedError) as caught:
        bank.bill(FIRST)
    bank.it_is(SECOND, "01:00:00")
    on_time = bank.available(FIRST)
    bank.it_is(TODAY, "12:00:00")

    assert early.readiness is BillReadiness.NOT_YET
    at_one = datetime(SECOND.year, SECOND.month, SECOND.day, 1, tzinfo=SHANGHAI)
    assert early.retry_at == at_one
    assert caught.value.acquirer_code == "BILL_NOT_READY"
    assert on_time == BillAvailability(BillReadiness.READY)


def test_bills_are_kept_for_a_year(bank):
    oldest = TODAY - timedelta(days=365)

    assert bank.available(oldest).readiness is BillReadiness.EMPTY
    with pytest.raises(DeclinedError) as caught:
        bank.available(oldest - timedelta(days=1))
    assert caught.value.code == "bill_gone"


def test_the_same_bill_has_the_same_bytes_and_says_what_it_is(bank):
    content = bank.bill(FIRST)

    assert bank.bill(FIRST) == content
    head = read_head((bank.folder / f"{FIRST}-trade").open("rb"))
    assert (head.merchant_id, head.day, head.kind, head.edition) == ("LINLI0001", FIRST, "trade", 1)


def test_digest_and_length_are_declared_in_the_headers(bank):
    path = f"/v1/bills/{FIRST}?kind=trade"
    answer = requests.get(
        bank.merchant.base_url + path, headers=bank.merchant.headers("GET", path, b""), timeout=10
    )

    digest = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["Sandbox-Bill-Digest"] == f"SHA-256={digest}"
    assert answer.headers["Sandbox-Bill-Lines"] == "4"
    assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize(
    "path",
    [
        *("2026-13-01?kind=trade", "yesterday?kind=trade", "20261101?kind=trade"),
        *("2026-11-01?kind=all", "2026-11-01", "2026-11-01?kind=trade%00"),
        *("9999-12-31?kind=trade", "0001-01-01?kind=trade"),
    ],
)
def test_a_bill_nobody_could_mean_is_a_parameter_error(bank, path):
    assert bank.merchant.ask("GET", f"/v1/bills/{path}")[1]["code"] == "PARAM_ERROR"


def test_settling_by_order(bank):
    day = TODAY - timedelta(days=3)
    bank.it_is(day, "10:00:00")
    bank.pay(10000)
    batch_no = bank.sandbox.told("/_settle", {"day": str(day)})["batch_no"]
    again = bank.sandbox.admin("/_settle", {"day": str(day)})
    bank.it_is(TODAY, "12:00:00")

    assert again.json()["code"] == "NOTHING_TO_SETTLE"
    assert [(line.acquirer_no, line.amount.minor) for line in bank.lines(day, FUND)] == [
        (batch_no, 9962)
    ]


def test_fifty_thousand_lines_come_through(bank):
    day = TODAY - timedelta(days=30)
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI).timestamp() * 1000)
    with closing(sqlite3.connect(bank.folder / "sandbox.sqlite3")) as books, books:
        books.executemany(
            "INSERT INTO movements (merchant_id, day, bill, kind, own_no, acquirer_no, related_no,"
            " party, amount_minor, fee_minor, status, at_ms) VALUES"
            " ('LINLI0001', ?, 'trade', 'PAY', ?, ?, '', '', 19200, 73, 'SUCCESS', ?)",
            ((str(day), f"P{n:011d}", f"SB{n:022d}", noon + n) for n in range(50_000)),
        )
    path, adapter = bank.folder / "long", bank.sandbox.adapter()

    adapter.download_bill(day, TRADE, into=path)
    with path.open("rb") as file:
        lines = adapter.parse_bill(file, TRADE)
        assert sum(line.amount.minor for line in lines) == 50_000 * 19200


def test_an_order_paid_twice_has_two_lines_under_one_number(bank):
    day = TODAY - timedelta(days=4)
    bank.it_is(day, "10:00:00")
    with bank.sandbox.fault("double_pay", kind="pay"):
        our_no = bank.pay(19200)
    bank.it_is(TODAY, "12:00:00")

    lines = bank.lines(day)
    assert [(line.own_no, line.amount.minor, line.fee.minor) for line in lines] == [
        (our_no, 19200, 73),
        (our_no, 19200, 73),
    ]
    assert lines[0].acquirer_no != lines[1].acquirer_no


def test_the_books_on_the_admin_plane_are_the_bills(bank):
    shown = requests.get(f"{bank.sandbox.admin_url}/_books", timeout=10).json()
    of_first = [row for row in shown["totals"] if row["day"] == str(FIRST)]

    assert [(row["kind"], row["status"], row["count"]) for row in of_first] == [
        ("PAY", "SUCCESS", 3),
        ("REFUND", "SUCCESS", 1),
        ("SETTLEMENT", "SUCCESS", 1),
        ("TRANSFER", "FAILED", 1),
        ("TRANSFER", "SUCCESS", 1),
    ]
    assert shown["fee_rate"] == "0.0038"


# --- faults --------------------------------------------------------------------------------------

Short = tuple[BillLineKind, str, int, int, Outcome]


def short(lines: list[BillLine]) -> list[Short]:
    return [(one.kind, one.own_no, one.amount.minor, one.fee.minor, one.outcome) for one in lines]


def changed(index: int, place: int, value: object) -> Callable[[list[Short]], list[Short]]:
    """The same lines with one value of one line replaced."""

    def change(lines: list[Short]) -> list[Short]:
        line = list(lines[index])
        line[place] = value
        return [*lines[:index], tuple(line), *lines[index + 1 :]]

    return change


@pytest.mark.parametrize(
    ("fault", "args", "change"),
    [
        ("omit_line", {"line": 2}, lambda lines: lines[:1] + lines[2:]),
        ("duplicate_line", {"line": 3}, lambda lines: [*lines[:3], *lines[2:]]),
        ("wrong_amount", {"line": 1, "delta_minor": -1}, changed(0, 2, 19199)),
        ("wrong_amount", {"line": 3, "amount_minor": 6600}, changed(2, 2, 6600)),
        ("wrong_fee", {"line": 4, "delta_minor": -1}, changed(3, 3, -12)),
        ("wrong_status", {"line": 1}, changed(0, 4, Outcome.FAILED)),
        (
            "extra_line",
            {"line": 1, "new_no": "X000001", "amount_minor": 500},
            lambda lines: [
                lines[0],
                (BillLineKind.PAY, "X000001", 500, 0, Outcome.SUCCEEDED),
                *lines[1:],
            ],
        ),
        ("gbk_bom_crlf", {}, lambda lines: lines),
        ("gbk_bom_crlf", {"form": "gbk_crlf"}, lambda lines: lines),
        ("gbk_bom_crlf", {"form": "bom_crlf"}, lambda lines: lines),
        ("reissue", {}, lambda lines: lines),
    ],
)
def test_a_wrong_bill_reads_well_and_shows_in_its_lines(bank, fault, args, change):
    right, right_bytes = short(bank.lines(FIRST)), bank.bill(FIRST)

    with bank.sandbox.fault(fault, day=str(FIRST), kind="trade", args=args):
        assert short(bank.lines(FIRST)) == change(right)
        assert bank.bill(FIRST) != right_bytes
        assert bank.bill(SECOND) == bank.bill(SECOND), "only the day that was named"

    assert bank.bill(FIRST) == right_bytes


@pytest.mark.parametrize(
    ("fault", "args", "reason"),
    [
        ("bad_digest", {}, "digest"),
        ("truncated", {}, "truncated"),
        ("truncated", {"bytes": 0}, "truncated"),
        ("truncated", {"bytes": 60}, "truncated"),
    ],
)
def test_a_damaged_bill_is_refused_with_the_reason(bank, fault, args, reason):
    with (
        bank.sandbox.fault(fault, day=str(FIRST), kind="trade", args=args),
        pytest.raises(BadBillError) as caught,
    ):
        bank.lines(FIRST)

    assert caught.value.reason == reason
    assert (bank.folder / f"{FIRST}-trade").exists(), "its bytes are evidence"


def test_a_bill_may_be_late(bank):
    with bank.sandbox.fault("not_ready", day=str(FIRST), count=2, args={"seconds": 600}):
        late = bank.available(FIRST)
        with pytest.raises(RateLimitedError):
            bank.bill(FIRST)

        assert bank.available(FIRST).readiness is BillReadiness.READY, "two times, no more"
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=SHANGHAI)
    assert late.readiness is BillReadiness.NOT_YET
    assert timedelta(0) <= late.retry_at - noon - timedelta(minutes=10) < timedelta(minutes=2)


def test_a_line_may_stand_in_the_next_days_bill(bank):
    first, second = short(bank.lines(FIRST)), short(bank.lines(SECOND))
    own_no = bank.paid[1]

    rule = {"day": str(FIRST), "kind": "trade", "args": {"own_no": own_no}}
    with bank.sandbox.fault("shift_to_next_day", **rule):
        assert short(bank.lines(FIRST)) == [line for line in first if line[1] != own_no]
        assert short(bank.lines(SECOND)) == [first[1], *second]
        assert bank.lines(SECOND)[0].at.astimezone(SHANGHAI).date() == FIRST


@pytest.mark.parametrize("fault", ["omit_line", "extra_line", "wrong_amount", "truncated"])
def test_chance_is_the_same_for_the_same_rule(bank, fault):
    def made(**args: int) -> bytes:
        rule = {"day": str(FIRST), "kind": "trade", "args": args}
        with bank.sandbox.fault(fault, **rule):
            path = f"/v1/bills/{FIRST}?kind=trade"
            headers = bank.merchant.headers("GET", path, b"")
            return requests.get(bank.merchant.base_url + path, headers=headers, timeout=10).content

    assert made(seed=7) == made(seed=7)
    assert len({made(seed=seed) for seed in range(8)}) > 1


def test_each_issue_has_other_bytes_and_another_edition(bank):
    with bank.sandbox.fault("reissue", day=str(FIRST), kind="trade"):
        bank.bill(FIRST)
        with (bank.folder / f"{FIRST}-trade").open("rb") as file:
            assert read_head(file).edition == 2


def test_a_bill_longer_than_the_account_allows_is_not_taken(bank, tmp_path):
    adapter = bank.sandbox.adapter(file_bytes_max=200)

    with pytest.raises(OutcomeUnknownError, match="too many bytes"):
        adapter.download_bill(FIRST, TRADE, into=tmp_path / "bill")
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_not_signed_leaves_no_file(bank, tmp_path):
    rule = {"route": "GET /v1/bills/{day}", "count": 1}
    with (
        bank.sandbox.fault("bad_response_signature", **rule),
        pytest.raises(OutcomeUnknownError),
    ):
        bank.sandbox.adapter().download_bill(FIRST, TRADE, into=tmp_path / "bill")

    assert list(tmp_path.iterdir()) == []
