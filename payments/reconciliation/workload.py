"""What of reconciliation waits for a person: cases, and statements late or not what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet

from payments.kernel.clock import business_date
from payments.reconciliation.models import Bill
from payments.reconciliation.models import ReconciliationCase as Case
from payments.reconciliation.rules import is_past_noon


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What of reconciliation waits for a person, over all days."""

    open_cases: int
    second_person: int
    bad_bills: int
    late_bills: int


def workload() -> Workload:
    """Count cases that want a person, bills that are not what they say, and bills overdue at noon.

    A bad version counts until a later one could be read.
    """
    cases_of_state = dict(
        Case.objects.filter(state__in=[Case.State.OPEN, Case.State.PROPOSED])
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return Workload(
        open_cases=cases_of_state.get(Case.State.OPEN, 0),
        second_person=cases_of_state.get(Case.State.PROPOSED, 0),
        bad_bills=unreadable_bills().count(),
        late_bills=late_bills().count(),
    )


def unreadable_bills() -> QuerySet[Bill]:
    """Return bad versions of statements of which no later version could be read."""
    later = Bill.objects.filter(
        account_code=OuterRef("account_code"),
        merchant=OuterRef("merchant"),
        day=OuterRef("day"),
        kind=OuterRef("kind"),
        version__gt=OuterRef("version"),
        state__in=[*Bill.READ, Bill.State.BAD],
    )
    return Bill.objects.filter(state=Bill.State.BAD).exclude(Exists(later))


def late_bills() -> QuerySet[Bill]:
    """Return statements that never came and are a person's business by now."""
    newest = business_date() - timedelta(days=1 if is_past_noon() else 2)
    return Bill.objects.filter(state__in=Bill.WANTED, version=1, day__lte=newest)
