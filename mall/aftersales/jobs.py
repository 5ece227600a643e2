"""What cases do by the clock: a leader's silence passes a case on, an offer does not last."""

from __future__ import annotations

from mall.aftersales.deciding import to_the_mall
from mall.aftersales.models import AfterSalesCase, CaseStep
from mall.aftersales.story import record
from mall.ordering.paying import locked_order
from payments.api import each, now, transact

Passed = AfterSalesCase.Passed
Turn = AfterSalesCase.Turn
_BECAUSE = {Turn.LEADER: Passed.SILENCE, Turn.RESIDENT: Passed.LAPSED}


def escalate_due(limit: int = 100) -> dict[str, int]:
    """Pass cases on to the mall that a leader, or a resident with an offer, left unanswered."""
    due = AfterSalesCase.objects.filter(
        status=AfterSalesCase.Status.REQUESTED, turn__in=_BECAUSE, due_at__lte=now()
    )
    found = due.order_by("due_at", "pk").values_list("pk", flat=True)
    return dict(each(found, _pass_on, limit=limit, done="passed_on"))


@transact()
def _pass_on(pk: int) -> bool:
    locked_order(AfterSalesCase.objects.select_related("order").get(pk=pk).order.order_no)
    case = AfterSalesCase.objects.select_related("order").get(pk=pk)
    is_due = case.due_at is not None and case.due_at <= now()
    if case.status != AfterSalesCase.Status.REQUESTED or case.turn not in _BECAUSE or not is_due:
        return False
    because = _BECAUSE[Turn(case.turn)]
    record(case, CaseStep.What.PASSED, note=str(because.label))
    to_the_mall(case, because=because)
    return True
