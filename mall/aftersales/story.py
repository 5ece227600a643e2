"""Writing a case's story: each step in the transaction that makes it true, and telling of it."""

from __future__ import annotations

from typing import Any

from mall.accounts.models import User
from mall.aftersales.models import AfterSalesCase, CaseStep, Role
from payments.api import now, publish

What = CaseStep.What


def record(
    case: AfterSalesCase,
    what: str,
    *,
    role: str = Role.CLOCK,
    by: User | None = None,
    minor: int | None = None,
    note: str = "",
) -> CaseStep:
    """Add a step; in the transaction that makes it true."""
    return CaseStep.objects.create(
        case=case, what=what, role=role, actor=by, minor=minor, note=note[:300], at=now()
    )


def tell(case: AfterSalesCase, what: str, *, turn: int | str = 1, **more: Any) -> None:
    """Publish case.<what>; in the transaction that makes it true.

    Payload: case_no, order_no, line_id, resident_id, leader_id, supplier_id, turn (whose), at, and
    what the step adds (fen under names ending in _minor).
    """
    publish(
        f"case.{what}",
        key=f"case.{what}:{case.case_no}:{turn}",
        aggregate=case.order.order_no,
        payload={
            "case_no": case.case_no,
            "order_no": case.order.order_no,
            "line_id": case.line_id,
            "resident_id": case.resident_id,
            "leader_id": case.leader_id,
            "supplier_id": case.supplier_id,
            "turn": case.turn,
            "at": now().isoformat(),
            **more,
        },
    )
