"""Cases as their people may see them; every question starts from the person."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from mall.accounts.models import User
from mall.aftersales.errors import CaseGoneError
from mall.aftersales.models import AfterSalesCase

Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn


def has_open_case(order_pk: int) -> bool:
    """Tell whether a case of an order is still to be decided."""
    cases = AfterSalesCase.objects.filter(order=order_pk, status__in=AfterSalesCase.OPEN)
    return cases.exists()


def cases_of_resident(resident_id: int) -> QuerySet[AfterSalesCase]:
    """Return a resident's cases, those that wait for her first, then the newest."""
    hers = Case(
        When(status=Status.REQUESTED, turn=Turn.RESIDENT, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    rows = _with_goods(AfterSalesCase.objects.filter(resident=resident_id))
    return rows.order_by(hers, "-opened_at", "-pk")


def case_of_resident(case_no: str, *, resident_id: int) -> AfterSalesCase:
    """Return a resident's own case; CaseGoneError for anybody else's."""
    return _one(AfterSalesCase.objects.filter(resident=resident_id), case_no)


def cases_of_leader(leader_id: int, *, show: str | None = "") -> QuerySet[AfterSalesCase]:
    """Return the cases of a leader's orders, the most urgent first.

    ``show``: "" for those she decides now, "others" for those others decide, "done" for the rest,
    None for all of them.
    """
    rows = _with_goods(AfterSalesCase.objects.filter(leader=leader_id))
    if show is None:
        return rows.order_by("-opened_at", "-pk")
    hers = Q(status=Status.REQUESTED, turn=Turn.LEADER)
    if show == "done":
        return rows.exclude(status__in=AfterSalesCase.OPEN).order_by("-ended_at", "-pk")
    if show == "others":
        rows = rows.filter(status__in=AfterSalesCase.OPEN).exclude(hers)
    else:
        rows = rows.filter(hers)
    return rows.order_by("due_at", "pk")


def case_of_leader(case_no: str, *, leader_id: int) -> AfterSalesCase:
    """Return a case of a leader's orders; CaseGoneError for anybody else's."""
    return _one(AfterSalesCase.objects.filter(leader=leader_id), case_no)


def counts_of_leader(leader_id: int) -> dict[str, int]:
    """Return how many cases a leader has to decide, and how many others decide now."""
    hers = Q(turn=Turn.LEADER, status=Status.REQUESTED)
    rows = AfterSalesCase.objects.filter(leader=leader_id, status__in=AfterSalesCase.OPEN)
    return rows.aggregate(own=Count("pk", filter=hers), others=Count("pk", filter=~hers))


def open_cases_by_resident(leader_id: int, resident_ids: Collection[int]) -> dict[int, int]:
    """Return how many cases of a leader's orders are open, by resident: one query."""
    rows = AfterSalesCase.objects.filter(
        leader=leader_id, resident__in=resident_ids, status__in=AfterSalesCase.OPEN
    )
    counted = rows.order_by().values_list("resident_id").annotate(n=Count("pk"))
    return dict(counted)


def cases_by_line(order_pk: int) -> dict[int, AfterSalesCase]:
    """Return the newest case of each line of an order."""
    rows = AfterSalesCase.objects.filter(order=order_pk).order_by("pk")
    return {case.line_id: case for case in rows}


def to_answer(user: User) -> int:
    """Count the offers a resident has to answer."""
    rows = AfterSalesCase.objects.filter(resident=user.pk, status=Status.REQUESTED)
    return rows.filter(turn=Turn.RESIDENT).count()


def _one(rows: QuerySet[AfterSalesCase], case_no: str) -> AfterSalesCase:
    case = _with_goods(rows).filter(case_no=case_no).first()
    if case is None:
        raise CaseGoneError(case_no=case_no)
    return case


def _with_goods(rows: QuerySet[AfterSalesCase]) -> QuerySet[AfterSalesCase]:
    return rows.select_related(
        "order__group_buy", "line__product__extra", "reason", "supplier", "leader", "resident"
    )
