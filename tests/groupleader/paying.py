"""Statements ready to be paid, batches, and what a bank's result file looks like."""

from __future__ import annotations

from typing import Any

from groupleader import invariants
from groupleader.models import Leader, PayoutBatch, SettlementStatement
from groupleader.payout_jobs import carry_out_answers
from groupleader.services.batch_results import import_batch_result
from groupleader.services.batches import (
    BatchPlan,
    approve_batch,
    download_batch,
    make_batch,
)
from groupleader.services.statements import approve_statement, confirm_statement
from payments.api import Money, deliver_pending
from tests.groupleader.making import make_leader, make_statement, make_user

PLAN = BatchPlan(layout="generic", form="csv_utf8", purpose="11月佣金")
HEADINGS = "批次号,付款编号,收款账号,金额,状态,原因,银行流水号"


def approved(leader: Leader | None = None, value: int = 20_800) -> SettlementStatement:
    """A statement that is ready to be paid."""
    leader = leader or make_leader()
    statement = make_statement(leader, value)
    confirm_statement(statement=statement, by=leader.user)
    assert approve_statement(statement=statement, by=make_user("财务", is_staff=True))
    return statement


def made(*statements: SettlementStatement, plan: BatchPlan = PLAN, by: Any = None) -> PayoutBatch:
    """A batch that waits for its second person."""
    return make_batch(
        statements=statements or (approved(),), plan=plan, by=by or make_user("制单", is_staff=True)
    )


def let_go(batch: PayoutBatch, by: Any = None) -> PayoutBatch:
    """The second person approves what she saw."""
    return approve_batch(
        batch=batch,
        by=by or make_user("复核", is_staff=True),
        total_minor=batch.total_minor,
        count=batch.count,
    )


def handed_out(*statements: SettlementStatement, plan: BatchPlan = PLAN) -> PayoutBatch:
    """A batch whose file somebody carried to the bank."""
    batch = let_go(made(*statements, plan=plan))
    download_batch(batch=batch, by=make_user("出纳", is_staff=True))
    return batch


def result_of(batch: PayoutBatch, *states: str, **changes: str) -> bytes:
    """The bank's answer, a state for each row of the batch in its order; "" leaves the row out."""
    lines = [HEADINGS]
    for payout, state in zip(batch.payouts.order_by("row_no"), states, strict=True):
        word, _sep, reason = state.partition(":")
        if word:
            amount = changes.get("amount", Money(payout.amount_minor).to_major_str())
            account = changes.get("account", f"****{payout.payee_masked[-4:]}")
            number = changes.get("number", payout.transfer_no)
            batch_no = changes.get("batch_no", batch.batch_no)
            lines.append(f"{batch_no},{number},{account},{amount},{word},{reason},R{payout.row_no}")
    return "\r\n".join(lines).encode("gbk")


def answered(batch: PayoutBatch, *states: str) -> None:
    """Bring the bank's answer and let it be carried out."""
    import_batch_result(
        batch=batch,
        content=result_of(batch, *states),
        file_name="result.csv",
        by=make_user("出纳", is_staff=True),
    )
    carry_out_answers(500)
    deliver_pending()
    carry_out_answers(500)


def broken_rules() -> list[str]:
    """What the rules of leaders' money find wrong."""
    return [str(v) for result in invariants.check() for v in result.violations]
