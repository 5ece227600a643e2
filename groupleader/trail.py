"""What the leaders' floor tells on the page of an order's money: commission, statement, payout."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext

from groupleader.models import CommissionAccrual, SettlementStatement
from payments.api import Chapter, Line


def of_order(order_no: str) -> Chapter | None:
    """Return who earns commission on an order, and the payouts it went into; None without any."""
    accruals = list(
        CommissionAccrual.objects.filter(terms__order_no=order_no)
        .select_related("terms", "leader", "statement")
        .prefetch_related("statement__payouts")
        .order_by("pk")
    )
    if not accruals:
        return None
    line_ids = {accrual.terms.line_id for accrual in accruals}
    statements = {a.statement.pk: a.statement for a in accruals if a.statement is not None}
    return Chapter(
        title=gettext("Commission and payout"),
        lines=[
            *(_earned(accrual) for accrual in accruals),
            *(line for statement in statements.values() for line in _paid(statement)),
        ],
        events=[
            f"{kind}:{line_id}:"
            for line_id in sorted(line_ids)
            for kind in ("commission", "commission_back")
        ],
        names={("2301", accrual.leader.ref): accrual.leader.name for accrual in accruals},
    )


def _earned(accrual: CommissionAccrual) -> Line:
    return Line(
        what=f"{accrual.leader.name} · {accrual.terms.title}",
        detail=accrual.get_status_display(),
        minor=accrual.amount_minor,
        url=reverse("admin:groupleader_commissionaccrual_change", args=[accrual.pk]),
    )


def _paid(statement: SettlementStatement) -> Iterator[Line]:
    page = reverse("admin:groupleader_settlementstatement_change", args=[statement.pk])
    yield Line(
        what=gettext("Statement %(number)s") % {"number": statement.statement_no},
        detail=f"{statement.get_status_display()} · {gettext('with her other orders')}",
        minor=statement.net_minor,
        url=page,
    )
    for payout in statement.payouts.all():
        yield Line(
            what=gettext("Payout %(number)s") % {"number": payout.transfer_no},
            detail=payout.get_status_display(),
            minor=payout.amount_minor,
            url=reverse("admin:payments_money", args=[payout.transfer_no]),
        )
