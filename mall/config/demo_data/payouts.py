"""Suppliers paid in the demo: one whose bank refused, and a batch that waits for its checker."""

from __future__ import annotations

from groupleader.models import SettlementStatement
from groupleader.services.batches import BatchPlan, make_batch
from groupleader.services.leaders import change_payee
from groupleader.services.payouts import pay_statement
from groupleader.services.statements import approve_statement, confirm_statement
from mall.accounts.models import User
from payments.api import LinliError, deliver_pending, refresh_transfer

# The sandbox acquirer refuses accounts that end like this.
_REFUSED = "1202 0226 0990 0040 404"
_GOOD = "1202 0226 0990 0041 28"


def pay_suppliers(*, admin: User, finance: User) -> None:
    """Approve suppliers' statements; one payment fails, the others go into a batch file."""
    rows = SettlementStatement.objects.filter(supplier__isnull=False, status="issued")
    statements = list(rows.select_related("supplier").order_by("pk"))
    ready = [row for row in statements if _is_approved(row, admin=admin, finance=finance)]
    for number, statement in enumerate(ready):
        account = _REFUSED if number == 0 else _GOOD
        party = statement.party
        if not party.has_payee:
            change_payee(leader=party, bank="农村商业银行", holder=party.name, account=account)
    if ready:
        payout = pay_statement(statement=ready[0])
        refresh_transfer(payout.transfer_no)
        deliver_pending(100)
    if len(ready) > 1:
        plan = BatchPlan(layout="generic", form="csv_gbk", purpose="货款")
        make_batch(statements=ready[1:], plan=plan, by=admin)


def _is_approved(statement: SettlementStatement, *, admin: User, finance: User) -> bool:
    """Let a statement be agreed to by silence and approved, above the limit by two."""
    try:
        confirm_statement(statement=statement)
        if not approve_statement(statement=statement, by=admin):
            approve_statement(statement=statement, by=finance)
    except LinliError:
        return False
    statement.refresh_from_db()
    return statement.status == SettlementStatement.Status.APPROVED
