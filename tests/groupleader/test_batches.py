"""Batch files: two people, one file, the bank's answer once, and nothing guessed about money."""

from __future__ import annotations

import hashlib
import io

import openpyxl
import pytest
from django.db import IntegrityError

from groupleader.models import (
    BatchResult,
    PayoutBatch,
    PayoutBatchDownload,
    SettlementStatement,
)
from groupleader.payout_errors import (
    BatchRefusedError,
    BatchUnwritableError,
    DecisionOpenError,
    EvidenceMissingError,
    ResultRefusedError,
    ResultUnreadableError,
)
from groupleader.payout_words import FAILURES, payouts_of
from groupleader.services.batch_booking import book_beside, bookings_for
from groupleader.services.batch_results import import_batch_result
from groupleader.services.batches import (
    BatchPlan,
    approve_batch,
    cancel_batch,
    download_batch,
    make_batch,
)
from groupleader.services.leaders import change_payee
from groupleader.services.payout_evidence import carry_out_decision, propose_decision
from groupleader.services.payouts import open_payout
from mall.messaging.models import Message
from payments.api import (
    IllegalTransitionError,
    NotEnoughFundsError,
    SecondPersonError,
    balance,
    business_date,
    deliver_pending,
    now,
    transfer_view,
)
from payments.invariants import check as check_payments
from payments.reconciliation.models import BankLine, BankStatement
from tests.funds import OPENING_MINOR, put_in_own_funds
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.paying import (
    PLAN,
    answered,
    approved,
    broken_rules,
    handed_out,
    let_go,
    made,
    result_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def funds() -> None:
    put_in_own_funds()


def text_of(batch: PayoutBatch, encoding: str = "utf-8-sig") -> list[str]:
    content = download_batch(batch=batch, by=make_user("出纳", is_staff=True))
    return content.decode(encoding).splitlines()


def refused(batch: PayoutBatch, content: bytes) -> list[dict]:
    with pytest.raises(ResultRefusedError) as refusal:
        import_batch_result(batch=batch, content=content, file_name="r.csv", by=batch.made_by)
    return refusal.value.data["findings"]


def test_a_batch_goes_from_maker_to_checker_to_the_bank_and_back(funds):
    first, second = approved(), approved(make_leader("李姐"))
    batch = handed_out(first, second)

    assert (batch.count, batch.total_minor) == (2, 4_160)
    answered(batch, "成功", "失败:账号不存在")

    for row in (batch, first, second):
        row.refresh_from_db()
    assert (first.status, second.status, batch.status) == ("paid", "failed", "closed")
    assert balance("1001") == OPENING_MINOR - 2_080
    assert balance("2302", party=second.leader.ref) == -2_080
    [line] = payouts_of(second)
    assert line.words == str(FAILURES["payee_account_invalid"])
    assert line.asks_for_account
    assert set(Message.objects.values_list("kind", flat=True)) >= {
        "payout.paid",
        "payout.account_refused",
    }
    assert broken_rules() == []
    # These orders are made up: what collecting them used was never paid in.
    wrong = [v for result in check_payments() for v in result.violations]
    assert [v for v in wrong if not (v.code == "L6" and "2101" in v.detail)] == []


def test_maker_and_checker_are_two_people_however_small(funds):
    batch = made()

    with pytest.raises(SecondPersonError):
        let_go(batch, by=batch.made_by)
    with pytest.raises(IntegrityError):
        PayoutBatch.objects.filter(pk=batch.pk).update(approved_by=batch.made_by)


def test_the_checker_approves_the_sums_she_saw(funds):
    batch = made()

    with pytest.raises(BatchRefusedError):
        approve_batch(
            batch=batch, by=make_user(is_staff=True), total_minor=batch.total_minor + 1, count=1
        )


@pytest.mark.parametrize("form", ["csv_gbk", "csv_utf8", "xlsx"])
def test_the_same_file_again_is_the_same_bytes_and_each_download_is_logged(funds, form):
    batch = let_go(made(plan=BatchPlan(layout="generic", form=form, purpose="佣金")))
    clerk = make_user("出纳", is_staff=True)

    first = download_batch(batch=batch, by=clerk)
    again = download_batch(batch=batch, by=clerk)

    assert first == again
    assert batch.sha256 == hashlib.sha256(first).hexdigest()
    assert PayoutBatchDownload.objects.count() == 2


def test_the_generic_layout_has_headings_and_every_figure(funds):
    batch = let_go(made())
    payout = batch.payouts.get()

    heading, row = text_of(batch)
    assert heading == "序号,收款账号,收款户名,开户行,金额,用途,付款编号,批次号"
    assert row == (
        f"1,6217001234567890123,王姐,中国建设银行,20.80,11月佣金,"
        f"{payout.transfer_no},{batch.batch_no}"
    )


def test_the_banks_own_layout_begins_with_the_sums(funds):
    batch = let_go(made(plan=BatchPlan(layout="ccb", form="csv_gbk", purpose="佣金")))
    payout = batch.payouts.get()

    head, row = text_of(batch, "gbk")
    assert head == f"{batch.batch_no}|1|20.80|佣金"
    assert row == f"1|6217001234567890123|王姐|20.80|0|中国建设银行|佣金|{payout.transfer_no}"


def test_a_workbook_keeps_account_numbers_as_texts(funds):
    batch = let_go(made(plan=BatchPlan(layout="generic", form="xlsx", purpose="佣金")))
    content = download_batch(batch=batch, by=make_user("出纳", is_staff=True))

    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert rows[1][1] == "6217001234567890123"


def test_a_name_that_computes_or_that_the_file_cannot_hold_is_refused_at_once(funds):
    evil = approved(make_leader("=1+1"))
    rare = approved(make_leader("王𠮷"))

    with pytest.raises(BatchUnwritableError):
        made(evil)
    with pytest.raises(BatchUnwritableError):
        made(rare, plan=BatchPlan(layout="generic", form="csv_gbk", purpose=""))
    evil.refresh_from_db()
    assert evil.status == "approved"
    assert made(rare).count == 1


def test_what_is_in_a_batch_is_in_no_transfer_and_no_second_batch(funds):
    statement = approved()
    made(statement)
    statement = SettlementStatement.objects.get()

    with pytest.raises(IllegalTransitionError):
        open_payout(statement=statement)
    with pytest.raises(BatchRefusedError):
        made(statement)


def test_a_batch_nobody_had_in_hands_frees_its_statements(funds):
    statement = approved()
    batch = let_go(made(statement))

    cancel_batch(batch=batch, by=batch.made_by, reason="wrong day")

    statement.refresh_from_db()
    assert (statement.status, batch.status) == ("approved", "cancelled")
    assert statement.payouts.get().status == "cancelled"
    assert broken_rules() == []
    answered(handed_out(statement), "成功")
    statement.refresh_from_db()
    assert statement.status == "paid"
    assert statement.payouts.count() == 2


def test_after_the_download_only_evidence_by_two_people_frees_a_statement(funds):
    statement = approved()
    batch = handed_out(statement)
    clerk, boss = make_user("甲", is_staff=True), make_user("乙", is_staff=True)

    with pytest.raises(IllegalTransitionError):
        cancel_batch(batch=batch, by=clerk, reason="never mind")
    with pytest.raises(EvidenceMissingError):
        propose_decision(kind="failed", reason=" ", by=clerk, batch=batch)
    decision = propose_decision(kind="failed", reason="letter of the bank", by=clerk, batch=batch)
    with pytest.raises(DecisionOpenError):
        propose_decision(kind="failed", reason="again", by=boss, batch=batch)
    with pytest.raises(SecondPersonError):
        carry_out_decision(decision=decision, by=clerk)
    assert carry_out_decision(decision=decision, by=boss) == 1
    deliver_pending()

    statement.refresh_from_db()
    assert statement.status == "failed"
    assert balance("1001") == OPENING_MINOR
    assert broken_rules() == []


def test_money_that_came_back_is_in_transit_again_and_can_be_paid_anew(funds):
    statement = approved()
    batch = handed_out(statement)
    answered(batch, "成功")
    clerk, boss = make_user("甲", is_staff=True), make_user("乙", is_staff=True)

    payout = statement.payouts.get()
    decision = propose_decision(kind="returned", reason="booking 77", by=clerk, payout=payout)
    carry_out_decision(decision=decision, by=boss)
    deliver_pending()

    statement.refresh_from_db()
    assert statement.status == "failed"
    assert balance("1001") == OPENING_MINOR
    assert balance("2302", party=statement.leader.ref) == -2_080
    assert Message.objects.filter(kind="payout.returned").exists()
    answered(handed_out(statement), "成功")
    assert broken_rules() == []


def test_a_file_never_takes_more_than_account_1001_holds():
    put_in_own_funds(2_079)
    batch = let_go(made())

    with pytest.raises(NotEnoughFundsError):
        download_batch(batch=batch, by=make_user("出纳", is_staff=True))

    batch.refresh_from_db()
    assert batch.status == "approved"
    assert not PayoutBatchDownload.objects.exists()
    put_in_own_funds(1, key="one more")
    assert download_batch(batch=batch, by=make_user("出纳", is_staff=True))


def test_a_file_on_its_way_holds_its_money_against_the_next_one():
    put_in_own_funds(4_159)
    handed_out(approved())

    with pytest.raises(NotEnoughFundsError):
        handed_out(approved(make_leader("李姐")))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"amount": "20.81"}, "amount"),
        ({"account": "****9999"}, "account"),
        ({"number": "T000"}, "not_ours"),
        ({"batch_no": "B1"}, "other_batch"),
    ],
)
def test_a_result_that_does_not_fit_is_not_applied_at_all(funds, changes, what):
    batch = handed_out(approved())

    [finding] = refused(batch, result_of(batch, "成功", **changes))

    assert finding["what"] == what
    assert not BatchResult.objects.exists()


def test_a_row_named_twice_is_a_finding(funds):
    batch = handed_out(approved())
    content = result_of(batch, "成功")
    twice = content + b"\r\n" + content.splitlines()[1]

    assert [finding["what"] for finding in refused(batch, twice)] == ["twice"]


def test_rows_that_are_not_named_or_not_understood_stay_unknown_and_block(funds):
    first, second = approved(), approved(make_leader("李姐"))
    batch = handed_out(first, second)

    answered(batch, "", "处理中")

    batch.refresh_from_db()
    assert batch.status == "handed_out"
    assert BatchResult.objects.get().unknown_count == 2
    for statement in (first, second):
        statement.refresh_from_db()
        assert statement.status == "paying"
        with pytest.raises(IllegalTransitionError):
            open_payout(statement=statement)


def test_a_result_brought_twice_is_once_and_a_contradiction_is_refused(funds):
    statement = approved()
    batch = handed_out(statement)
    answered(batch, "成功")
    answered(batch, "成功")

    [finding] = refused(batch, result_of(batch, "失败:冲正"))

    assert finding["what"] == "conflict"
    assert BatchResult.objects.count() == 1
    assert statement.events.filter(what="paid").count() == 1
    assert transfer_view(statement.payouts.get().transfer_no).status == "succeeded"


def test_a_later_file_decides_what_the_first_left_open(funds):
    first, second = approved(), approved(make_leader("李姐"))
    batch = handed_out(first, second)
    answered(batch, "成功", "")

    answered(batch, "成功", "成功")

    batch.refresh_from_db()
    assert batch.status == "closed"
    assert list(BatchResult.objects.values_list("paid_count", "known_count")) == [(1, 1), (1, 0)]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"PK\x03\x04x", "付款编号,金额\n1,2".encode()]
)
def test_a_file_that_is_no_result_says_so(funds, content):
    batch = handed_out(approved())

    with pytest.raises(ResultUnreadableError):
        import_batch_result(batch=batch, content=content, file_name="r.csv", by=batch.made_by)


def test_an_account_changed_since_stops_the_batch(funds):
    leader = make_leader()
    batch = made(approved(leader))
    change_payee(leader=leader, bank="邮储银行", holder="王姐", account="6221881234567890")

    with pytest.raises(BatchRefusedError) as refusal:
        let_go(batch)

    assert refusal.value.data["reason"] == "payee_cooling"


def test_an_empty_batch_and_an_unknown_layout_are_refused(funds):
    clerk = make_user(is_staff=True)
    with pytest.raises(BatchRefusedError):
        make_batch(statements=[], plan=PLAN, by=clerk)
    with pytest.raises(BatchRefusedError):
        made(plan=BatchPlan(layout="ccb", form="csv_utf8", purpose=""))


def test_the_banks_booking_stands_beside_its_batch_once(funds):
    batch = handed_out(approved())
    answered(batch, "成功")
    batch.refresh_from_db()
    line, other = (booking(minor) for minor in (-2_080, -2_081))

    [offered] = bookings_for(batch)
    with pytest.raises(BatchRefusedError):
        book_beside(batch=batch, key=other.pk)
    book_beside(batch=batch, key=offered.key)

    batch.refresh_from_db()
    line.refresh_from_db()
    assert line.bank_ref in batch.bank_line
    assert line.used_for == batch.batch_no
    assert bookings_for(batch) == []


def booking(minor: int) -> BankLine:
    """A booking on our bank account, out of one imported statement."""
    statement, _made = BankStatement.objects.get_or_create(
        sha256="0" * 64,
        defaults={"bank_account": "main", "size": 1, "imported_by": "anna", "imported_at": now()},
    )
    return BankLine.objects.create(
        statement=statement,
        bank_account="main",
        bank_ref=f"K{-minor}",
        day=business_date(),
        amount_minor=minor,
    )
