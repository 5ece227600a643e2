"""A day at the paper bank with differences, and the people who work on it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission

from mall.accounts.models import User
from payments.models import Payment
from payments.reconciliation.models import ReconciliationCase
from tests.payments.reconciliation.paperbank import Desk, Line, noon
from tests.payments.reconciliation.takings import (
    DAY,
    jobs_until_quiet,
    line_of,
    next_noon,
    paid,
)

VIEW = ("view_bill", "view_reconciliationcase")


def clerk(name: str, *permissions: str) -> User:
    """Somebody of the staff who may do this and nothing else."""
    person = User.objects.create_user(username=name, password="x" * 12, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return person


def cashier(name: str = "xiaomei") -> User:
    """Somebody who proposes."""
    return clerk(name, *VIEW, "change_reconciliationcase", "change_bill")


def second(name: str = "laowang") -> User:
    """Somebody who decides."""
    return clerk(name, *VIEW, "decide_reconciliationcase")


def a_day(bank: Desk, time_machine: Any, *, orphans: int = 1) -> Payment:
    """Two payments, of which the bill says one wrong, and lines nobody knows; return the wrong."""
    time_machine.move_to(noon(DAY))
    good, wrong = paid("ORDER1"), paid("ORDER2")
    strange = [Line("pay", f"PSTRANGE{n}", 500, 2, at=noon(DAY)) for n in range(orphans)]
    bank.issue(DAY, "trade", [line_of(good), line_of(wrong, amount=19100), *strange])
    next_noon(time_machine)
    jobs_until_quiet(time_machine)
    return wrong


def the_orphan() -> ReconciliationCase:
    """The case about the first line nobody knows."""
    return ReconciliationCase.objects.get(own_no="PSTRANGE0")
