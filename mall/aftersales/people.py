"""Who may act on a case, and as whom."""

from __future__ import annotations

from typing import Final

from mall.accounts.models import User
from mall.aftersales.errors import CaseGoneError, NotYourTurnError
from mall.aftersales.models import AfterSalesCase, Role
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import locked_order

Turn = AfterSalesCase.Turn
DECIDE: Final = "aftersales.decide_aftersalescase"
CONFIRM: Final = "aftersales.confirm_aftersalescase"
COMPENSATE: Final = "aftersales.compensate_aftersalescase"
# The mall may take a case over from a leader at any time, never an offer she is thinking about.
_TURNS: Final = {Role.LEADER: (Turn.LEADER,), Role.MALL: (Turn.LEADER, Turn.MALL)}


def locked_case(case_no: str, *, by: User, role: str) -> tuple[AfterSalesCase, OrderFulfilment]:
    """Return a case with its order locked, the first lock of every path.

    CaseGoneError for a number that is nobody's, or not this person's in this role.
    """
    rows = AfterSalesCase.objects.filter(case_no=case_no)
    order_no = rows.values_list("order__order_no", flat=True).first()
    if order_no is None:
        raise CaseGoneError(case_no=case_no)
    order = locked_order(order_no)
    # Read after the lock: whoever was faster has written.
    case = rows.select_related("order", "line", "reason").get()
    if not may_see(case, by=by, role=role):
        raise CaseGoneError(case_no=case_no)
    return case, order


def may_see(case: AfterSalesCase, *, by: User, role: str) -> bool:
    """Tell whether a case is this person's in this role."""
    if role == Role.RESIDENT:
        return case.resident_id == by.pk
    if role == Role.LEADER:
        return case.leader_id == by.pk
    return role == Role.MALL and by.is_active and by.is_staff


def require_turn(case: AfterSalesCase, *, by: User, role: str) -> None:
    """Refuse whoever may not decide the case now, and everybody in her own case.

    NotYourTurnError; CaseGoneError for staff without the right to decide.
    """
    if role == Role.MALL and not by.has_perm(DECIDE):
        raise CaseGoneError(case_no=case.case_no)
    is_open = case.status == AfterSalesCase.Status.REQUESTED
    if not is_open or case.turn not in _TURNS[Role(role)] or by.pk == case.resident_id:
        raise NotYourTurnError(status=case.status)
