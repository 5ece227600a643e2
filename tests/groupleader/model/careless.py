"""Leaders' money as careless shops run it: each takes one care away, for as long as it lasts.

Only the negative controls use them: months that find nothing wrong with these prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupleader.models import CommissionAccrual, SettlementStatement
from groupleader.services import accruals, deducting, issuing, payouts
from groupleader.services.payouts import record_failed
from groupleader.services.taxes import TaxRegime, compute_tax
from payments.api import TransferView, business_date, now

Patch = Callable[[object, str, Any], None]


def a_closed_statement_is_forgotten(patch: Patch) -> None:
    """What goes back after a statement is out costs nobody her commission."""
    patch(accruals, "_claw_back", lambda *_args, **_facts: False)


def no_answer_is_a_no(patch: Patch) -> None:
    """A transfer without an answer counts as failed, and is paid again."""
    note = payouts.record_progress

    def record_progress(transfer: TransferView) -> None:
        if transfer.status == "unknown":
            why = {"code": "timeout", "message": "no answer", "at": now()}
            record_failed(transfer_no=transfer.transfer_no, **why)
        else:
            note(transfer)

    patch(payouts, "record_progress", record_progress)


def tax_is_counted_line_by_line(patch: Patch) -> None:
    """Every line is taxed as if it were all she earned this year."""

    def tax(statement: SettlementStatement, _gross_minor: int, *, at: Any) -> int:
        how = {"regime": TaxRegime(statement.tax_regime), "day": business_date(at)}
        lines = CommissionAccrual.objects.filter(statement=statement, amount_minor__gt=0)
        return sum(compute_tax(each.amount_minor, **how) for each in lines)

    patch(issuing, "_tax", tax)


def a_deduction_is_taken_or_lost(patch: Patch) -> None:
    """What fits a statement only in part is written off."""
    take = deducting._take

    def lose(deduction: Any, statement: SettlementStatement, room_minor: int) -> int:
        if deduction.amount_minor > room_minor:
            rows = type(deduction).objects.filter(pk=deduction.pk)
            rows.update(amount_minor=room_minor, whole_minor=room_minor)
            deduction.refresh_from_db()
        return take(deduction, statement, room_minor)

    patch(deducting, "_take", lose)


def a_new_account_is_paid_at_once(patch: Patch) -> None:
    """Whoever changed the account has the money today."""
    patch(payouts, "is_cooling", lambda _party: False)


CARELESS = (
    a_closed_statement_is_forgotten,
    no_answer_is_a_no,
    tax_is_counted_line_by_line,
    a_deduction_is_taken_or_lost,
    a_new_account_is_paid_at_once,
)
