"""What somebody writes into the tables by hand is found: each break by the rule it breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from groupleader import guard_checks, invariants
from groupleader.guard_checks import GUARDS
from groupleader.services.deducting import charge_case
from groupleader.services.payees import NewAccount, change_own_payee
from groupleader.services.tax_reports import issue_report
from payments.api import balance, now, travelling
from tests.funds import put_in_own_funds
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.paying import answered, approved, broken_rules, handed_out

pytestmark = pytest.mark.django_db

STATEMENT = "UPDATE groupleader_settlementstatement"
BREAKS = [
    ("C6", "UPDATE groupleader_payout SET amount_minor = amount_minor + 1"),
    ("C7", "UPDATE groupleader_payout SET status = 'failed'"),
    ("C7", f"{STATEMENT} SET status = 'failed'"),
    ("L7", f"{STATEMENT} SET status = 'approved'"),
    ("C8", f"{STATEMENT} SET approved_by_id = NULL"),
    ("C3", "UPDATE groupleader_commissionaccrual SET status = 'in_statement'"),
    ("C2", "UPDATE groupleader_commissionaccrual SET earned_minor = earned_minor + 100"),
    ("C9", f"{STATEMENT} SET tax_minor = tax_minor + 1, net_minor = net_minor - 1"),
    ("C5", f"{STATEMENT} SET deductions_minor = deductions_minor + 1, net_minor = net_minor - 1"),
    ("C5", "UPDATE groupleader_deduction SET amount_minor = amount_minor - 1"),
    ("C6", "UPDATE groupleader_payoutbatch SET total_minor = total_minor + 1"),
    ("C8", "DELETE FROM groupleader_payoutbatchdownload"),
    ("C7", "UPDATE groupleader_batchanswer SET outcome = 'failed'"),
    ("C8", "UPDATE groupleader_leader SET payee_account_sealed = 'another'"),
    ("C9", "UPDATE groupleader_taxreportrow SET name = 'another'"),
    ("L7", "DELETE FROM groupleader_supplierdue WHERE statement_id IS NULL"),
    ("C3", "UPDATE groupleader_commissionaccrual SET statement_id = NULL, status = 'available'"),
]


@pytest.fixture
def settled() -> None:
    """A statement that was paid by a file, less a deduction, and told to the tax office."""
    put_in_own_funds()
    with travelling(now() - timedelta(days=200)):
        leader = make_leader()
        change_own_payee(
            leader=leader,
            new=NewAccount(bank="邮储银行", holder="王姐", account="6222 0212 3456 7890 128"),
            by=leader.user,
        )
        type(leader).objects.update(payee_changed_at=None)
        charge_case(leader=leader, case_no="K1", order_no="M1", amount_minor=500)
        answered(handed_out(approved(leader, 3_000_000)), "成功")
        at = now()
    quarter = f"{at:%Y}-Q{(at.month + 2) // 3}"
    issue_report(quarter=quarter, by=make_user("财务", is_staff=True))
    assert broken_rules() == []


def rules_broken() -> set[str]:
    """The codes of the rules that find something."""
    return {result.name.split()[0] for result in invariants.check() if list(result.violations)}


def unguarded() -> None:
    """Take the guards away, as somebody with the database's password could."""
    tables = {
        "statement": "settlementstatement",
        "accrual": "commissionaccrual",
    }
    with connection.cursor() as cursor:
        for name in GUARDS:
            which = name.split("_")[1]
            on = f" ON groupleader_{tables.get(which, which)}"
            cursor.execute(f"DROP TRIGGER {name}{on if connection.vendor != 'sqlite' else ''}")


def test_each_break_is_found(settled, monkeypatch):
    found = {}
    with transaction.atomic():
        unguarded()
        assert "C3" in rules_broken()
        monkeypatch.setattr(guard_checks, "GUARDS", frozenset())
        assert balance("2301") == 0
        for rule, sql in BREAKS:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
                assert cursor.rowcount > 0, sql
                found[sql] = (rule, rules_broken())
                transaction.set_rollback(True)
        transaction.set_rollback(True)

    assert {sql: seen for sql, (rule, seen) in found.items() if rule not in seen} == {}
