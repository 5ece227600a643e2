"""What cases do when the small bank or an order tells a fact."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import F

from mall.aftersales.asking import give_count_back
from mall.aftersales.holding import let_window_go
from mall.aftersales.models import AfterSalesCase, CaseStep
from mall.aftersales.paying import mark_refund_failed, mark_refunded
from mall.aftersales.story import record
from mall.ordering.models import LineFulfilment
from mall.ordering.paying import locked_order
from payments.api import advance, now, subscribe

_CONSUMER: Final = "aftersales"


def listen() -> None:
    """Subscribe to what concerns cases."""
    subscribe("refund.succeeded", f"{_CONSUMER}.refund_succeeded", refund_succeeded)
    subscribe("refund.failed", f"{_CONSUMER}.refund_failed", refund_failed)
    subscribe("order.refunded", f"{_CONSUMER}.order_refunded", went_back)
    subscribe("line.refunded", f"{_CONSUMER}.line_refunded", went_back)


def refund_succeeded(payload: dict[str, Any]) -> None:
    """Close the case whose money arrived."""
    case = _case_of(payload["refund_no"])
    if case is not None:
        mark_refunded(case)


def refund_failed(payload: dict[str, Any]) -> None:
    """Show on the case that the bank refused; the refund stays finance's to settle."""
    case = _case_of(payload["refund_no"])
    if case is not None:
        mark_refund_failed(case, code=payload["code"])


def went_back(payload: dict[str, Any]) -> None:
    """End open cases about lines of which nothing is left to give back."""
    empty = LineFulfilment.objects.filter(
        order__order_no=payload["order_no"], refunded_minor__gte=F("value_minor")
    )
    cases = AfterSalesCase.objects.filter(line__in=empty, status__in=AfterSalesCase.OPEN)
    if not cases.exists():
        return
    order = locked_order(payload["order_no"])
    for case in cases.select_related("order").order_by("pk"):
        give_count_back(case)
        changes = {
            "turn": AfterSalesCase.Turn.NOBODY,
            "due_at": None,
            "ended_at": now(),
            "counted_on": None,
        }
        if advance(case, AfterSalesCase.EDGES, AfterSalesCase.Status.CANCELLED, **changes):
            record(case, CaseStep.What.OVERTAKEN)
    let_window_go(order)


def _case_of(refund_no: str) -> AfterSalesCase | None:
    return AfterSalesCase.objects.select_related("order").filter(refund_no=refund_no).first()
