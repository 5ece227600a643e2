"""A decided case is paid: by the one door for money back, to everybody's part exactly."""

from __future__ import annotations

import structlog

from mall.aftersales.errors import AskedTooMuchError
from mall.aftersales.holding import let_window_go
from mall.aftersales.models import AfterSalesCase, CaseStep
from mall.aftersales.story import record, tell
from mall.aftersales.worth import given_of, left_of, stage_of, worth_of
from mall.fulfilment.collecting import after_refund
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment
from mall.ordering.returning import give_back
from payments.api import advance, now, refund_view

log = structlog.get_logger(__name__)
Status = AfterSalesCase.Status
What = CaseStep.What
_DONE = frozenset({"succeeded", "paid_by_hand"})


def pay(case: AfterSalesCase, order: OrderFulfilment) -> None:
    """Promise what was approved; in a transaction, the order locked.

    What nobody pays in money (all of it went to funders) is done at once. AskedTooMuchError where
    the line has changed since, so that it would be another amount.
    """
    line = LineFulfilment.objects.get(pk=case.line_id)
    worth = worth_of(order, line, given_of(case), bearer=case.bearer)
    if (worth.payer_minor, worth.value_minor) != (case.given_minor, case.value_minor):
        left = left_of(line)
        raise AskedTooMuchError(quantity=left.quantity, payer_minor=left.payer_minor)
    given = give_back(
        order,
        [worth.gone],
        key=case.case_no,
        why=LineBack.Why.CASE,
        stage=stage_of(order, bearer=case.bearer),
    )
    changes = {"refund_no": given.refund_no, "turn": AfterSalesCase.Turn.NOBODY, "due_at": None}
    advance(case, AfterSalesCase.EDGES, Status.REFUNDING, **changes)
    let_window_go(order)
    after_refund(order, key=f"case:{case.case_no}")
    tell(
        case,
        "decided",
        turn="approved",
        outcome="approved",
        text=case.decision_text,
        bearer=case.bearer,
        payer_minor=case.given_minor,
        value_minor=case.value_minor,
        cost_minor=case.cost_minor,
    )
    log.info("case.approved", case_no=case.case_no, minor=case.given_minor, bearer=case.bearer)
    if refund_view(given.refund_no).status in _DONE:
        mark_refunded(case)


def mark_refunded(case: AfterSalesCase) -> bool:
    """Note that the money arrived; again it changes nothing. In a transaction."""
    changes = {"refund_failed_at": None, "ended_at": now()}
    if not advance(case, AfterSalesCase.EDGES, Status.REFUNDED, **changes):
        return False
    record(case, What.REFUNDED, minor=case.given_minor)
    tell(case, "refunded", payer_minor=case.given_minor)
    return True


def mark_refund_failed(case: AfterSalesCase, *, code: str) -> bool:
    """Note that the bank refused the refund: finance tries again or pays by hand."""
    rows = AfterSalesCase.objects.filter(pk=case.pk, status=Status.REFUNDING, refund_failed_at=None)
    if not rows.update(refund_failed_at=now()):
        return False
    record(case, What.REFUND_FAILED, note=code)
    return True
